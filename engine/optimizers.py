"""Optimizers as elementwise recurrences on a NamedTuple of hyperparameters.

Every recurrence maps (h, gradient, theta, a, b, c, t) to (direction, a, b, c): at most three slots of state,
all zero at the start, and `t`, the constants of the step. It is plain arithmetic on arrays (d,) or on single
numbers, each written out in full so that it can be compiled as it stands. The parameters then move by
theta - learning_rate * direction. The theta of decoupled decay is that before the step, with zeros for what never
decays: intercepts and biases.

Epsilon stands outside the root, with Adadelta's exception. Where PyTorch, Keras and the papers differ, each class says
which of them it follows.
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
    is that of Sutskever et al., as in PyTorch's SGD; there the first velocity is g whatever the dampening, here v
    starts at zero.
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


class Amsgrad(NamedTuple):
    """Direction m̂ / (√(v_max / (1 - beta2^k)) + epsilon), v_max the largest v so far (Reddi, Kale and Kumar 2018).

    m and v are Adam's. The bias corrections are PyTorch's, of the largest uncorrected v; the paper has none.
    """

    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8


class Nadam(NamedTuple):
    """Direction ((1 - μ) g / (1 - Π) + μ' m / (1 - Π μ')) / (√v̂ + epsilon), Adam looking ahead (Dozat 2016).

    μ = beta1 (1 - 0.96^(k momentum_decay) / 2) in step k, μ' in the next one, Π the product of all μ so far: as in
    PyTorch and in Keras, where momentum_decay is fixed at 0.004.
    """

    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    momentum_decay: float = 0.004


class Adamax(NamedTuple):
    """u <- max(beta2 u, |g| + epsilon); direction m̂ / u (Kingma and Ba 2015, algorithm 2).

    Epsilon is where PyTorch has it; the paper has none, Keras divides by u + epsilon.
    """

    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8


class Adamw(NamedTuple):
    """Adam with decoupled decay: direction m̂ / (√v̂ + epsilon) + weight_decay theta (Loshchilov and Hutter 2019).

    As in PyTorch and Keras the decay is multiplied by the learning rate and adds nothing to the cost; intercepts and
    biases are spared, which there takes a group of their own. Adam's part is
    hardly longer than 1, so no weight gets much beyond 1 / weight_decay.
    """

    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    weight_decay: float = 0.01


class Adadelta(NamedTuple):
    """E <- rho E + (1 - rho) g²; direction Δ = g √(D + epsilon) / √(E + epsilon), D for Δ as E for g (Zeiler 2012).

    The paper's learning rate is 1; epsilon is inside both roots there, in PyTorch and in Keras too.
    """

    rho: float = 0.9
    epsilon: float = 1e-6


class Lion(NamedTuple):
    """Direction sign(beta1 m + (1 - beta1) g) + weight_decay theta; m <- beta2 m + (1 - beta2) g (Chen et al. 2023).

    "Symbolic discovery of optimization algorithms"; the sign of zero is zero.
    """

    beta1: float = 0.9
    beta2: float = 0.99
    weight_decay: float = 0.0


Optimizer = Sgd | Momentum | Adagrad | Rmsprop | Adam | Amsgrad | Nadam | Adamax | Adamw | Adadelta | Lion

OPTIMIZERS: Mapping[str, type[Optimizer]] = {
    "sgd": Sgd,
    "momentum": Momentum,
    "adagrad": Adagrad,
    "rmsprop": Rmsprop,
    "adam": Adam,
    "amsgrad": Amsgrad,
    "nadam": Nadam,
    "adamax": Adamax,
    "adamw": Adamw,
    "adadelta": Adadelta,
    "lion": Lion,
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


def has_decay(optimizer: Optimizer) -> bool:
    """Whether the direction depends on theta."""
    return isinstance(optimizer, Adamw | Lion) and optimizer.weight_decay > 0.0


def empty_slots(dimension: int) -> Slots:
    """The state before the first step: three zero arrays (d,)."""
    return np.zeros(dimension), np.zeros(dimension), np.zeros(dimension)
