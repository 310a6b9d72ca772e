"""Every optimizer comes to the minimum of a quadratic, of a curved valley, and of a logistic cost."""

from functools import cache
from typing import NamedTuple

import numpy as np
import pytest

from engine.arrays import FloatArray
from engine.batches import Batching
from engine.losses import LOSSES
from engine.method import Method
from engine.optimizers import OPTIMIZERS, Momentum
from engine.problems import Problem, linear_problem
from engine.rows import rows_cost
from engine.schedules import Constant, Polynomial
from engine.stopping import Limits
from tests.engine.rosenbrock import Rosenbrock
from tests.engine.runs import run

STEPS = 5000
RANDOM = np.random.default_rng(12)
X = RANDOM.normal(size=(60, 3)) * [1.0, 0.5, 2.0]
NOISE = RANDOM.normal(size=60)
Y = X @ [2.0, -1.0, 0.5] + 1.0 + RANDOM.normal(size=60)


class Target(NamedTuple):
    """A problem, where to start, and the least cost."""

    problem: Problem
    start: FloatArray
    least: float


@cache
def target(name: str) -> Target:
    """The least cost of rows is that of a long descent by momentum."""
    if name == "rosenbrock":
        return Target(Rosenbrock(), np.array([-1.2, 1.0]), 0.0)
    y = Y if name == "squared" else (Y + NOISE > 1.0).astype(float)
    problem = linear_problem(rows_cost(X, y, intercept=True, loss=LOSSES[name]()))
    known = run(problem, Method(Momentum(nesterov=True), Constant(0.2), Batching()), Limits(5000)).outcome.last
    assert (known.gradient_norm or 0.0) < 1e-12
    return Target(problem, np.zeros(4), known.cost)


# Rates at the start, for the costs of rows and for the valley, and how much of the valley's cost may be left.
RATES = {
    "sgd": (0.2, 0.003, 1e-3),
    "momentum": (0.1, 0.002, 1e-15),
    "adagrad": (1.0, 1.0, 3e-3),
    "rmsprop": (0.01, 0.003, 1e-5),
    "adam": (0.1, 0.1, 1e-15),
    "amsgrad": (0.1, 0.1, 1e-10),
    "nadam": (0.1, 0.1, 1e-6),
    "adamax": (0.1, 0.1, 1e-9),
    "adamw": (0.1, 0.1, 1e-15),
    "adadelta": (1.0, 1.0, 1e-4),
    "lion": (0.01, 0.003, 1e-5),
    "rprop": (0.1, 0.1, 1e-5),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("cost", ["squared", "log_loss", "rosenbrock"])
def test_every_optimizer_comes_to_the_minimum(name: str, cost: str) -> None:
    """In 5000 steps at a rate that falls to zero along a line, decay being off, to 1e-7 where the cost is convex."""
    problem, start, least = target(cost)
    on_rows, in_valley, left = RATES[name]
    rate, left = (in_valley, left) if cost == "rosenbrock" else (on_rows, 1e-7)
    kind = OPTIMIZERS[name]
    optimizer = kind(weight_decay=0.0) if "weight_decay" in kind._fields else kind()
    done = run(problem, Method(optimizer, Polynomial(rate, 0.0, STEPS), Batching()), Limits(STEPS), start)
    assert done.outcome.last.cost - least < left


def test_momentum_with_restart_is_the_textbooks_two_sequences() -> None:
    """Steps x = y - rate g(y), y = x + b (x - x before), b = (k - 1)/(k + 2) of the next k, anew where it is uphill."""
    problem, rate = target("log_loss").problem, 0.5
    y = x = before = np.zeros(4)
    k, restarts = 1, 0
    optimizer = Momentum(0.9, nesterov=True, restart=True)
    for point in run(problem, Method(optimizer, Constant(rate), Batching()), Limits(200)).points:
        np.testing.assert_allclose(point.theta, y, rtol=1e-9, atol=1e-12)
        gradient = problem.cost_and_gradient(y)[1]
        if k > 1 and gradient.dot(x - before) > 0.0:
            k, x, restarts = 1, y, restarts + 1
        before, x = x, y - rate * gradient
        y = x + min(0.9, k / (k + 3)) * (x - before)
        k += 1
    assert restarts > 0
