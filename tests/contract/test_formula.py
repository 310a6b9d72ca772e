"""Formulas before they run: which names are columns, which parameters, and what a formula cannot have."""

from typing import Any

import pytest

from tests.support.columns import check, dataset, number, refused, text

GIVEN = dataset(number("x"), number("u"), text("colour", "blue", "red"), number("y", 0, 9.5))
DECAY = {"name": "formula", "expression": "a*exp(-b*x) + c"}
PLAIN: dict[str, Any] = {"target": "y", "model": DECAY, "initial": {"a": 1, "b": 0.5, "c": 0}}


def formula(expression: str) -> dict[str, Any]:
    return {"model": {"name": "formula", "expression": expression}}


def test_what_is_not_said() -> None:
    """Only the columns that it names are features, and the others are no warning."""
    checked = check(GIVEN, **PLAIN)
    assert (checked.settings.features, checked.settings.loss) == (["x"], {"name": "squared"})
    assert (checked.settings.max_iterations, checked.warnings) == (10_000, [])
    both = check(GIVEN, **PLAIN | formula("c*u + b*x + a"), features=["x", "u"]).settings
    assert both.features == ["u", "x"]


WRONG: list[tuple[str, dict[str, Any], str, str, str]] = [
    ("syntax", formula("a*exp("), "/model/expression", "invalid_expression", "At character 7"),
    ("empty", formula(""), "/model/expression", "invalid_expression", "nothing to compute"),
    ("code", formula("a.b*x"), "/model/expression", "invalid_expression", "At character 2"),
    ("a-number", {"model": {"name": "formula", "expression": 1}}, "/model/expression", "wrong_type", "a string"),
    ("none", {"model": "formula"}, "/model/expression", "missing_field", "required"),
    ("text", formula("a*colour + b*c"), "/model/expression", "invalid_settings", "'colour' holds text"),
    ("target", formula("a*y + b*x + c"), "/model/expression", "invalid_settings", "'y' is the target"),
    ("no-column", formula("a + b + c"), "/model/expression", "unknown_column", "there are: x, u, colour"),
    ("no-parameter", {**formula("x*u"), "initial": {}}, "/model/expression", "invalid_settings", "nothing to fit"),
    (
        "quoted",
        formula("a*x + b + c*`X`"),
        "/model/expression",
        "unknown_column",
        "At character 13: There is no column",
    ),
    ("near", formula("a*x + b + c*`colur`"), "/model/expression", "unknown_column", "Did you mean 'colour'?"),
    ("only-quoted", formula("a + b + c*`z`"), "/model/expression", "unknown_column", "no column 'z'; there are: x, u"),
    ("quoted-text", formula("a*`colour` + b*c"), "/model/expression", "invalid_settings", "'colour' holds text"),
    ("quoted-target", formula("a*`y` + b*x + c"), "/model/expression", "invalid_settings", "'y' is the target"),
    ("open-quote", formula("a*`x + b*c"), "/model/expression", "invalid_expression", "At character 3"),
    ("missing", {"initial": {"a": 1, "c": 1}}, "/initial", "missing_parameter", "No value for b; give one for each"),
    ("unknown", {"initial": {"a": 1, "b": 1, "c": 1, "d": 1}}, "/initial/d", "unknown_parameter", "a, b, c"),
    ("a-column", {"initial": {"a": 1, "b": 1, "c": 1, "x": 1}}, "/initial/x", "unknown_parameter", "no parameter 'x'"),
    ("not-a-number", {"initial": {"a": "1", "b": 1, "c": 1}}, "/initial/a", "wrong_type", "JSON number"),
    ("zeros", {"initial": "zeros"}, "/initial", "missing_field", "a number for each"),
    ("auto", {"initial": "auto"}, "/initial", "missing_field", "a number for each"),
    ("scaling", {"scaling": "minmax"}, "/scaling", "invalid_settings", "enter as they are"),
    ("divisor", {"scaling": {"divide_by": 255}}, "/scaling", "invalid_settings", "enter as they are"),
    ("intercept", {"intercept": False}, "/intercept", "invalid_settings", "leave intercept true"),
    ("features", {"features": ["x", "u"]}, "/features", "invalid_settings", "are those that it names: x"),
    ("excluded", {"exclude": ["x"]}, "/exclude/0", "invalid_settings", "names the column"),
    ("loss", {"loss": "hinge"}, "/loss", "invalid_settings", "does not fit the model 'formula'"),
    ("classes", {"class_weight": "balanced"}, "/class_weight", "invalid_settings", "has no classes"),
    ("batches", {"optimizer": "rprop", "batch_size": 8}, "/optimizer", "invalid_settings", "full batch"),
]


@pytest.mark.parametrize(("name", "given", "pointer", "code", "words"), WRONG, ids=[row[0] for row in WRONG])
def test_what_is_wrong_is_refused_where_it_stands(
    name: str, given: dict[str, Any], pointer: str, code: str, words: str
) -> None:
    """Each mistake is one place, with a word for machines and the cure, before anything is queued."""
    (place,) = refused(GIVEN, **PLAIN | given).errors
    assert (place.pointer, place.code or "invalid_settings") == (pointer, code), name
    assert words in place.detail


NAMED = dataset(number("e"), number("pi"), number("x"), number("y", 0, 9.5))


@pytest.mark.parametrize(("expression", "name", "place"), [("a*e", "e", 3), ("a*x + e**(b*pi) + e", "e", 7)])
def test_a_constant_that_is_a_column_too_is_refused(expression: str, name: str, place: int) -> None:
    """It would silently be the number; what would be meant is for the user to say."""
    errors = refused(NAMED, target="y", **formula(expression), initial={"a": 1, "b": 1}).errors
    (found,) = [one for one in errors if one.code == "ambiguous_name" and f"{name} is the constant" in one.detail]
    assert (found.pointer, found.detail.startswith(f"At character {place}: ")) == ("/model/expression", True)


def test_a_name_in_backticks_is_a_column_whatever_it_is() -> None:
    """Also beside the constant of that name, and beside itself without backticks."""
    given = dataset(number("engine size"), number("fl.area"), number("a`b"), number("sin"), number("x"), number("y"))
    whole = formula("a*`engine size` + `fl.area`/`a``b` + b*`sin` + x*`x`")
    checked = check(given, target="y", **whole, initial={"a": 1, "b": 1}).settings
    assert checked.features == ["engine size", "fl.area", "a`b", "sin", "x"]
    assert check(NAMED, target="y", **formula("a*`e` + b*`pi`"), initial={"a": 1, "b": 1}).settings.features == [
        "e",
        "pi",
    ]
    (error,) = refused(NAMED, target="y", **formula("a*`e` + b*e"), initial={"a": 1, "b": 1}).errors
    assert (error.code, "write `e` in backticks" in error.detail) == ("ambiguous_name", True)


def test_a_column_of_a_constants_name_may_stay_where_the_formula_has_neither() -> None:
    initial = {"a": 1, "b": 1}
    assert check(NAMED, target="y", **formula("a*x + b*exp(x)"), initial=initial).settings.features == ["x"]
    written = formula("a*x + b*2.718281828459045**x")
    assert check(NAMED, target="y", **written, initial=initial).settings.features == ["x"]
