"""Metrics against their definitions."""

import numpy as np
import pytest

from engine.losses import Squared
from engine.metrics import RegressionMetrics, regression_metrics
from engine.rows import rows_cost

RANDOM = np.random.default_rng(0)


def of_predictions(y: np.ndarray, predictions: np.ndarray, weights: np.ndarray | None = None) -> RegressionMetrics:
    """A model whose one column is the prediction."""
    data = rows_cost(predictions[:, np.newaxis], y, weights, intercept=False, loss=Squared())
    return regression_metrics(data, np.ones(1))


def test_by_hand() -> None:
    """Errors of 1, -1, 2 on the targets 1, 2, 6: mse 2, mae 4/3, r2 = 1 - 6/14."""
    metrics = of_predictions(np.array([1.0, 2.0, 6.0]), np.array([2.0, 1.0, 8.0]))
    assert metrics == pytest.approx((2.0, np.sqrt(2.0), 4 / 3, 1 - 6 / 14), rel=1e-15)


def test_weights_count_rows() -> None:
    """Integer weights are repeated rows, and a weight of zero is a row that is not there."""
    y, predictions, weights = RANDOM.normal(size=(2, 30)), RANDOM.normal(size=30), RANDOM.integers(0, 4, 30)
    repeated = of_predictions(np.repeat(y[0], weights), np.repeat(predictions, weights))
    assert of_predictions(y[0], predictions, 0.5 * weights) == pytest.approx(repeated, rel=1e-12)


@pytest.mark.parametrize("weights", [None, np.array([1.0, 2.0, 0.0])], ids=["all", "weighted"])
def test_r2_is_unknown_for_equal_targets(weights) -> None:
    """A target without spread among the rows that count gives no r2 instead of a division by zero."""
    y = np.array([0.1, 0.1, 0.1 if weights is None else 5.0])
    assert of_predictions(y, np.zeros(3), weights).r2 is None


def test_r2_is_unknown_where_squares_vanish() -> None:
    """Targets whose spread has no square in float64 give no r2 instead of a division by zero."""
    assert of_predictions(np.array([1e-200, 2e-200]), np.zeros(2)).r2 is None


@pytest.mark.parametrize("intercept", [True, False])
def test_blocks_do_not_show(intercept: bool) -> None:
    """Rows of many blocks give the metrics of one array of predictions."""
    X, y, theta = RANDOM.normal(size=(70_000, 3)), RANDOM.normal(size=70_000), RANDOM.normal(size=3 + intercept)
    residual = X @ theta[:3] + (theta[3] if intercept else 0.0) - y
    metrics = regression_metrics(rows_cost(X, y, intercept=intercept, loss=Squared()), theta)
    mse = (residual**2).mean()
    expected = (mse, np.sqrt(mse), np.abs(residual).mean(), 1 - mse / y.var())
    assert metrics == pytest.approx(expected, rel=1e-10)
