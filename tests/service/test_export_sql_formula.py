"""Formulas as SQL: the database answers what the expression is worth, however far its parts go."""

import math
import sqlite3
from typing import Any

import numpy as np
import pytest

from engine.expressions import names, parse, value
from engine.operations import FUNCTIONS, OPERATIONS
from service.export_sql import sql_of
from service.export_sql_formula import WRITTEN
from tests.support.sql import with_functions

CELLS = [0.0, 1.0, -1.0, 0.5, -0.25, 2.0, -2.5, 7.0, 30.0, -30.0, 709.7, 710.0, -740.0, 800.0, -800.0, 1e5, 1e200, None]
ROWS = [(x, y) for x in CELLS for y in (0.7, -3.0, 2.0, 0.0, None)]
PARAMETERS = {"p": 1.5, "q": -0.5, "tiny": 1e-5, "lost": math.nan}


def answered(expression: str, loss: str = "squared") -> list[float | None]:
    """The SELECT's predictions of the rows."""
    used = names(parse(expression))
    features = [{"name": name, "columns": [name], "levels": None, "fill": None} for name in used if name in "xy"]
    model: dict[str, Any] = {"model": {"name": "formula", "expression": expression}, "loss": {"name": loss}}
    model |= {"features": features, "parameters": {name: PARAMETERS[name] for name in used if name in PARAMETERS}}
    with sqlite3.connect(":memory:") as database:
        with_functions(database)
        database.execute("CREATE TABLE data (id, x, y)")
        database.executemany("INSERT INTO data VALUES (?, ?, ?)", [(k, *row) for k, row in enumerate(ROWS)])
        return [found for _, found in database.execute(sql_of(model, "data", "id")).fetchall()]


def expected(expression: str) -> list[float | None]:
    """What it is worth where that is a finite number and no cell that it names is missing."""
    columns = np.array([[math.nan if cell is None else cell for cell in row] for row in ROWS]).T
    given = dict(zip("xy", columns, strict=True))
    missing = sum(np.isnan(given[name]) for name in names(parse(expression)) if name in given) > 0
    worth = value(parse(expression), PARAMETERS | given)
    return [None if gap or not math.isfinite(one) else one for gap, one in zip(missing, worth.tolist(), strict=True)]


TEXTS = [
    *(f"p*x {operator} y" for operator in "+-*/"),
    *(f"{name}(x)" for name, one in FUNCTIONS.items() if len(one.partials) == 1),
    *("x**y", "x**2", "(p*x)**2*q", "x**p", "x**-2", "x**3", "p**x", "q**x", "x**x", "(x - y)**0", "x**0.5"),
    *("-x", "-(-x)", "x - -p", "x/2", "2*x/3", "1/(p*x)", "y - x - 1", "x/y/p", "0*x + sqrt(2)/pi", "x + log(0)*0"),
    *("minimum(x, y)", "maximum(p*x, y)", "maximum(x, minimum(y, exp(x)))", "abs(x)*cosh(tiny*x)"),
    *(
        "p/(1 + exp(-x))",
        "tiny*exp(x)",
        "1e-300*exp(x)",
        "exp(-x**2)",
        "1 - 1/exp(exp(x))",
        "tanh(sinh(x))",
    ),
    *("sin(exp(x))", "exp(x) - exp(x)", "x + lost", "maximum(x, exp(x) - exp(x))", "p*log2(abs(x)) + log10(1 + x**2)"),
    "+".join(["x"] * 100),
    "-".join(["x/(1 + y**2)"] * 20),
    "log(1 + " * 20 + "abs(x)" + ")" * 20,
]


@pytest.mark.parametrize("text", TEXTS)
def test_the_select_answers_what_the_expression_is_worth(text: str) -> None:
    """Also beyond float64's range and for missing cells, where it answers NULL."""
    for row, found, wanted in zip(ROWS, answered(text), expected(text), strict=True):
        assert (found is None) == (wanted is None), row
        assert found is None or wanted is None or math.isclose(found, wanted, rel_tol=1e-9, abs_tol=1e-9), row


def test_a_poisson_formula_is_the_mean_of_which_it_says_the_logarithm() -> None:
    with np.errstate(over="ignore"):
        wanted = [one and float(np.exp(one)) for one in expected("p*x + q")]
    for found, one in zip(answered("p*x + q", "poisson"), wanted, strict=True):
        assert found == (one if one is None else pytest.approx(one, rel=1e-9)) or one == math.inf
        assert (found is None) == (one is None or math.isinf(one))


def test_a_division_by_zero_on_the_way_is_null() -> None:
    """Its sign is that of the zero, which SQL does not tell: no number rather than a wrong one."""
    assert answered("atan(1/x)")[:5] == [None] * 5
    assert answered("exp(-1/exp(x))")[ROWS.index((-800.0, 0.7))] is None


def test_nested_powers_and_logarithms_are_not_written_out_again_at_every_level() -> None:
    model: dict[str, Any] = {
        "model": {"name": "formula", "expression": "log(1 + " * 25 + "x" + ")" * 25},
        "features": [{"name": "x", "columns": ["x"], "levels": None, "fill": None}],
    }
    assert len(sql_of(model | {"loss": {"name": "squared"}, "parameters": {}}, "data")) < 10_000


def test_every_operation_is_written() -> None:
    assert WRITTEN.keys() == OPERATIONS.keys()
