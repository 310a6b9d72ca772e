"""Logistic and softmax regression by descent: gradients, and optima found by Newton's method in the test."""

import numpy as np
import pytest

from engine.automatic import resolve
from engine.batches import Batching
from engine.losses import CrossEntropy, LogLoss, Loss
from engine.method import Method
from engine.optimizers import Adagrad, Adam, Momentum, Optimizer, Rmsprop, Sgd
from engine.problems import LinearProblem, linear_problem
from engine.rows import rows_cost
from engine.schedules import Constant
from engine.stopping import Limits
from tests.engine.runs import run

RANDOM = np.random.default_rng(31)
ROWS = 300
X = RANDOM.normal(size=(ROWS, 4)) @ RANDOM.normal(size=(4, 4))
X = np.ascontiguousarray((X - X.mean(axis=0)) / X.std(axis=0))
W = RANDOM.integers(0, 3, ROWS).astype(float)
A = np.column_stack([X, np.ones(ROWS)])
NOISY = X @ RANDOM.normal(size=(4, 3)) + RANDOM.gumbel(size=(ROWS, 3))
TARGETS: dict[str, tuple[Loss, np.ndarray]] = {
    "logistic": (LogLoss(), (NOISY[:, 0] > NOISY[:, 1] + 0.5).astype(float)),
    "softmax": (CrossEntropy(3), NOISY.argmax(axis=1).astype(float)),
}


def problem_of(name: str, weights: np.ndarray | None = None, *, intercept: bool = True) -> LinearProblem:
    loss, y = TARGETS[name]
    return linear_problem(rows_cost(X, y, weights, intercept=intercept, loss=loss))


def newton(name: str, weights: np.ndarray) -> tuple[np.ndarray, float]:
    """Parameters (K, p) and cost at the optimum, from 30 Newton steps; for softmax those of least norm."""
    loss, y = TARGETS[name]
    classes = loss.classes if isinstance(loss, CrossEntropy) else 2
    theta, hot, share = np.zeros((classes, 5)), np.eye(classes)[y.astype(int)], weights / weights.sum()
    free = classes - 1  # the first class's scores are zero: that fixes what the data do not
    for _ in range(30):
        powers = np.exp(A @ theta.T)
        p = powers / powers.sum(axis=1, keepdims=True)
        gradient = ((p - hot) * share[:, None]).T @ A
        bends = (p[:, :, None] * np.eye(classes) - p[:, :, None] * p[:, None, :])[:, 1:, 1:]
        hessian = np.einsum("i,ijk,ia,ib->jakb", share, bends, A, A).reshape(free * 5, free * 5)
        theta[1:] -= np.linalg.solve(hessian, gradient[1:].ravel()).reshape(free, 5)
    cost = -float(share @ np.log(p[np.arange(ROWS), y.astype(int)]))
    return (theta[1:] if isinstance(loss, LogLoss) else theta - theta.mean(axis=0)), cost


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.parametrize("weights", [None, W], ids=["plain", "weighted"])
@pytest.mark.parametrize("intercept", [True, False])
def test_gradient_is_the_slope_of_the_cost(name: str, weights, intercept: bool) -> None:
    problem = problem_of(name, weights, intercept=intercept)
    theta = np.random.default_rng(0).normal(size=problem.dimension)
    slopes = [
        (problem.cost_and_gradient(theta + step)[0] - problem.cost_and_gradient(theta - step)[0]) / 2e-5
        for step in 1e-5 * np.eye(problem.dimension)
    ]
    np.testing.assert_allclose(problem.cost_and_gradient(theta)[1], slopes, rtol=1e-6, atol=1e-9)
    assert problem.data.cost(theta) == pytest.approx(problem.cost_and_gradient(theta)[0], rel=1e-14)


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.parametrize("weights", [None, W], ids=["plain", "weighted"])
def test_defaults_find_newtons_optimum(name: str, weights) -> None:
    """With optimizer, rate and limits as they are when nobody says: cost and parameters of the optimum."""
    problem = problem_of(name, weights)
    resolved = resolve(problem, Batching(), "auto", "auto")
    done = run(problem, Method(resolved.optimizer, resolved.schedule, Batching()), Limits(10_000, 1e-9))
    theta, cost = newton(name, np.ones(ROWS) if weights is None else weights)
    assert done.outcome.reason == "converged"
    assert done.outcome.last.cost == pytest.approx(cost, rel=1e-6)
    np.testing.assert_allclose(done.outcome.last.theta.reshape(-1, 5), theta, rtol=0.02, atol=0.02)


@pytest.mark.parametrize("name", TARGETS)
def test_many_steps_reach_newtons_optimum_to_nine_digits(name: str) -> None:
    """Plain gradient descent at 1/L, without a tolerance."""
    problem = problem_of(name)
    rates = resolve(problem, Batching(), Sgd(), "auto").schedule
    done = run(problem, Method(Momentum(0.9, nesterov=True), rates, Batching()), Limits(10_000))
    theta, cost = newton(name, np.ones(ROWS))
    assert done.outcome.last.cost == pytest.approx(cost, rel=1e-12)
    np.testing.assert_allclose(done.outcome.last.theta.reshape(-1, 5), theta, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.parametrize("optimizer", [Sgd(), Momentum(), Adagrad(), Adam(), Rmsprop()], ids=str)
def test_full_batch_rates_fit_every_optimizer(name: str, optimizer: Optimizer) -> None:
    """Every automatic rate ends within 1e-3 of the least cost; rmsprop circles around it a little further off."""
    problem = problem_of(name)
    resolved = resolve(problem, Batching(), optimizer, "auto")
    done = run(problem, Method(optimizer, resolved.schedule, Batching()), Limits(10_000, 1e-9))
    assert done.outcome.last.cost == pytest.approx(
        newton(name, np.ones(ROWS))[1], rel=2e-3 if isinstance(optimizer, Rmsprop) else 1e-3
    )


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.parametrize("size", [1, 10, 32])
def test_smaller_batches_settle(name: str, size: int) -> None:
    """With default limits sgd ends within 3 % of the least cost, untuned, whatever the batch."""
    problem, batching = problem_of(name), Batching(size)
    resolved = resolve(problem, batching, "auto", "auto")
    done = run(problem, Method(resolved.optimizer, resolved.schedule, batching), Limits(1000, 1e-4, full_batch=False))
    assert done.outcome.last.cost == pytest.approx(newton(name, np.ones(ROWS))[1], rel=0.03)


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e4], ids=str)
@pytest.mark.parametrize("optimizer", ["auto", Adam()], ids=str)
def test_unscaled_columns_lower_the_cost(name: str, scale: float, optimizer) -> None:
    """Where columns are not scaled the rate fits their size: no divergence, and less than half of the gap is left."""
    loss, y = TARGETS[name]
    problem = linear_problem(rows_cost(scale * X, y, intercept=False, loss=loss))
    resolved = resolve(problem, Batching(), optimizer, "auto")
    points = run(problem, Method(resolved.optimizer, resolved.schedule, Batching()), Limits(3000, 1e-9)).points
    least = newton(name, np.ones(ROWS))[1]
    assert points[-1].cost - least < 0.5 * (points[0].cost - least)


@pytest.mark.parametrize("name", TARGETS)
def test_a_batch_of_all_rows_is_the_full_batch(name: str) -> None:
    """Batches read gathered rows and the full batch blocks, but the path is one."""
    problem = problem_of(name)
    one, other = (
        run(problem, Method(Sgd(), Constant(0.5), batching), Limits(30)).points
        for batching in (Batching(), Batching(ROWS, "sequential"))
    )
    for mine, theirs in zip(one, other, strict=True):
        np.testing.assert_allclose(mine.theta, theirs.theta, rtol=1e-9, atol=1e-12)


def test_the_textbook_recurrence() -> None:
    """Steps of rate · Aᵀ(p - y)/m with p = 1/(1 + e^-A·theta) give the same costs to 1e-10."""
    y, theta, costs = TARGETS["logistic"][1], np.zeros(5), []
    for _ in range(51):
        p = 1 / (1 + np.exp(-A @ theta))
        costs.append(-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)))
        theta = theta - 0.7 * A.T @ (p - y) / ROWS
    points = run(problem_of("logistic"), Method(Sgd(), Constant(0.7), Batching()), Limits(50)).points
    np.testing.assert_allclose([point.cost for point in points], costs, rtol=1e-10)
