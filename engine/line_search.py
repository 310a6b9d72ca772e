"""How far a line leads downhill, found by doubling and halving."""

from math import isfinite
from typing import Final

import numpy as np

from engine.arrays import FloatArray
from engine.problems import Problem

NOWHERE: Final = 1e-30
"""A distance below which no line leads downhill; its inverse is one beyond which nobody looks."""


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
