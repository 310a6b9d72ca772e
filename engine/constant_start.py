"""Where a descent starts that nobody gave a start: at zeros, or at the constant that fits the target."""

from math import log

import numpy as np

from engine.arrays import FloatArray
from engine.losses import Absolute, Huber, LogCosh, Loss, Poisson, Quantile
from engine.rows import RowsCost, weighted_mean

STRAIGHT_LOSSES: tuple[type, ...] = (Absolute, Quantile, Huber, LogCosh)
"""Losses whose slope does not grow with the distance, so that a target far from zero would take many steps."""


def constant_start(data: RowsCost) -> FloatArray:
    """Parameters (p,) that predict one number for every row: the intercept stands last, all others are zero."""
    theta = np.zeros(data.dimension)
    theta[-1] = constant_score(data.y, data.weights, data.loss)
    return theta


def constant_score(y: FloatArray, weights: FloatArray | None, loss: Loss) -> float:
    """The score of least cost for all targets y (m,), but with huber and log_cosh, for which it is the median."""
    if isinstance(loss, STRAIGHT_LOSSES):
        return quantile(y, weights, loss.quantile if isinstance(loss, Quantile) else 0.5)
    mean = weighted_mean(y, weights)
    return (log(mean) if mean > 0.0 else 0.0) if isinstance(loss, Poisson) else mean


def quantile(values: FloatArray, weights: FloatArray | None, share: float) -> float:
    """The least of the values (m,) at which those up to it have that share of the weight."""
    if weights is None:
        place = max(int(np.ceil(share * values.size)) - 1, 0)
        return float(np.partition(values, place)[place])
    order = np.argsort(values)
    reached = np.cumsum(weights[order])
    return float(values[order[np.searchsorted(reached, share * reached[-1])]])
