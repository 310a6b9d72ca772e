"""Standard errors, and what default settings reach, on NIST's certified data and beside a peer."""

import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from engine.automatic import resolve
from engine.batches import Batching
from engine.design import design_matrix
from engine.losses import LogLoss, Squared
from engine.method import Method
from engine.parameters import Parameters, to_fit, to_original
from engine.penalties import L1, L2, NO_PENALTY
from engine.preparation import Preparation, fit_preparation
from engine.problems import LinearProblem, linear_problem, optimum
from engine.rows import rows_cost
from engine.scaling import DivideBy, Scaling
from engine.standard_errors import standard_errors
from engine.stopping import Limits
from engine.table import NumberColumn, Table
from tests.engine.runs import Run, run

DATA = Path(__file__).parent / "data"
NIST = json.loads((DATA / "nist.json").read_text())
PEER = json.loads((DATA / "standard_errors.json").read_text())["fits"]
RANDOM = np.random.default_rng(3)


class Case(NamedTuple):
    preparation: Preparation
    problem: LinearProblem


def case(
    columns: dict[str, Any],
    y: Any,
    weights: np.ndarray | None = None,
    *,
    intercept: bool = True,
    scaling: Scaling = "standard",
    **more: Any,
) -> Case:
    table: Table = {name: NumberColumn(np.array(column, np.float64)) for name, column in columns.items()}
    preparation = fit_preparation(
        table, list(table), slice(None), intercept=intercept, scaling=scaling, weights=weights
    )
    X = design_matrix(preparation, table, slice(None))
    loss = more.pop("loss", Squared())
    data = rows_cost(X, np.array(y, np.float64), weights, intercept=intercept, loss=loss)
    return Case(preparation, linear_problem(data, None, **more))


def certified(name: str, scaling: Scaling = "standard") -> Case:
    """The problem of one of NIST's data sets; Wampler's columns are the powers of one."""
    given = NIST[name]
    columns = given.get("columns") or {
        f"x{k}": np.array(given["powers_of"], np.float64) ** k for k in range(1, 1 + len(given["coefficients"]))
    }
    return case(columns, given["y"], intercept=given["intercept"] is not None, scaling=scaling)


def by_default(problem: LinearProblem) -> Run:
    """A run with optimizer, rate and limits as they are when nobody says."""
    resolved = resolve(problem, Batching(), "auto", "auto")
    return run(problem, Method(resolved.optimizer, resolved.schedule, Batching()), Limits(10_000, 1e-9))


def columns_of(diabetes: dict[str, NumberColumn]) -> dict[str, np.ndarray]:
    return {name: column.values for name, column in diabetes.items() if name != "progression"}


@pytest.mark.parametrize("name", ["Longley", "NoInt1", "NoInt2"])
@pytest.mark.parametrize("scaling", ["standard", "minmax", "none", DivideBy(16.0)], ids=str)
def test_nists_certified_standard_deviations(name: str, scaling: Scaling) -> None:
    """To eight digits, in the units of the columns, however they were scaled for the fit."""
    preparation, problem = certified(name, scaling)
    expected, found = NIST[name], standard_errors(problem, preparation)
    assert found is not None
    for column, (_, deviation) in expected["coefficients"].items():
        assert found.coefficients[column] == pytest.approx(deviation, rel=1e-8)
    if expected["intercept"] is None:
        assert found.intercept is None
    else:
        assert found.intercept == pytest.approx(expected["intercept"][1], rel=1e-8)


@pytest.mark.parametrize("name", ["Longley", "NoInt1", "NoInt2"])
def test_nists_residuals(name: str) -> None:
    """The least cost is half the certified residual sum of squares over the rows."""
    _, problem = certified(name)
    known = optimum(problem)
    assert known is not None
    assert known.cost == pytest.approx(NIST[name]["residual_sum_of_squares"] / 2 / problem.rows, rel=1e-9)


@pytest.mark.parametrize(("name", "digits"), [("Longley", 1e-3), ("NoInt1", 1e-12), ("NoInt2", 1e-12)])
def test_nists_certified_coefficients_by_default(name: str, digits: float) -> None:
    """Default settings end within 1e-4 of the least cost; every coefficient within `digits` of the standard error.

    Longley's columns say nearly the same: the correlations' condition number is 12,000, the raw columns' 5e9.
    """
    preparation, problem = certified(name)
    done, known, errors = by_default(problem).outcome, optimum(problem), standard_errors(problem, preparation)
    assert known is not None
    assert errors is not None
    assert done.reason == "converged"
    assert done.last.cost <= known.cost * (1 + 1e-4)
    found = to_original(preparation, done.last.theta)
    for column, (value, deviation) in NIST[name]["coefficients"].items():
        assert abs(found.coefficients[column] - value) <= digits * deviation


def test_what_is_reached_of_wampler_1() -> None:
    """The certified quintic through 21 points is beyond default settings, and the run says so by its reason.

    Powers of one column up to the fifth have the condition number 2.7e6. What is left of the cost is 2e-9 of the start
    (certified is a cost of zero), and the leading coefficient is right to one percent; the others are not.
    """
    preparation, problem = certified("Wampler1")
    done, curvature = by_default(problem), problem.curvature()
    last = done.outcome.last
    assert done.outcome.reason == "max_iterations"
    assert last.optimality_gap == pytest.approx(last.cost, rel=1e-9)
    assert last.cost < 2e-9 * done.points[0].cost
    assert to_original(preparation, last.theta).coefficients["x5"] == pytest.approx(1.0, rel=0.01)
    assert curvature.condition_number == pytest.approx(2.66e6, rel=0.01)


def test_the_certified_parameters_of_wampler_1_have_no_cost() -> None:
    """The least cost is zero and so are the standard deviations, to rounding of targets up to 3e6."""
    preparation, problem = certified("Wampler1")
    ones, known = Parameters(1.0, dict.fromkeys(NIST["Wampler1"]["coefficients"], 1.0)), optimum(problem)
    errors = standard_errors(problem, preparation)
    assert known is not None
    assert errors is not None
    assert known.cost < 1e-12
    assert problem.data.cost(to_fit(preparation, ones)) < 1e-12
    assert max(errors.intercept or 0.0, *errors.coefficients.values()) < 1e-6


def test_the_quadratic_of_wampler_by_default() -> None:
    """1 + x + x² at Wampler's points: the coefficients to 1e-5 of themselves."""
    x = np.array(NIST["Wampler1"]["powers_of"], np.float64)
    preparation, problem = case({"x1": x, "x2": x**2}, 1 + x + x**2)
    done = by_default(problem).outcome
    assert done.reason == "converged"
    found = to_original(preparation, done.last.theta)
    assert list(found.coefficients.values()) == pytest.approx([1.0, 1.0], rel=1e-5)


@pytest.mark.parametrize("fit", PEER, ids=lambda fit: f"intercept={fit['intercept']}-weighted={fit['weighted']}")
@pytest.mark.parametrize("unit", [1.0, 1e-6], ids=["weights", "small-weights"])
@pytest.mark.parametrize("scaling", ["standard", "none"])
def test_standard_errors_of_a_peer(
    fit: dict[str, Any], unit: float, scaling: Scaling, diabetes: dict[str, NumberColumn]
) -> None:
    """Those of statsmodels' OLS and WLS; rows of weight zero do not count, nor does the unit of the weights."""
    weights = unit * (np.arange(442) % 4) if fit["weighted"] else None
    columns, y = columns_of(diabetes), diabetes["progression"].values
    preparation, problem = case(columns, y, weights, intercept=fit["intercept"], scaling=scaling)
    found = standard_errors(problem, preparation)
    assert found is not None
    assert list(found.coefficients.values()) == pytest.approx(fit["standard_errors"][:10], rel=1e-8)
    assert ([] if found.intercept is None else [found.intercept]) == pytest.approx(
        fit["standard_errors"][10:], rel=1e-8
    )


def test_an_intercept_alone_has_the_standard_error_of_the_mean() -> None:
    """The standard deviation over √m, with m - 1 in the denominator of the variance."""
    y = RANDOM.normal(size=30)
    preparation, problem = case({"k": np.ones(30)}, y)
    assert standard_errors(problem, preparation) == Parameters(pytest.approx(y.std(ddof=1) / 30**0.5), {})


A, B = RANDOM.normal(size=(2, 12))
NONE: dict[str, tuple[dict[str, Any], Any, dict[str, Any]]] = {
    "l2": ({"a": A}, A + B, {"penalty": L2(0.1)}),
    "l1": ({"a": A}, A + B, {"penalty": L1(0.1)}),
    "log-loss": ({"a": A}, B > 0, {"loss": LogLoss()}),
    "twice-the-same": ({"a": A, "b": 3 * A}, A + B, {}),
    "as-many-rows": ({"a": A[:2]}, B[:2], {}),
    "as-many-that-count": ({"a": A[:4]}, B[:4], {"weights": np.array([1.0, 2, 0, 0])}),
    "fewer-rows": ({"a": A[:2], "b": B[:2]}, A[:2], {}),
}


@pytest.mark.parametrize("name", NONE)
def test_there_are_none(name: str) -> None:
    """Where the textbook's formula does not hold, nothing is said."""
    columns, y, more = NONE[name]
    preparation, problem = case(columns, y, **more)
    assert standard_errors(problem, preparation) is None
    plain = case({"a": A, "b": B}, A + 2 * B + RANDOM.normal(size=12), penalty=NO_PENALTY)
    assert standard_errors(plain.problem, plain.preparation) is not None
