"""The formulas of the losses: the value of each row, and its derivative with respect to the row's score z.

PAIRS maps the type of a loss to the two functions (h, z, y) -> array, with h the loss itself.
Scores are (n,), or (n, K) where there is one for each of K classes; values are (n,), derivatives have the shape
of the scores. Where a loss has a kink its derivative is the subgradient 0. The derivative of a loss with one score is
plain arithmetic on arrays or on single numbers, written out in full so that it can be compiled as it stands.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from engine.arrays import FloatArray
from engine.losses import (
    Absolute,
    CrossEntropy,
    Hinge,
    Huber,
    LogCosh,
    LogLoss,
    Loss,
    Poisson,
    Quantile,
    Squared,
    SquaredHinge,
)


class LossPair(NamedTuple):
    """Value (n,) and derivative (like z) of a loss."""

    value: Callable[[Any, FloatArray, FloatArray], FloatArray]
    derivative: Callable[[Any, FloatArray, FloatArray], FloatArray]


def predictions(loss: Loss, z: FloatArray) -> FloatArray:
    """The numbers (n,) that the scores (n,) of a model of numbers predict: e^z for Poisson, else z itself."""
    return np.exp(z) if isinstance(loss, Poisson) else z


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


def _absolute_value(_h: Absolute, z: FloatArray, y: FloatArray) -> FloatArray:
    return np.abs(z - y)


def _absolute_derivative(_h: Absolute, z: FloatArray, y: FloatArray) -> FloatArray:
    return np.sign(z - y)


def _huber_value(h: Huber, z: FloatArray, y: FloatArray) -> FloatArray:
    residual = z - y
    slope = residual.clip(-h.delta, h.delta)
    return slope * (residual - 0.5 * slope)


def _huber_derivative(h: Huber, z: FloatArray, y: FloatArray) -> FloatArray:
    return np.minimum(np.maximum(z - y, -h.delta), h.delta)


def _quantile_value(h: Quantile, z: FloatArray, y: FloatArray) -> FloatArray:
    residual = z - y
    return np.maximum((1.0 - h.quantile) * residual, -h.quantile * residual)


def _quantile_derivative(h: Quantile, z: FloatArray, y: FloatArray) -> FloatArray:
    # sign/2 + (1/2 - q) is 1 - q above and -q below, and the product makes it zero at the target.
    sign = np.sign(z - y)
    return 0.5 * sign + (0.5 - h.quantile) * np.abs(sign)


def _log_cosh_value(_h: LogCosh, z: FloatArray, y: FloatArray) -> FloatArray:
    # log(1 + 2 sinh²(r/2)) keeps the digits of small values, |r| + log(1 + e^-2|r|) - log 2 does not overflow.
    size = np.abs(z - y)
    near = np.log1p(2.0 * np.sinh(0.5 * np.minimum(size, 1.0)) ** 2)
    return np.where(size < 1.0, near, size + np.log1p(np.exp(-2.0 * size)) - np.log(2.0))


def _log_cosh_derivative(_h: LogCosh, z: FloatArray, y: FloatArray) -> FloatArray:
    return np.tanh(z - y)


def _poisson_value(_h: Poisson, z: FloatArray, y: FloatArray) -> FloatArray:
    # y (e^u - 1 - u) with u = z - log y: the large terms of the sum do not cancel.
    some = y > 0.0
    apart = np.where(some, z - np.log(np.where(some, y, 1.0)), 0.0)
    return np.where(some, y * (np.expm1(apart) - apart), np.exp(z))


def _poisson_derivative(_h: Poisson, z: FloatArray, y: FloatArray) -> FloatArray:
    return np.exp(z) - y


def _hinge_value(_h: Hinge, z: FloatArray, y: FloatArray) -> FloatArray:
    return np.maximum(1.0 - (2.0 * y - 1.0) * z, 0.0)


def _hinge_derivative(_h: Hinge, z: FloatArray, y: FloatArray) -> FloatArray:
    sign = 2.0 * y - 1.0
    return -sign * (sign * z < 1.0)


def _squared_hinge_value(_h: SquaredHinge, z: FloatArray, y: FloatArray) -> FloatArray:
    return np.maximum(1.0 - (2.0 * y - 1.0) * z, 0.0) ** 2


def _squared_hinge_derivative(_h: SquaredHinge, z: FloatArray, y: FloatArray) -> FloatArray:
    sign = 2.0 * y - 1.0
    return -2.0 * sign * np.maximum(1.0 - sign * z, 0.0)


def _log_loss_value(_h: LogLoss, z: FloatArray, y: FloatArray) -> FloatArray:
    # With the sign that counts for the row this does not cancel where the probability is near one; np.logaddexp does
    # the same at ten times the cost.
    against = (1.0 - 2.0 * y) * z
    return np.maximum(against, 0.0) + np.log1p(np.exp(-np.abs(against)))


def _log_loss_derivative(_h: LogLoss, z: FloatArray, y: FloatArray) -> FloatArray:
    return 0.5 + 0.5 * np.tanh(0.5 * z) - y


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


PAIRS: Mapping[type[Loss], LossPair] = {
    Squared: LossPair(_squared_value, _squared_derivative),
    Absolute: LossPair(_absolute_value, _absolute_derivative),
    Huber: LossPair(_huber_value, _huber_derivative),
    Quantile: LossPair(_quantile_value, _quantile_derivative),
    LogCosh: LossPair(_log_cosh_value, _log_cosh_derivative),
    Poisson: LossPair(_poisson_value, _poisson_derivative),
    LogLoss: LossPair(_log_loss_value, _log_loss_derivative),
    CrossEntropy: LossPair(_cross_entropy_value, _cross_entropy_derivative),
    Hinge: LossPair(_hinge_value, _hinge_derivative),
    SquaredHinge: LossPair(_squared_hinge_value, _squared_hinge_derivative),
}
