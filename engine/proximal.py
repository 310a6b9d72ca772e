"""A step of a cost with a part that has no gradient: the proximal map takes that part's place.

The map of a step along the gradient g at rate η is x = prox(theta - η g, η), and G = (theta - x)/η is the gradient
mapping (Nesterov, "Gradient methods for minimizing composite functions", 2013), which is zero at the optimum and only
there. An optimizer that gets G in place of g therefore comes to rest at the optimum; the map after a step of momentum
would not, since its direction adds up many gradients and the map meets each step alone. With sgd that is proximal
gradient descent, with nesterov momentum FISTA (Beck and Teboulle 2009) at constant beta. A coefficient that is to be
zero is so exactly two steps after the map has put it there, but for dampening, which makes it shrink by beta dampening
a step.

The heavy ball takes the map last, as iPiano does (Ochs et al. 2014), and its velocity is what the parameters moved by:
x = prox(theta - η (beta v + share g), η share), v = (theta - x)/η with share = 1 - dampening. Fed with G it would come
near zero without ever being zero.

A step of rate zero leaves the parameters, and the momentum goes on with the limit of G for small rates.
"""

from typing import Final

import numpy as np

from engine.arrays import FloatArray
from engine.optimizers import Momentum, Optimizer
from engine.penalties import SoftThreshold
from engine.recurrences import RECURRENCES, Slots

ROUNDING: Final = 8.0 * float(np.finfo(np.float64).eps)


def proximal_step(
    optimizer: Optimizer,
    gradient: FloatArray,
    theta: FloatArray,
    slots: Slots,
    constants: list[float],
    learning_rate: float,
    proximal: SoftThreshold,
) -> tuple[FloatArray, Slots]:
    """Parameters and slots after a step, where the gradient (dimension,) is that of the smooth part."""
    a, b, c = slots
    if isinstance(optimizer, Momentum) and not optimizer.nesterov:
        share = 1.0 - optimizer.dampening
        along = optimizer.beta * a + share * gradient
        carried = theta - learning_rate * along
        landing = proximal(carried, learning_rate * share)
        return landing, (
            _mapping(theta, landing, along, learning_rate, SoftThreshold(share * proximal.strengths)),
            b,
            c,
        )
    landing = proximal(theta - learning_rate * gradient, learning_rate)
    mapping = _mapping(theta, landing, gradient, learning_rate, proximal)
    before = a
    direction, a, b, c = RECURRENCES[type(optimizer)](optimizer, mapping, theta, a, b, c, constants)
    # This is theta - rate * direction, but keeps the zeros of the landing where direction and mapping are equal.
    arrived = landing - learning_rate * (direction - mapping)
    if isinstance(optimizer, Momentum):
        # A velocity that the mapping cancels is zero but for rounding, which would keep the coefficient from zero.
        still = (landing == 0.0) & (np.abs(a) <= ROUNDING * np.abs(before))
        arrived, a = np.where(still, 0.0, arrived), np.where(still, 0.0, a)
    return np.asarray(arrived), (a, b, c)


def _mapping(
    theta: FloatArray, landing: FloatArray, along: FloatArray, learning_rate: float, proximal: SoftThreshold
) -> FloatArray:
    """G (dimension,) of a step along `along` from theta to its landing."""
    if learning_rate == 0.0:
        return proximal.subgradient(theta, along)
    return np.asarray((theta - landing) / learning_rate)
