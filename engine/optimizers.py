"""Optimizers as elementwise recurrences on a NamedTuple of hyperparameters.

Every recurrence maps (h, gradient, theta, a, b, c, t) to (direction, a, b, c): at most three slots of state,
all zero at the start, and `t`, the constants of the step. It is plain arithmetic on arrays (d,) or on single
numbers. The parameters then move by theta - learning_rate * direction.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from engine.arrays import FloatArray, IntArray

Slots = tuple[FloatArray, FloatArray, FloatArray]
Recurrence = Callable[..., tuple[FloatArray, FloatArray, FloatArray, FloatArray]]


class Sgd(NamedTuple):
    """Direction g, the gradient itself (Cauchy 1847; Robbins and Monro 1951 for batches)."""


class Momentum(NamedTuple):
    """v <- beta v + (1 - dampening) g; direction v, with nesterov g + beta v (Polyak 1964; Sutskever et al. 2013).

    dampening 0 is the heavy ball of Polyak, dampening = beta an exponential average of gradients. The nesterov form
    is that of Sutskever et al., as in PyTorch's SGD with nesterov=True.
    """

    beta: float = 0.9
    dampening: float = 0.0
    nesterov: bool = False


class Adagrad(NamedTuple):
    """G <- G + g²; direction g / (√G + epsilon) (Duchi, Hazan and Singer 2011; epsilon outside the root)."""

    epsilon: float = 1e-8


class Rmsprop(NamedTuple):
    """E <- rho E + (1 - rho) g²; direction g / (√E + epsilon) (Tieleman and Hinton 2012; no correction)."""

    rho: float = 0.9
    epsilon: float = 1e-8


class Adam(NamedTuple):
    """Direction m̂ / (√v̂ + epsilon) with bias-corrected moments (Kingma and Ba 2015, algorithm 1).

    m <- beta1 m + (1 - beta1) g, v <- beta2 v + (1 - beta2) g²; m̂ = m / (1 - beta1^k), v̂ = v / (1 - beta2^k) in step k.
    """

    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8


Optimizer = Sgd | Momentum | Adagrad | Rmsprop | Adam

OPTIMIZERS: Mapping[str, type[Optimizer]] = {
    "sgd": Sgd,
    "momentum": Momentum,
    "adagrad": Adagrad,
    "rmsprop": Rmsprop,
    "adam": Adam,
}


def sgd(_h: Sgd, gradient: Any, _theta: Any, a: Any, b: Any, c: Any, _t: Any) -> Any:
    """Direction of Sgd; no slot is used."""
    return gradient, a, b, c


def momentum(h: Momentum, gradient: Any, _theta: Any, a: Any, b: Any, c: Any, _t: Any) -> Any:
    """Direction of Momentum; slot a is the velocity v."""
    velocity = h.beta * a + (1.0 - h.dampening) * gradient if h.dampening else h.beta * a + gradient
    return (gradient + h.beta * velocity if h.nesterov else velocity), velocity, b, c


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


RECURRENCES: Mapping[type[Optimizer], Recurrence] = {
    Sgd: sgd,
    Momentum: momentum,
    Adagrad: adagrad,
    Rmsprop: rmsprop,
    Adam: adam,
}


def step_constants(optimizer: Optimizer, steps: IntArray) -> FloatArray:
    """Constants t (n, 2) of the steps (n,), numbered from 0: Adam's bias corrections, ones for the others."""
    if not isinstance(optimizer, Adam):
        return np.ones((steps.size, 2))
    betas = np.array([optimizer.beta1, optimizer.beta2])
    return np.asarray(1.0 - np.power(betas, steps[:, np.newaxis] + 1.0))


def empty_slots(dimension: int) -> Slots:
    """The state before the first step: three zero arrays (d,)."""
    return np.zeros(dimension), np.zeros(dimension), np.zeros(dimension)
