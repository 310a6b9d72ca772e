"""How well predictions of numbers fit, in the units of the target, summed block by block."""

from collections.abc import Iterable, Iterator
from math import sqrt
from typing import NamedTuple

from engine.arrays import FloatArray, blocks
from engine.rows import RowsCost, residual_blocks


class RegressionMetrics(NamedTuple):
    """mse = mean r², rmse = √mse, mae = mean |r|, r2 = 1 - Σ r² / Σ (y - ȳ)², with r = prediction - y.

    r2 is None where all targets are equal, since it compares with their spread.
    """

    mse: float
    rmse: float
    mae: float
    r2: float | None


def regression_metrics(y: FloatArray, predictions: FloatArray) -> RegressionMetrics:
    """Metrics of predictions (n,) of the targets y (n,), n >= 1."""
    return _metrics(y, (predictions[block] - y[block] for block in blocks(y.size, 1)))


def linear_metrics(X: FloatArray, y: FloatArray, theta: FloatArray, *, intercept: bool) -> RegressionMetrics:
    """Metrics of the linear model theta on rows X (n, d), y (n,), without an array of all predictions."""
    return _metrics(y, (residual for _, residual in residual_blocks(RowsCost(X, y, intercept), theta)))


def _metrics(y: FloatArray, residuals: Iterable[FloatArray]) -> RegressionMetrics:
    squares = absolutes = 0.0
    for residual in residuals:
        squares += float(residual.dot(residual))
        absolutes += float(abs(residual).sum())
    mse = squares / y.size
    r2 = None if y.min() == y.max() else 1.0 - squares / sum(_squared_deviations(y))
    return RegressionMetrics(mse, sqrt(mse), absolutes / y.size, r2)


def _squared_deviations(y: FloatArray) -> Iterator[float]:
    mean = y.mean()
    for block in blocks(y.size, 1):
        deviation = y[block] - mean
        yield float(deviation.dot(deviation))
