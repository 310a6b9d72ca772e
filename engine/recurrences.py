"""Optimizers as elementwise recurrences on a NamedTuple of hyperparameters.

Every recurrence maps (h, gradient, theta, a, b, c, t) to (direction, a, b, c): at most three slots of state, all zero
at the start, and `t`, the constants of the step. It is plain arithmetic on arrays (d,) or on single numbers, each
written out in full so that it can be compiled as it stands.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from engine.arrays import FloatArray, IntArray
from engine.optimizers import (
    Adadelta,
    Adagrad,
    Adam,
    Adamax,
    Adamw,
    Amsgrad,
    Lion,
    Momentum,
    Nadam,
    Optimizer,
    Rmsprop,
    Rprop,
    Sgd,
)

Slots = tuple[FloatArray, FloatArray, FloatArray]
Recurrence = Callable[..., tuple[FloatArray, FloatArray, FloatArray, FloatArray]]

TINY: Final = float(np.finfo(np.float64).tiny)


def sgd(_h: Sgd, gradient: Any, _theta: Any, a: Any, b: Any, c: Any, _t: Any) -> Any:
    """Direction of Sgd; no slot is used."""
    return gradient, a, b, c


def momentum(h: Momentum, gradient: Any, _theta: Any, a: Any, b: Any, c: Any, _t: Any) -> Any:
    """Direction of Momentum; slot a is the velocity v, and with restart slot b is k - 1."""
    beta, b = (np.minimum(h.beta, b / (b + 3.0)), b + 1.0) if h.restart else (h.beta, b)
    ahead = np.minimum(h.beta, b / (b + 3.0)) if h.restart else h.beta
    velocity = beta * a + (1.0 - h.dampening) * gradient if h.dampening else beta * a + gradient
    return (gradient + ahead * velocity if h.nesterov else velocity), velocity, b, c


def adagrad(h: Adagrad, gradient: Any, _theta: Any, a: Any, b: Any, c: Any, _t: Any) -> Any:
    """Direction of Adagrad; slot a is the sum of squares G."""
    total = a + gradient * gradient
    return gradient / (np.sqrt(total) + h.epsilon), total, b, c


def rmsprop(h: Rmsprop, gradient: Any, _theta: Any, a: Any, b: Any, c: Any, _t: Any) -> Any:
    """Direction of Rmsprop; slot a is the average of squares E."""
    average = h.rho * a + (1.0 - h.rho) * (gradient * gradient)
    return gradient / (np.sqrt(average) + h.epsilon), average, b, c


def adam(h: Adam, gradient: Any, _theta: Any, a: Any, b: Any, c: Any, t: Any) -> Any:
    """Direction of Adam; slots a and b are its moments, t = (1 - beta1^k, 1 - beta2^k) in step k >= 1."""
    mean = h.beta1 * a + (1.0 - h.beta1) * gradient
    square = h.beta2 * b + (1.0 - h.beta2) * (gradient * gradient)
    return (mean / t[0]) / (np.sqrt(square / t[1]) + h.epsilon), mean, square, c


def amsgrad(h: Amsgrad, gradient: Any, _theta: Any, a: Any, b: Any, c: Any, t: Any) -> Any:
    """Direction of Amsgrad; slots and t as in Adam, slot c is the largest v so far."""
    mean = h.beta1 * a + (1.0 - h.beta1) * gradient
    square = h.beta2 * b + (1.0 - h.beta2) * (gradient * gradient)
    largest = np.maximum(c, square)
    return (mean / t[0]) / (np.sqrt(largest / t[1]) + h.epsilon), mean, square, largest


def nadam(h: Nadam, gradient: Any, _theta: Any, a: Any, b: Any, c: Any, t: Any) -> Any:
    """Direction of Nadam; slots a and b as in Adam, slot c is 1 - Π; t = (1 - beta2^k, μ, μ')."""
    mean = h.beta1 * a + (1.0 - h.beta1) * gradient
    square = h.beta2 * b + (1.0 - h.beta2) * (gradient * gradient)
    weight = 1.0 - (1.0 - c) * t[1]
    ahead = ((1.0 - t[1]) / weight) * gradient + (t[2] / (1.0 - (1.0 - weight) * t[2])) * mean
    return ahead / (np.sqrt(square / t[0]) + h.epsilon), mean, square, weight


def adamax(h: Adamax, gradient: Any, _theta: Any, a: Any, b: Any, c: Any, t: Any) -> Any:
    """Direction of Adamax; slot a is the mean m, slot b is u, t as in Adam."""
    mean = h.beta1 * a + (1.0 - h.beta1) * gradient
    largest = np.maximum(h.beta2 * b, np.abs(gradient) + h.epsilon)
    return (mean / t[0]) / largest, mean, largest, c


def adamw(h: Adamw, gradient: Any, theta: Any, a: Any, b: Any, c: Any, t: Any) -> Any:
    """Direction of Adamw; slots and t as in Adam."""
    mean = h.beta1 * a + (1.0 - h.beta1) * gradient
    square = h.beta2 * b + (1.0 - h.beta2) * (gradient * gradient)
    return (mean / t[0]) / (np.sqrt(square / t[1]) + h.epsilon) + h.weight_decay * theta, mean, square, c


def adadelta(h: Adadelta, gradient: Any, _theta: Any, a: Any, b: Any, c: Any, _t: Any) -> Any:
    """Direction of Adadelta; slot a is the average E of squared gradients, slot b that of squared directions, D."""
    average = h.rho * a + (1.0 - h.rho) * (gradient * gradient)
    direction = gradient * (np.sqrt(b + h.epsilon) / np.sqrt(average + h.epsilon))
    return direction, average, h.rho * b + (1.0 - h.rho) * (direction * direction), c


def lion(h: Lion, gradient: Any, theta: Any, a: Any, b: Any, c: Any, _t: Any) -> Any:
    """Direction of Lion; slot a is the mean m."""
    sign = np.sign(h.beta1 * a + (1.0 - h.beta1) * gradient)
    return sign + h.weight_decay * theta, h.beta2 * a + (1.0 - h.beta2) * gradient, b, c


def rprop(h: Rprop, gradient: Any, _theta: Any, a: Any, b: Any, c: Any, _t: Any) -> Any:
    """Direction of Rprop; slot a is the last gradient, zero after a change of sign, slot b is Δ, 0 before the first.

    However often it shrinks, Δ stays above zero, which would begin anew.
    """
    turn = np.sign(gradient) * np.sign(a)
    factor = 1.0 + (h.grow - 1.0) * np.maximum(turn, 0.0) + (h.shrink - 1.0) * np.maximum(-turn, 0.0)
    multiple, kept = np.maximum((b + (b == 0.0)) * factor, TINY), gradient * (turn >= 0.0)
    return multiple * np.sign(kept), kept, multiple, c


RECURRENCES: Mapping[type[Optimizer], Recurrence] = {
    Sgd: sgd,
    Momentum: momentum,
    Adagrad: adagrad,
    Rmsprop: rmsprop,
    Adam: adam,
    Amsgrad: amsgrad,
    Nadam: nadam,
    Adamax: adamax,
    Adamw: adamw,
    Adadelta: adadelta,
    Lion: lion,
    Rprop: rprop,
}


def step_constants(optimizer: Optimizer, steps: IntArray) -> FloatArray:
    """Constants t (n, 2 or 3) of the steps (n,), numbered from 0; what a recurrence does not use is one."""
    k = steps[:, np.newaxis] + 1.0
    if isinstance(optimizer, Nadam):
        decay = 0.5 * np.power(0.96, np.hstack([k, k + 1.0]) * optimizer.momentum_decay)
        return np.hstack([1.0 - np.power(optimizer.beta2, k), optimizer.beta1 * (1.0 - decay)])
    if isinstance(optimizer, Adam | Amsgrad | Adamax | Adamw):
        return np.asarray(1.0 - np.power([optimizer.beta1, optimizer.beta2], k))
    return np.ones((steps.size, 2))


def empty_slots(dimension: int) -> Slots:
    """The state before the first step: three zero arrays (d,)."""
    return np.zeros(dimension), np.zeros(dimension), np.zeros(dimension)


def restarted(optimizer: Optimizer, gradient: FloatArray, slots: Slots) -> Slots:
    """The slots (d,) before a step along the gradient (d,): empty where a restart of Momentum is due."""
    if not isinstance(optimizer, Momentum) or not optimizer.restart or gradient.dot(slots[0]) >= 0.0:
        return slots
    return empty_slots(gradient.size)
