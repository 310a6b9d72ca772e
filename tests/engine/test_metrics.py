"""Metrics against their definitions."""

import numpy as np
import pytest

from engine.metrics import linear_metrics, regression_metrics


def test_by_hand() -> None:
    """Errors of 1, -1, 2 on the targets 1, 2, 6: mse 2, mae 4/3, r2 = 1 - 6/14."""
    metrics = regression_metrics(np.array([1.0, 2.0, 6.0]), np.array([2.0, 1.0, 8.0]))
    assert metrics == pytest.approx((2.0, np.sqrt(2.0), 4 / 3, 1 - 6 / 14), rel=1e-15)


def test_r2_is_unknown_for_equal_targets() -> None:
    """A target without spread gives no r2 instead of a division by zero."""
    assert regression_metrics(np.full(3, 0.1), np.zeros(3)).r2 is None


@pytest.mark.parametrize("intercept", [True, False])
def test_blocks_do_not_show(intercept: bool) -> None:
    """Rows of many blocks give the metrics of one array of predictions."""
    random = np.random.default_rng(0)
    X, y, theta = random.normal(size=(70_000, 3)), random.normal(size=70_000), random.normal(size=3 + intercept)
    predictions = X @ theta[:3] + (theta[3] if intercept else 0.0)
    assert linear_metrics(X, y, theta, intercept=intercept) == pytest.approx(
        regression_metrics(y, predictions), rel=1e-12
    )
    assert regression_metrics(y, predictions).mae == pytest.approx(np.abs(predictions - y).mean(), rel=1e-12)
