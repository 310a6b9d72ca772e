"""Expressions: what may be written, what it is worth, and its exact gradient."""

import math
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import ExpressionError
from engine.expressions import constants, names, parse, quoted, value, value_and_gradient
from engine.operations import FUNCTIONS, OPERATORS

POINTS = {"x": np.array([0.3, 0.8, -0.6, 2.5]), "y": np.array([0.7, -0.2, 0.4, 1.5])}


def worth(text: str, **values: Any) -> Any:
    return value(parse(text), values)[()]


@pytest.mark.parametrize(
    "text",
    [
        *(
            "1 + 2 * 3",
            "2 * 3 + 1",
            "1 - 2 - 3",
            "8 / 4 / 2",
            "2 ** 3 ** 2",
            "(2 ** 3) ** 2",
            "-2 ** 2",
            "2 ** -2 ** 2",
        ),
        *(
            "-2 * 3",
            "2 * -3",
            "--2",
            "- 2 - -3",
            "2**-1*3",
            "(1 + 2) * 3",
            "1.5e3 + .5 + 2. + 1e-2",
            "((7))",
            "-(-(1))",
        ),
    ],
)
def test_an_expression_binds_as_in_python(text: str) -> None:
    assert worth(text) == eval(text)  # noqa: S307 - the texts above


@pytest.mark.parametrize("name", [name for name, kind in FUNCTIONS.items() if len(kind.partials) == 1])
def test_a_function_is_that_of_the_math_module(name: str) -> None:
    expected = abs(0.4) if name == "abs" else getattr(math, name)(0.4)
    assert worth(f"{name}(x)", x=0.4) == pytest.approx(expected, rel=1e-15)


def test_names_come_in_order_of_first_use_and_constants_are_none() -> None:
    assert names(parse("b*exp(-a*x) + b + pi - e + log(1)")) == ("b", "a", "x")


def test_constants_are_told_with_the_places_of_their_first_use() -> None:
    assert constants(parse("e*x + pi*e**-pi + exp(1e3)")) == (("e", 0), ("pi", 6))


def test_a_name_in_backticks_is_any_text() -> None:
    expression = parse("a*`engine size` + `fl.area`**`e` - `a``b` + `a`/`(` + `2 x`*`exp`")
    assert names(expression) == ("a", "engine size", "fl.area", "e", "a`b", "(", "2 x", "exp")
    assert quoted(expression)[:3] == (("engine size", 2), ("fl.area", 18), ("e", 29))
    assert dict(quoted(expression)).keys() == set(names(expression))
    assert constants(expression) == ()
    assert worth("-`engine size`**2", **{"engine size": 3.0}) == -9.0


def test_values_and_gradients_broadcast_over_columns() -> None:
    expression = parse("a*x + b")
    found, gradient = value_and_gradient(expression, {"a": 2.0, "b": 1.0, "x": np.arange(3.0)}, ["b", "a", "c"])
    np.testing.assert_array_equal(found, [1.0, 3.0, 5.0])
    np.testing.assert_array_equal(gradient, [[1.0, 1.0, 1.0], [0.0, 1.0, 2.0], [0.0, 0.0, 0.0]])
    alone, slope = value_and_gradient(expression, {"a": 2.0, "b": 1.0, "x": 3.0}, ["x"])
    assert (alone.shape, slope.shape, float(alone), slope.tolist()) == ((), (1,), 7.0, [2.0])


def test_a_result_has_a_row_for_each_row_even_where_no_variable_has() -> None:
    found, gradient = value_and_gradient(parse("a + 0"), {"a": 2.0, "x": np.arange(3.0)}, ["a"])
    assert (found.shape, gradient.shape) == ((3,), (1, 3))


SMOOTH = [
    *(f"x {operator} y" for operator in OPERATORS if operator != "**"),
    *("abs(x) ** y", "x ** 3", "x ** 2 * y - x", "2 ** x", "-x", "x ** -1", "x ** 0", "(x - y) ** 2 + x * x"),
    *(f"{name}(x)" for name in ("sin", "cos", "tan", "atan", "sinh", "cosh", "tanh", "exp", "abs")),
    *(f"{name}(0.1 + x * x)" for name in ("log", "log2", "log10", "sqrt")),
    *("asin(x / 3)", "acos(y / 3)", "minimum(x, y)", "maximum(x, y)", "maximum(x * x, exp(y)) / (1 + y ** 2)"),
]


@pytest.mark.parametrize("text", SMOOTH)
def test_the_gradient_is_that_of_central_differences(text: str) -> None:
    expression, step = parse(text), 1e-6
    _, gradient = value_and_gradient(expression, POINTS, ["x", "y"])
    for row, name in enumerate(POINTS):
        around = [value(expression, POINTS | {name: POINTS[name] + sign * step}) for sign in (1, -1)]
        np.testing.assert_allclose(gradient[row], (around[0] - around[1]) / (2 * step), rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize(
    ("text", "at", "expected"),
    [
        ("x ** 2", 0.0, 0.0),
        ("x ** 2", -3.0, -6.0),
        ("x ** 1", 0.0, 1.0),
        ("x ** 0", 0.0, 0.0),
        ("0 ** x", 2.0, 0.0),
        ("abs(x)", 0.0, 0.0),
        ("maximum(x, 0)", 0.0, 0.5),
        ("minimum(x, 2)", 3.0, 0.0),
        ("x + sqrt(0) * 5", 1.0, 1.0),
    ],
)
def test_a_gradient_at_a_corner_is_the_stated_one(text: str, at: float, expected: float) -> None:
    assert value_and_gradient(parse(text), {"x": at}, ["x"])[1].tolist() == [expected]


SATURATED = [
    *("1/(1 + exp(-x))", "minimum(exp(x), 1)", "tanh(exp(x))", "exp(-exp(x))", "log(1 + exp(-exp(x)))", "1/cosh(x)**2"),
    *(
        "exp(x)**(-y)",
        "(1/(1 + y**2))**exp(x)",
        "2**-exp(x)",
        "atan(exp(x))",
        "x*exp(-x**2)",
        "exp(maximum(-exp(x), -x))",
    ),
    *("exp(-1/x**2)", "atan(1/x**2)", "sqrt(x**2 + (y - 2)**2)", "1/(1 + (y/x)**2)", "exp(x - exp(x))", "(x**4)**0.25"),
    *("1/(1 + exp(-x)) + 1/(1 + exp(x))", "maximum(1, minimum(exp(x), 2))**y", "tanh(sinh(x)*y)"),
]


@pytest.mark.parametrize("text", SATURATED)
def test_a_gradient_is_finite_where_the_value_and_its_neighbours_are(text: str) -> None:
    """However far the parts of the expression are out of reach of float64: what is saturated has no share."""
    expression, x = parse(text), np.array([0.0, 1.0, -1.0, 30.0, -30.0, 800.0, -800.0, 1e200, -1e200])
    near = np.abs(x) * 1e-9 + 1e-9
    around = np.array([value(expression, {"x": x + shift, "y": 2.0}) for shift in (-near, 0.0, near)])
    settled = np.isfinite(around).all(axis=0)
    assert settled.sum() >= 4
    _, columns = value_and_gradient(expression, {"x": x, "y": 2.0}, ["x", "y"])
    alone = [value_and_gradient(expression, {"x": float(one), "y": 2.0}, ["x", "y"])[1] for one in x]
    np.testing.assert_array_equal(columns, np.transpose(alone))
    assert np.isfinite(columns[:, settled]).all()
    far = settled & (np.abs(x) > 100)
    differences = (around[2, far] - around[0, far]) / (2.0 * near[far])
    np.testing.assert_allclose(columns[0, far], differences, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("text", ["9**9**9", "2**2**2**2**2**2", "exp(exp(exp(100)))", "1/0", "log(0)", "sqrt(-1)"])
@pytest.mark.filterwarnings("error")
def test_what_has_no_finite_value_costs_nothing(text: str) -> None:
    found, gradient = value_and_gradient(parse(text), {"x": 1.0}, ["x"])
    assert not np.isfinite(found)
    assert gradient.tolist() == [0.0]


REFUSED: dict[str, tuple[str, int | None, str]] = {
    "import": ("__import__('os').system('id')", 11, "cannot be used"),
    "open": ("open('/etc/passwd').read()", 5, "cannot be used"),
    "exec": ("exec(1)", 0, "not a function"),
    "eval": ("1 + eval(x)", 4, "not a function"),
    "tuple": ("().__class__", 2, "cannot be used"),
    "attribute": ("x.T", 1, "cannot be used"),
    "array interface": ("x.__array_interface__", 1, "cannot be used"),
    "subscript": ("x[0]", 1, "cannot be used"),
    "lambda": ("lambda: 1", 6, "cannot be used"),
    "list": ("[i for i in x]", 0, "cannot be used"),
    "walrus": ("(x:=1)", 2, "cannot be used"),
    "f-string": ("f'{x.__class__}'", 1, "cannot be used"),
    "choice": ("x if y else z", 2, "missing before if"),
    "comparison": ("a<b<c", 1, "cannot be used"),
    "matrix product": ("x@y", 1, "cannot be used"),
    "ellipsis": ("...", 0, "cannot be used"),
    "complex": ("1j", 1, "missing before j"),
    "string": ("'a'*10**9", 0, "cannot be used"),
    "hexadecimal": ("0x10", 1, "missing before x10"),
    "grouped digits": ("1_000", 1, "missing before _000"),
    "many signs": ("-" * 3000 + "1", 500, "at most 500"),
    "signs": ("-" * 400 + "1", 30, "deeper than 30"),
    "tower": ("1" + "**1" * 160, 90, "deeper than 30"),
    "long tower": ("1" + "**1" * 3000, 500, "at most 500"),
    "parentheses": ("(" * 400, 30, "deeper than 30"),
    "calls": ("sin(" * 100, 120, "deeper than 30"),
    "nodes": ("+".join("x" * 101), 199, "more than 200"),
    "megabyte": ("x" * 1_000_000, 500, "at most 500"),
    "NUL": ("x\0+1", 1, "cannot be used"),
    "newline": ("x +\n1", 3, "cannot be used"),
    "comment": ("x #c", 2, "cannot be used"),
    "full width": ("\uff45xp(1)", 0, "cannot be used"),
    "letter like": ("x + \u03c0", 4, "cannot be used"),
    "keyword argument": ("sin(x,out=y)", 9, "nothing to assign"),
    "star": ("f(*x)", 0, "not a function"),
    "starred argument": ("sin(*x)", 4, "missing before *"),
    "no argument": ("sin()", 4, "missing before )"),
    "two arguments": ("sin(x,x)", 0, "takes 1 argument, not 2"),
    "one argument": ("1 + minimum(x)", 4, "takes 2 arguments, not 1"),
    "trailing comma": ("minimum(x,y,)", 12, "missing before )"),
    "called number": ("2(x)", 1, "missing before ("),
    "called variable": ("x(2)", 0, "not a function"),
    "function as a name": ("sin + 1", 0, "write sin(x)"),
    "keyword": ("1 + True", 4, "cannot name a variable"),
    "None": ("None", 0, "cannot name a variable"),
    "empty": ("", None, "nothing to compute"),
    "blank": ("  ", None, "nothing to compute"),
    "hat": ("x^2", 1, "write ** for a power"),
    "squared": ("x\N{SUPERSCRIPT TWO} + 1", 1, "'\N{SUPERSCRIPT TWO}' cannot be used here: write **2"),
    "minus": ("x \N{MINUS SIGN} 1", 2, "write -"),
    "integer division": ("x//2", 2, "missing before /"),
    "plus sign": ("+x", 0, "missing before +"),
    "open end": ("x +", 3, "at the end"),
    "open parenthesis": ("2*(x", 2, "not closed"),
    "closed twice": ("(x))", 3, "missing before )"),
    "too large": ("1 + 1e999", 4, "too large"),
    "many digits": ("1" * 400, 0, "too large"),
    "implied product": ("2x", 1, "missing before x"),
    "open backtick": ("1 + `a b", 4, "stands between two"),
    "nothing in backticks": ("a*``", 2, "stands between two"),
    "half of a doubled backtick": ("`a`` + b", 3, "stands between two"),
    "names without an operator": ("`a b` `c d`", 6, "missing before `c d`"),
    "called backticks": ("`exp`(1)", 5, "missing before ("),
    "quotes": ('a*"b c"', 2, "in backticks"),
    "name with a dot": ("a*fl.area", 4, "in backticks"),
    "blank in a name": ("a*engine size", 9, "missing before size"),
    "after backticks": ("`a b` + ^", 8, "write **"),
}


@pytest.mark.parametrize(("text", "position", "sentence"), REFUSED.values(), ids=REFUSED)
@pytest.mark.filterwarnings("error")
def test_what_is_no_expression_is_refused_with_its_place(text: str, position: int | None, sentence: str) -> None:
    with pytest.raises(ExpressionError) as refused:
        parse(text)
    assert sentence in str(refused.value)
    assert len(str(refused.value)) < 300
    assert refused.value.position == position


def test_a_long_sum_is_not_deep() -> None:
    assert worth("+".join("x" * 100), x=1.0) == 100.0


PIECES = st.sampled_from(
    [
        *FUNCTIONS,
        *OPERATORS,
        *"xyze()().,",
        "-",
        " ",
        "1",
        "0.5",
        "1e9",
        "1e400",
        "`",
        "`a b`",
        "``",
        "sin(",
        "maximum(",
        "\0",
        "é",
        "if",
    ]
)


@given(st.one_of(st.text(max_size=40), st.lists(PIECES, max_size=60).map("".join)))
@pytest.mark.filterwarnings("error")
def test_any_text_is_an_expression_or_refused(text: str) -> None:
    """No other exception, no warning, and whatever is read has a value and a gradient of the right shape."""
    try:
        expression = parse(text)
    except ExpressionError as error:
        assert error.position is None or 0 <= error.position <= len(text)  # noqa: PT017 - where there is one
        return
    values = dict.fromkeys(names(expression), np.array([0.0, -1.0, 1e300, np.nan]))
    found, gradient = value_and_gradient(expression, values, names(expression))
    assert gradient.shape == (len(values), *found.shape)


TREES = st.recursive(
    st.sampled_from(["x", "y", "2", "0.5", "3"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "**"]), inner).map(" ".join),
        inner.map("({})".format),
        inner.map("-{}".format),
    ),
    max_leaves=12,
)


@given(TREES)
def test_any_arithmetic_is_worth_what_python_says(text: str) -> None:
    given = {"x": np.float64(1.25), "y": np.float64(-0.75)}
    try:
        found = worth(text, **given)
    except ExpressionError as error:
        assert "deeper" in str(error)  # noqa: PT017 - the only one that may be
        return
    in_floats = re.sub(r"[0-9.]+", r"float64(\g<0>)", text)
    with np.errstate(all="ignore"):
        expected = eval(in_floats, {**given, "float64": np.float64})  # noqa: S307 - of our own pieces
    np.testing.assert_array_equal(found, expected)
