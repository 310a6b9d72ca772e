"""Expressions that are no good, as a formula and as a function: rows 83 to 88 of the catalogue."""

import json

import pytest

from tests.bad_input.cases import Case, Send, check, job, settings_body, settings_field, table
from tests.support.jobs import submit
from tests.support.processes import Stack

NONE = {
    "83-import": "__import__('os').system('id')",
    "83-open": "open('/etc/passwd').read()",
    "83-exec": 'exec("1")',
    "83-eval": "a + eval(b)",
    "84-classes": "().__class__.__bases__[0].__subclasses__()",
    "84-attribute": "a.T",
    "84-array": "a.__array_interface__",
    "84-subscript": "a[0]",
    "85-lambda": "lambda: 1",
    "85-list": "[i for i in a]",
    "85-walrus": "(a:=1)",
    "85-f-string": "f'{a.__class__}'",
    "85-choice": "a if b else c",
    "85-string": "'a'*10**9",
    "87-signs": "-" * 3000 + "1",
    "87-tower": "1" + "**1" * 160,
    "87-parentheses": "(" * 400,
    "87-long": "a" * 400_000,
    "87-NUL": "a\0+b",
    "87-newline": "a +\n1",
    "87-comment": "a #b",
    "87-full-width": "\uff45xp(a)",
    "88-keyword": "sin(a,out=b)",
    "88-starred": "sin(*a)",
    "88-no-argument": "sin()",
    "88-two-arguments": "sin(a,a)",
    "88-unknown": "sine(a)",
    "88-function": "sin + a",
    "88-True": "a + True",
    "88-empty": "",
    "88-open-backtick": "a*`b",
    "88-nothing-in-backticks": "a*``",
    "88-quotes": 'a*"b c"',
}


CSV = "a,b,e,y\n" + "".join(f"{k},{k * k},{k % 3},{2 * k}\n" for k in range(20))


def formula(expression: str) -> Send:
    """A job over columns a and b."""
    model = {"name": "formula", "expression": expression}
    return settings_field(json.dumps({"target": "y", "model": model, "initial": {"p": 1}}))


def function(expression: str) -> Send:
    """A job of variables a and b."""
    return settings_body(json.dumps({"function": {"expression": expression}, "initial": {"a": 1, "b": 1}}))


WAYS = {"formula": formula, "function": function}


@table(
    Case(f"{name}-{way}", send(text), 422, "invalid_expression")
    for name, text in NONE.items()
    for way, send in WAYS.items()
)
def test_what_is_no_expression(running: Stack, case: Case) -> None:
    """Refused where it stands, without a word of Python's about it."""
    refusal = json.loads(check(running, case).text)
    place = "/model/expression" if case.id.endswith("formula") else "/function/expression"
    assert [one["pointer"] for one in refusal["errors"]] == [place]
    assert len(refusal["detail"]) < 400


def test_88_a_function_has_no_columns_for_backticks(running: Stack) -> None:
    refusal = json.loads(check(running, Case("88", function("a + `b`"), 422, "invalid_expression")).text)
    assert refusal["errors"][0]["detail"].startswith("At character 5: There are no columns")


@pytest.mark.parametrize("text", ["9**9**9", "2**2**2**2**2**2", "exp(exp(exp(100)))"], ids=["86-9", "86-2", "86-exp"])
def test_a_number_beyond_float64_costs_nothing(running: Stack, text: str) -> None:
    """It is infinite: a start that is refused, or a job that fails with the first row."""
    check(running, Case("86", function(f"a + b + {text}"), 422, "invalid_settings"))
    model = {"name": "formula", "expression": f"p*a + {text}"}
    failed = submit(running.base, {"model": model, "initial": {"p": 1}}, wait=30)
    assert (failed["state"], failed["error"]["code"]) == ("failed", "invalid_settings")
    assert failed["error"]["detail"].startswith("Row 1 (a = ")


NAMES = {
    "88-target": ("p*a + y", {}, "/model/expression", "invalid_settings"),
    "88-no-column": ("p + q", {"p": 1, "q": 1}, "/model/expression", "unknown_column"),
    "88-no-parameter": ("a*b", {}, "/model/expression", "invalid_settings"),
    "88-without-a-value": ("p*a + q", {"p": 1}, "/initial", "missing_parameter"),
    "88-value-of-a-column": ("p*a", {"p": 1, "a": 1}, "/initial/a", "unknown_parameter"),
    "88-value-of-another": ("p*a", {"p": 1, "__class__": 1}, "/initial/__class__", "unknown_parameter"),
    "88-backticks": ("p*`A` + a", {"p": 1}, "/model/expression", "unknown_column"),
    "88-value-of-a-quoted-column": ("p*`a`", {"p": 1, "`a`": 1}, "/initial/`a`", "unknown_parameter"),
    "88-constant": ("p*a + e", {"p": 1}, "/model/expression", "ambiguous_name"),
}


@pytest.mark.parametrize("name", NAMES)
def test_names_of_a_formula_that_do_not_fit_the_columns(running: Stack, name: str) -> None:
    expression, initial, pointer, code = NAMES[name]
    model = {"name": "formula", "expression": expression}
    text = json.dumps({"target": "y", "model": model, "initial": initial or {"p": 1}})
    refusal = json.loads(check(running, Case(name, job(CSV, text), 422, code)).text)
    assert pointer in [one["pointer"] for one in refusal["errors"]]
