"""How to descend, and the state of a descent between two steps: what every way of taking steps is told.

No array that was handed out is ever written again, so points and states may be kept without copying.
"""

from collections.abc import Callable
from typing import NamedTuple

from engine.arrays import FloatArray, IntArray
from engine.batches import Batching
from engine.optimizers import Optimizer
from engine.problems import Problem
from engine.recurrences import Slots, empty_slots
from engine.schedules import Schedule


class Method(NamedTuple):
    """How to descend; a Point is made every `every` iterations.

    gradient_clip: the largest L2 norm of a step's gradient, None for any. averaging: whether the mean of the iterates
    is the answer. kernel: what compiles steps of small batches, None for NumPy alone; both agree but for rounding.
    """

    optimizer: Optimizer
    schedule: Schedule
    batching: Batching
    seed: int = 0
    every: int = 1
    gradient_clip: float | None = None
    averaging: bool = False
    kernel: "Kernel | None" = None


class State(NamedTuple):
    """All that the rest of the path depends on, and the parameters to fall back to when a pass is broken off.

    `iteration` whole iterations are complete, which ended at `completed`; `theta` and `slots` are `position`
    steps further on. `mean` is that of all iterates so far with averaging, and theta without it; `completed` is what
    `mean` was.
    """

    theta: FloatArray
    slots: Slots
    iteration: int
    position: int
    completed: FloatArray
    mean: FloatArray


class Compiled(NamedTuple):
    """Steps in compiled code, at most `at_once` between pauses.

    take(state, taken, rows, rates, constants) is the state after the steps of batches `rows` of one pass, of which
    rates (k,) and constants (k, ·) are known, `taken` steps after the start.
    """

    take: Callable[[State, int, IntArray, FloatArray, FloatArray], State]
    at_once: int


Kernel = Callable[[Problem, Method], Compiled | None]


def start(theta: FloatArray) -> State:
    """The state before the first step."""
    return State(theta, empty_slots(theta.size), 0, 0, theta, theta)
