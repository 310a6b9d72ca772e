"""Losses as pairs: the value of each row, and its derivative with respect to the row's score z.

A loss is a NamedTuple of its hyperparameters, and PAIRS maps its type to the two functions (h, z, y) -> array.
Scores are (n,), or (n, K) where there is one for each of K classes; values are (n,), derivatives have the shape
of the scores.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from engine.arrays import FloatArray


class Squared(NamedTuple):
    """½ (z - y)², so that the cost is half the mean squared error."""


class LogLoss(NamedTuple):
    """log(1 + e^z) - y z for y of 0 or 1: -log of the probability 1/(1 + e^-z) given to the true class."""


class CrossEntropy(NamedTuple):
    """log Σ e^zₖ - z_y for class numbers y: -log of the probability e^z_y / Σ e^zₖ given to the true class."""

    classes: int


Loss = Squared | LogLoss | CrossEntropy


class Pair(NamedTuple):
    """Value (n,) and derivative (like z) of a loss."""

    value: Callable[[Any, FloatArray, FloatArray], FloatArray]
    derivative: Callable[[Any, FloatArray, FloatArray], FloatArray]


class Bend(NamedTuple):
    """Second derivatives with respect to the scores: the largest anywhere, and the least non-zero one at z = 0."""

    largest: float
    at_zero: float


def bend(loss: Loss) -> Bend:
    """The bounds from which rates follow; that of the cross-entropy is Böhning's (1992), tight for two classes."""
    if isinstance(loss, Squared):
        return Bend(1.0, 1.0)
    return Bend(0.5, 1.0 / loss.classes) if isinstance(loss, CrossEntropy) else Bend(0.25, 0.25)


def scores_per_row(loss: Loss) -> int:
    """K, the number of scores that a row has."""
    return loss.classes if isinstance(loss, CrossEntropy) else 1


def probabilities(loss: LogLoss | CrossEntropy, z: FloatArray) -> FloatArray:
    """Of the second class (n,) for LogLoss, of every class (n, K) for CrossEntropy."""
    if isinstance(loss, LogLoss):
        return np.asarray(0.5 + 0.5 * np.tanh(0.5 * z))
    powers = np.exp(z - z.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def _squared_value(_h: Squared, z: FloatArray, y: FloatArray) -> FloatArray:
    residual = z - y
    return 0.5 * residual * residual


def _squared_derivative(_h: Squared, z: FloatArray, y: FloatArray) -> FloatArray:
    return z - y


def _log_loss_value(_h: LogLoss, z: FloatArray, y: FloatArray) -> FloatArray:
    # With the sign that counts for the row this does not cancel where the probability is near one.
    return np.logaddexp(0.0, (1.0 - 2.0 * y) * z)


def _log_loss_derivative(h: LogLoss, z: FloatArray, y: FloatArray) -> FloatArray:
    return probabilities(h, z) - y


def _cross_entropy_value(_h: CrossEntropy, z: FloatArray, y: FloatArray) -> FloatArray:
    # Relative to the true class: log(1 + Σ e^(zₖ - z_y) over the others) keeps its digits near zero.
    true = y.astype(np.intp)
    apart = z - np.take_along_axis(z, true[:, np.newaxis], axis=1)
    top = apart.max(axis=1)
    powers = np.exp(apart - top[:, np.newaxis])
    np.put_along_axis(powers, true[:, np.newaxis], 0.0, axis=1)
    own = np.exp(-top)
    others = powers.sum(axis=1)
    return np.asarray(np.where(top > 0.0, top + np.log(own + others), np.log1p(others)))


def _cross_entropy_derivative(h: CrossEntropy, z: FloatArray, y: FloatArray) -> FloatArray:
    derivative = probabilities(h, z)
    derivative[np.arange(y.size), y.astype(np.intp)] -= 1.0
    return derivative


PAIRS: Mapping[type[Loss], Pair] = {
    Squared: Pair(_squared_value, _squared_derivative),
    LogLoss: Pair(_log_loss_value, _log_loss_derivative),
    CrossEntropy: Pair(_cross_entropy_value, _cross_entropy_derivative),
}
