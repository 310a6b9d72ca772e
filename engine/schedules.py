"""Learning-rate schedules: from step numbers, counted from 0, to learning rates.

A schedule counts steps (updates), or with per="iteration" passes over the training rows.
"""

from typing import Literal, NamedTuple

import numpy as np

from engine.arrays import FloatArray, IntArray


class Constant(NamedTuple):
    """The same learning rate at every step."""

    rate: float


class InverseTime(NamedTuple):
    """t0 / (t + t1), which starts at t0 / t1 and falls like t0 / t (Robbins and Monro 1951)."""

    t0: float
    t1: float
    per: Literal["step", "iteration"] = "step"


Schedule = Constant | InverseTime

SCHEDULES: dict[str, type[Schedule]] = {"constant": Constant, "inverse_time": InverseTime}


def learning_rates(schedule: Schedule, steps: IntArray, steps_per_iteration: int) -> FloatArray:
    """Learning rates (n,) of the steps (n,), which are numbered from 0 over the whole run."""
    if isinstance(schedule, Constant):
        return np.full(steps.shape, schedule.rate)
    t = steps if schedule.per == "step" else steps // steps_per_iteration
    return np.asarray(schedule.t0 / (t + schedule.t1))
