"""With every "auto" as a number, a recurrence of ten lines gives the same history: nothing else moves the answer."""

import numpy as np
import pytest

from engine.automatic import resolve
from engine.batches import Batching
from engine.losses import Absolute, LogLoss, Poisson
from engine.method import Method
from engine.optimizers import Adam, Momentum
from engine.problems import linear_problem
from engine.rows import rows_cost
from engine.schedules import InverseTime
from engine.stopping import Limits
from tests.engine.runs import run

RANDOM = np.random.default_rng(21)
X = RANDOM.normal(size=(80, 4)) @ RANDOM.normal(size=(4, 4))
SCORE = X @ [0.3, -0.2, 0.1, 0.4] + 0.5
A = np.column_stack([X, np.ones(len(X))])

CASES = {
    "logistic": (
        LogLoss(),
        (SCORE + RANDOM.logistic(size=80) > 0).astype(float),
        lambda z, y: np.log1p(np.exp(z)) - y * z,
        lambda z, y: 1 / (1 + np.exp(-z)) - y,
    ),
    "poisson": (
        Poisson(),
        RANDOM.poisson(np.exp(SCORE)).astype(float),
        lambda z, y: np.exp(z) - y * z - y + np.where(y > 0, y * np.log(np.maximum(y, 1)), 0),
        lambda z, y: np.exp(z) - y,
    ),
    "absolute": (
        Absolute(),
        SCORE + RANDOM.standard_t(2, size=80),
        lambda z, y: abs(z - y),
        lambda z, y: np.sign(z - y),
    ),
}


def plain_nesterov(value, slope, y, h: Momentum, rate: float, iterations: int) -> list[float]:
    theta, velocity, k, costs = np.zeros(5), np.zeros(5), 0, []
    for _ in range(iterations + 1):
        costs.append(np.mean(value(A @ theta, y)))
        gradient = A.T @ slope(A @ theta, y) / len(y)
        if gradient @ velocity < 0:
            velocity, k = np.zeros(5), 0
        beta, k = min(h.beta, k / (k + 3)), k + 1
        velocity = beta * velocity + gradient
        theta = theta - rate * (gradient + min(h.beta, k / (k + 3)) * velocity)
    return costs


def plain_adam(value, slope, y, rates: InverseTime, iterations: int) -> list[float]:
    theta, mean, square, costs = np.zeros(5), 0.0, 0.0, []
    for k in range(iterations + 1):
        costs.append(np.mean(value(A @ theta, y)))
        gradient = A.T @ slope(A @ theta, y) / len(y)
        mean, square = 0.9 * mean + 0.1 * gradient, 0.999 * square + 0.001 * gradient**2
        step = (mean / (1 - 0.9 ** (k + 1))) / (np.sqrt(square / (1 - 0.999 ** (k + 1))) + 1e-8)
        theta = theta - rates.t0 / (k + rates.t1) * step
    return costs


@pytest.mark.parametrize("name", CASES)
def test_the_history_is_a_plain_recurrence(name: str) -> None:
    """To 1e-8, iteration by iteration."""
    loss, y, value, slope = CASES[name]
    problem = linear_problem(rows_cost(X, y, intercept=True, loss=loss))
    found = resolve(problem, Batching(), "auto", "auto")
    done = run(problem, Method(found.optimizer, found.schedule, Batching()), Limits(200))
    if isinstance(found.optimizer, Momentum):
        expected = plain_nesterov(value, slope, y, found.optimizer, found.schedule.rate, 200)
    else:
        assert isinstance(found.schedule, InverseTime)
        assert found.optimizer == Adam()
        expected = plain_adam(value, slope, y, found.schedule, 200)
    assert [point.cost for point in done.points] == pytest.approx(expected, rel=1e-8)
    assert done.outcome.last.cost < done.points[0].cost
