"""Learning rates and constants of steps, which are numbered from 0 over the whole run.

They are worked out for whole windows of steps that begin at multiples of their length: a step's numbers are then the
same bits wherever a run is continued.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple, Protocol

import numpy as np

from engine.arrays import FloatArray
from engine.optimizers import Optimizer
from engine.recurrences import step_constants
from engine.schedules import Schedule, learning_rates

WINDOW: Final = 256
LARGE_WINDOW: Final = 4096

Steps = Iterator[tuple[float, list[float]]]


class StepNumbers(NamedTuple):
    """Learning rates (n,) and constants (n, ·) of consecutive steps."""

    rates: FloatArray
    constants: FloatArray


class Tables(Protocol):
    """What `tables` answers."""

    def __call__(self, first: int, count: int) -> StepNumbers:
        """The numbers of `count` > 0 steps from number `first` on."""
        ...


def one_by_one(optimizer: Optimizer, schedule: Schedule, steps_per_iteration: int, first: int) -> Steps:
    """Learning rate and constants of each step from number `first` on, without end."""
    while True:
        window = first // WINDOW
        rates, constants = _window(optimizer, schedule, steps_per_iteration, window, WINDOW)
        within = first - window * WINDOW
        yield from zip(rates[within:].tolist(), constants[within:].tolist(), strict=True)
        first = (window + 1) * WINDOW


def tables(optimizer: Optimizer, schedule: Schedule, steps_per_iteration: int) -> Tables:
    """A function that gives many steps' numbers at once; the latest windows are remembered."""

    @lru_cache(maxsize=2)
    def window(number: int) -> StepNumbers:
        return _window(optimizer, schedule, steps_per_iteration, number, LARGE_WINDOW)

    def between(first: int, count: int) -> StepNumbers:
        numbers = range(first // LARGE_WINDOW, (first + count - 1) // LARGE_WINDOW + 1)
        some = slice(first % LARGE_WINDOW, first % LARGE_WINDOW + count)
        if len(numbers) == 1:
            return StepNumbers(*(table[some] for table in window(numbers[0])))
        rates, constants = zip(*map(window, numbers), strict=True)
        return StepNumbers(np.concatenate(rates)[some], np.concatenate(constants)[some])

    return between


def learning_rate(schedule: Schedule, steps_per_iteration: int, step: int) -> float:
    """The learning rate of one step."""
    return float(learning_rates(schedule, np.array([step]), steps_per_iteration)[0])


def _window(
    optimizer: Optimizer, schedule: Schedule, steps_per_iteration: int, number: int, length: int
) -> StepNumbers:
    steps = np.arange(number * length, (number + 1) * length)
    rates = learning_rates(schedule, steps, steps_per_iteration).astype(np.float64)
    return StepNumbers(rates, step_constants(optimizer, steps))
