"""How far a line leads downhill, found by doubling and halving."""

from math import isfinite
from typing import Final, NamedTuple

import numpy as np

from engine.arrays import FloatArray, all_finite
from engine.problems import Problem

NOWHERE: Final = 1e-30
"""A distance below which no line leads downhill; its inverse is one beyond which nobody looks."""

LEAST_RATE: Final = 1e-300
"""A rate is a number above zero, however steep a cost."""


class Downhill(NamedTuple):
    """How far the parameter of the largest slope goes down along the gradient, a power of two, and that slope."""

    distance: float
    steepest: float

    @property
    def rate(self) -> float:
        """The learning rate that goes there in one step."""
        return max(self.distance / self.steepest, LEAST_RATE)


UNKNOWN: Final = Downhill(1.0, 1.0)
"""What is said of a start of which nothing is known."""


def downhill(problem: Problem, start: FloatArray) -> Downhill | None:
    """The way along the first gradient to where the cost stops falling; steepest is 1 where it is zero.

    None where the cost or its gradient is no finite number at the start.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        cost, gradient = problem.cost_and_gradient(start)
    if not (isfinite(cost) and all_finite(gradient)):
        return None
    steepest = float(np.abs(gradient).max()) or 1.0
    return Downhill(lowest_on_line(problem, start, -gradient / steepest), steepest)


def lowest_on_line(problem: Problem, start: FloatArray, direction: FloatArray) -> float:
    """The power of two at which the cost from `start` along `direction` stops falling, from 1 on downhill.

    1 where the line does not lead downhill, or the direction is zero.
    """
    size, first = 1.0, _cost(problem, start)
    while (cost := _cost(problem, start + size * direction)) >= first or not isfinite(cost):
        if size < NOWHERE:
            return 1.0
        size *= 0.5
    factor = 2.0 if _cost(problem, start + 2.0 * size * direction) < cost else 0.5
    while size < 1.0 / NOWHERE and (further := _cost(problem, start + factor * size * direction)) < cost:
        size, cost = factor * size, further
    return size


def _cost(problem: Problem, theta: FloatArray) -> float:
    with np.errstate(over="ignore", invalid="ignore"):
        return problem.cost(theta)
