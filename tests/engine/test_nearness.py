"""The estimate of how far a cost is above its least, beside a descent that goes all the way."""

from math import inf

import numpy as np
import pytest

from engine.automatic import resolve
from engine.batches import Batching
from engine.losses import CrossEntropy, LogLoss, Loss, Poisson, Squared
from engine.method import Method
from engine.nearness import estimated_gap
from engine.penalties import L1, L2, NO_PENALTY, ElasticNet, Penalty
from engine.problems import linear_problem
from engine.rows import rows_cost
from engine.stopping import Limits
from tests.engine.runs import run

RANDOM = np.random.default_rng(8)
X = RANDOM.normal(size=(80, 6)) @ RANDOM.normal(size=(6, 6))
X = np.ascontiguousarray((X - X.mean(axis=0)) / X.std(axis=0))
TARGETS: dict[str, tuple[Loss, np.ndarray]] = {
    "squared": (Squared(), X[:, 0] - X[:, 1] + RANDOM.normal(size=80)),
    "log-loss": (LogLoss(), RANDOM.integers(0, 2, 80).astype(float)),
    "cross-entropy": (CrossEntropy(3), RANDOM.integers(0, 3, 80).astype(float)),
}


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.parametrize("penalty", [NO_PENALTY, L2(0.05), L1(0.05), ElasticNet(0.1)], ids=str)
def test_the_estimate_is_the_gap(name: str, penalty: Penalty) -> None:
    """To a tenth near the optimum, with zeros held by an l1 part too; nothing is left at the optimum itself."""
    loss, y = TARGETS[name]
    problem = linear_problem(rows_cost(X, y, intercept=True, loss=loss), None, penalty)
    resolved = resolve(problem, Batching(), "auto", "auto")
    points = run(problem, Method(resolved.optimizer, resolved.schedule, Batching()), Limits(3000)).points
    least, bend = min(point.cost for point in points), problem.curvature().largest
    near = next(point for point in points if point.cost - least < 1e-4 * least)
    assert estimated_gap(problem, near.theta, bend) == pytest.approx(near.cost - least, rel=0.1)
    assert estimated_gap(problem, points[-1].theta, bend) < 1e-12 * least


def test_a_slope_without_a_bend_is_far_from_any_minimum() -> None:
    """Beyond the margins of one class only, or where the square of the slope exceeds float64, nothing is near."""
    rows = np.array([[1.0], [2.0]])
    flat = linear_problem(rows_cost(rows, np.array([0.0, 1.0]), intercept=False, loss=LogLoss()))
    assert estimated_gap(flat, np.array([1e4]), inf) == inf
    with np.errstate(over="ignore"):
        steep = linear_problem(rows_cost(rows, np.full(2, 1e300), intercept=False, loss=Poisson()))
        assert estimated_gap(steep, np.zeros(1), inf) == inf
