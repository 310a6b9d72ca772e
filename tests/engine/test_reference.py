"""The reference results through engine.train, and histories against recurrences written out in ten lines."""

import numpy as np
import pytest

from engine.automatic import resolve
from engine.batches import Batching
from engine.design import design_matrix
from engine.method import Method
from engine.metrics import regression_metrics
from engine.optimizers import Adam, Momentum, Sgd
from engine.parameters import Parameters, to_fit, to_original
from engine.preparation import fit_preparation
from engine.problems import LinearProblem, optimum
from engine.rows import RowsCost
from engine.schedules import Constant
from engine.stopping import Limits
from engine.table import NumberColumn
from tests.engine.runs import Run, least_squares, method_of, run
from tests.support.reference import DATA_A_OPTIMUM, DATA_B_OPTIMUM, REFERENCES, Reference, noisy_line


def reference_run(reference: Reference) -> Run:
    X, y = noisy_line(42 if reference.data == "A" else 0)
    table = {"x": NumberColumn(np.ascontiguousarray(X[:, 0]))}
    preparation = fit_preparation(table, ["x"], slice(None), intercept=True, scaling="none")
    problem = least_squares(design_matrix(preparation, table, slice(None)), y, intercept=True)
    initial = reference.settings["initial"]
    start = {"intercept": 0.0, "x": 0.0} if initial == "zeros" else initial
    theta = to_fit(preparation, Parameters(start["intercept"], {"x": start["x"]}))
    return run(problem, method_of(reference.settings), Limits(reference.settings["max_iterations"]), theta)


@pytest.mark.parametrize("reference", REFERENCES, ids=lambda reference: reference.id)
def test_reference_row(reference: Reference) -> None:
    """Every printed number of the reference tables comes out, to 1e-8 of itself."""
    done = reference_run(reference)
    slope, intercept = done.outcome.last.theta
    costs = [point.cost for point in done.points]
    found = {"intercept": intercept, "slope": slope, "cost": costs[-1], "cost_1": costs[1], "cost_10": costs[10]}
    assert done.outcome.reason == "max_iterations"
    assert {name: found[name] for name in reference.expected} == pytest.approx(reference.expected, rel=1e-8)


def test_optimum_of_data_a() -> None:
    """The least cost, the curvature and the metrics of data A are the closed-form ones."""
    X, y = noisy_line(42)
    problem, expected = least_squares(X, y, intercept=True), DATA_A_OPTIMUM
    theta = np.array([expected["slope"], expected["intercept"]])
    metrics = regression_metrics(RowsCost(X, y, intercept=True), theta)
    known, curvature = optimum(problem), problem.curvature()
    assert known is not None
    assert known.cost == pytest.approx(expected["cost"], rel=1e-12)
    assert problem.cost_and_gradient(theta)[0] == pytest.approx(expected["cost"], rel=1e-12)
    assert problem.cost_and_gradient(np.zeros(2))[0] == pytest.approx(expected["start_cost"], rel=1e-10)
    assert (curvature.smallest, curvature.largest) == pytest.approx(
        (expected["smallest"], expected["largest"]), rel=1e-7
    )
    assert (metrics.mae, metrics.r2) == pytest.approx((expected["mae"], expected["r2"]), rel=1e-12)
    assert metrics.mse == pytest.approx(2 * expected["cost"], rel=1e-12)


def test_defaults_reach_the_optimum_of_data_b(diabetes: dict[str, NumberColumn]) -> None:
    """Default settings on unscaled diabetes end within 1e-6 of the least cost, in original units."""
    features = [name for name in diabetes if name != "progression"]
    preparation = fit_preparation(diabetes, features, slice(None), intercept=True, scaling="standard")
    X, y = design_matrix(preparation, diabetes, slice(None)), diabetes["progression"].values
    problem = least_squares(X, y, intercept=True)
    resolved = resolve(problem, Batching(), "auto", "auto")
    done = run(problem, Method(resolved.optimizer, resolved.schedule, Batching()), Limits(10_000, 1e-9))
    metrics = regression_metrics(problem.data, done.outcome.last.theta)
    assert done.outcome.reason == "converged"
    assert done.outcome.last.cost == pytest.approx(DATA_B_OPTIMUM["cost"], rel=1e-6)
    assert metrics.r2 == pytest.approx(DATA_B_OPTIMUM["r2"], rel=1e-6)
    assert metrics.mae == pytest.approx(DATA_B_OPTIMUM["mae"], rel=1e-3)
    assert to_original(preparation, done.outcome.last.theta).intercept == pytest.approx(
        DATA_B_OPTIMUM["intercept"], rel=2e-2
    )


def test_optimum_of_data_b_without_scaling(diabetes: dict[str, NumberColumn]) -> None:
    """The least cost is found from unscaled columns too, although their sizes differ a hundredfold."""
    X = np.column_stack([column.values for name, column in diabetes.items() if name != "progression"])
    known = optimum(least_squares(X, diabetes["progression"].values, intercept=True))
    assert known is not None
    assert known.cost == pytest.approx(DATA_B_OPTIMUM["cost"], rel=1e-10)


def plain_sgd(A, y, rate, size, iterations):
    theta, costs = np.zeros(A.shape[1]), []
    for _ in range(iterations):
        costs.append(0.5 * np.mean((A @ theta - y) ** 2))
        for first in range(0, len(y), size):
            batch, target = A[first : first + size], y[first : first + size]
            theta = theta - rate * batch.T @ (batch @ theta - target) / len(target)
    return [*costs, 0.5 * np.mean((A @ theta - y) ** 2)]


def plain_nesterov(A, y, rate, beta, iterations):
    theta, velocity, costs = np.zeros(A.shape[1]), 0.0, []
    for _ in range(iterations + 1):
        costs.append(0.5 * np.mean((A @ theta - y) ** 2))
        gradient = A.T @ (A @ theta - y) / len(y)
        velocity = beta * velocity + gradient
        theta = theta - rate * (gradient + beta * velocity)
    return costs


def plain_adam(A, y, rate, iterations):
    theta, mean, square, costs = np.zeros(A.shape[1]), 0.0, 0.0, []
    for k in range(1, iterations + 2):
        costs.append(0.5 * np.mean((A @ theta - y) ** 2))
        gradient = A.T @ (A @ theta - y) / len(y)
        mean, square = 0.9 * mean + 0.1 * gradient, 0.999 * square + 0.001 * gradient**2
        theta = theta - rate * (mean / (1 - 0.9**k)) / (np.sqrt(square / (1 - 0.999**k)) + 1e-8)
    return costs


@pytest.mark.parametrize(
    ("method", "plain"),
    [
        (Method(Sgd(), Constant(0.2), Batching()), lambda A, y: plain_sgd(A, y, 0.2, len(y), 300)),
        (Method(Sgd(), Constant(0.02), Batching(7, "sequential")), lambda A, y: plain_sgd(A, y, 0.02, 7, 300)),
        (
            Method(Momentum(nesterov=True), Constant(0.05), Batching()),
            lambda A, y: plain_nesterov(A, y, 0.05, 0.9, 300),
        ),
        (Method(Adam(), Constant(0.3), Batching()), lambda A, y: plain_adam(A, y, 0.3, 300)),
    ],
    ids=["sgd-full", "sgd-7", "nesterov-full", "adam-full"],
)
def test_history_is_the_plain_recurrence(method, plain, diabetes: dict[str, NumberColumn]) -> None:
    """A textbook loop over the rows gives the same cost history to 1e-8, so nothing is solved behind its back."""
    features = [name for name in diabetes if name != "progression"]
    preparation = fit_preparation(diabetes, features, slice(None), intercept=True, scaling="standard")
    X, y = design_matrix(preparation, diabetes, slice(None)), diabetes["progression"].values
    problem: LinearProblem = least_squares(X, y, intercept=True)
    costs = [point.cost for point in run(problem, method, Limits(300)).points]
    np.testing.assert_allclose(costs, plain(np.column_stack([X, np.ones(len(y))]), y), rtol=1e-8)
