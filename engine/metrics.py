"""How well predictions of numbers fit, in the units of the target, summed block by block."""

from collections.abc import Iterator
from math import sqrt
from typing import NamedTuple

import numpy as np

from engine.arrays import FloatArray, blocks
from engine.loss_formulas import predictions
from engine.rows import Scored, weighted_mean, weighted_sum


class RegressionMetrics(NamedTuple):
    """mse = mean r², rmse = √mse, mae = mean |r|, r2 = 1 - Σ r² / Σ (y - ȳ)², with r = prediction - y.

    All means and sums are weighted where the rows have weights. r2 is None where all targets are equal, or
    differ too little to square: it compares with their spread.
    """

    mse: float
    rmse: float
    mae: float
    r2: float | None


def regression_metrics(data: Scored, theta: FloatArray) -> RegressionMetrics:
    """Metrics of the linear model theta on its rows, without an array of all predictions."""
    squares = absolutes = 0.0
    with np.errstate(over="ignore"):  # e^z of held-out rows may be too large, and the figures then are inf
        for block, scores in data.scores(theta):
            residual = predictions(data.loss, scores) - data.y[block]
            squares += weighted_sum(residual * residual, data.weights, block)
            absolutes += weighted_sum(abs(residual), data.weights, block)
    mse, counted = squares / data.y.size, data.y if data.weights is None else data.y[data.weights > 0.0]
    spread = 0.0 if counted.min() == counted.max() else sum(_squared_deviations(data))
    return RegressionMetrics(mse, sqrt(mse), absolutes / data.y.size, 1.0 - squares / spread if spread else None)


def _squared_deviations(data: Scored) -> Iterator[float]:
    mean = weighted_mean(data.y, data.weights)
    for block in blocks(data.y.size, 1):
        deviation = data.y[block] - mean
        yield weighted_sum(deviation * deviation, data.weights, block)
