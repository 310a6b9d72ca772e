"""Class weights: rows of a class count so much more in the cost, like rows that stand there so often."""

import numpy as np
import pytest

from engine.batches import Batching
from engine.class_weights import class_factors, weigh_classes
from engine.losses import CrossEntropy, Hinge, LogLoss, Loss, SquaredHinge
from engine.method import Method
from engine.optimizers import Momentum
from engine.problems import linear_problem
from engine.rows import RowsCost, rows_cost
from engine.schedules import Constant
from engine.stopping import Limits
from tests.engine.runs import run

RANDOM = np.random.default_rng(17)
X = RANDOM.normal(size=(60, 3))
Y = RANDOM.choice(3, 60, p=[0.6, 0.3, 0.1]).astype(float)
W = RANDOM.integers(0, 4, 60)
NAMES = ("a", "b", "c")
FACTORS = np.array([1, 2, 5])
LOSSES: dict[str, tuple[Loss, np.ndarray]] = {
    "softmax": (CrossEntropy(3), Y),
    "logistic": (LogLoss(), (Y > 0) * 1.0),
    "hinge": (Hinge(), (Y > 0) * 1.0),
    "squared-hinge": (SquaredHinge(), (Y > 0) * 1.0),
}


def rows(name: str = "softmax", weights: np.ndarray | None = None) -> RowsCost:
    loss, y = LOSSES[name]
    return rows_cost(X, y, weights, intercept=True, loss=loss)


@pytest.mark.parametrize("weights", [None, W], ids=["plain", "weighted"])
@pytest.mark.parametrize("name", LOSSES)
def test_a_run_is_that_of_repeated_rows(name: str, weights) -> None:
    """Parameters, costs and validation costs, with sample weights and without."""
    loss, y = LOSSES[name]
    weighed = weigh_classes(rows(name, weights), FACTORS.astype(float))
    times = FACTORS[y.astype(int)] * (1 if weights is None else weights)
    repeated = rows_cost(np.repeat(X, times, axis=0), np.repeat(y, times), intercept=True, loss=loss)
    method = Method(Momentum(0.5), Constant(0.05), Batching())
    one, other = (run(linear_problem(data, data), method, Limits(50)).points for data in (weighed, repeated))
    for mine, theirs in zip(one, other, strict=True):
        np.testing.assert_allclose(mine.theta, theirs.theta, rtol=1e-9, atol=1e-12)
        assert (mine.cost, mine.validation_cost) == pytest.approx((theirs.cost, theirs.validation_cost), rel=1e-9)


@pytest.mark.parametrize("weights", [None, 0.25 * W], ids=["plain", "weighted"])
def test_balanced_classes_have_the_same_say(weights) -> None:
    """The factors are m / (K · count) with counts of weights; each class then has the same share of all weight."""
    data = rows(weights=weights)
    factors = class_factors("balanced", data, NAMES)
    counts = np.bincount(Y.astype(int), weights)
    np.testing.assert_allclose(factors, counts.sum() / (3 * counts), rtol=1e-12)
    shares = np.bincount(Y.astype(int), weigh_classes(data, factors).weights)
    np.testing.assert_allclose(shares, 20.0, rtol=1e-12)


def test_a_class_without_training_rows_counts_once() -> None:
    """It may be among the held-out rows, and the balance of the others does not change."""
    data = rows_cost(X[Y < 2], Y[Y < 2], None, intercept=True, loss=CrossEntropy(3))
    counts = np.bincount(Y.astype(int))[:2]
    assert class_factors("balanced", data, NAMES) == pytest.approx([*(counts.sum() / (2 * counts)), 1.0], rel=1e-14)


def test_weights_are_found_by_the_names_of_classes() -> None:
    assert class_factors({"c": 3.0, "a": 1.0, "b": 2.0}, rows(), NAMES).tolist() == [1.0, 2.0, 3.0]


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6], ids=str)
def test_a_common_factor_changes_nothing(scale: float) -> None:
    theta = RANDOM.normal(size=12)
    plain, scaled = rows(weights=W), weigh_classes(rows(weights=W), np.full(3, scale))
    for one, other in zip(plain.cost_and_gradient(theta), scaled.cost_and_gradient(theta), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-15)
