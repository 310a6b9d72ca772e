"""Learning-rate schedules: from step numbers, counted from 0, to learning rates.

A schedule counts t in steps (updates), or with per="iteration" in passes over the training rows; all its lengths, the
warm-up's too, are in that unit, and none is taken from the length of the run. With `warmup` w > 0 every rate is
multiplied by min(1, (t + 1) / w): it rises along a straight line from 1/w of what the formula says and is what the
formula says from t = w - 1 on; t itself is not put off (Goyal et al. 2017).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np

from engine.arrays import FloatArray, IntArray

Unit = Literal["step", "iteration"]


class Constant(NamedTuple):
    """The same learning rate at every step."""

    rate: float


class InverseTime(NamedTuple):
    """t0 / (t + t1), which starts at t0 / t1 and falls like t0 / t (Robbins and Monro 1951)."""

    t0: float
    t1: float
    per: Unit = "step"
    warmup: int = 0


class InversePower(NamedTuple):
    """initial / (1 + t)^power (Polyak and Juditsky 1992)."""

    initial: float
    power: float
    per: Unit = "step"
    warmup: int = 0


class Exponential(NamedTuple):
    """initial gamma^(t / steps), which is multiplied by gamma in `steps`, smoothly (Senior et al. 2013)."""

    initial: float
    gamma: float
    steps: int
    per: Unit = "step"
    warmup: int = 0


class Step(NamedTuple):
    """initial gamma^floor(t / steps), which is multiplied by gamma every `steps` (Szegedy et al. 2015)."""

    initial: float
    gamma: float
    steps: int
    per: Unit = "step"
    warmup: int = 0


class Piecewise(NamedTuple):
    """values[k] where k of the boundaries are at most t (He et al. 2016).

    boundaries rise, and there is one value more than boundaries: the first holds before the first boundary.
    """

    boundaries: Sequence[int]
    values: Sequence[float]
    per: Unit = "step"
    warmup: int = 0


class Polynomial(NamedTuple):
    """final + (initial - final) (1 - min(t, horizon) / horizon)^power (Chen et al. 2018)."""

    initial: float
    final: float
    horizon: int
    power: float = 1.0
    per: Unit = "step"
    warmup: int = 0


class Cosine(NamedTuple):
    """final + (initial - final) (1 + cos(π min(t, horizon) / horizon)) / 2 (Loshchilov and Hutter 2017)."""

    initial: float
    final: float
    horizon: int
    per: Unit = "step"
    warmup: int = 0


Decay = InverseTime | InversePower | Exponential | Step | Piecewise | Polynomial | Cosine
Schedule = Constant | Decay

SCHEDULES: Mapping[str, type[Schedule]] = {
    "constant": Constant,
    "inverse_time": InverseTime,
    "inverse_power": InversePower,
    "exponential": Exponential,
    "step": Step,
    "piecewise": Piecewise,
    "polynomial": Polynomial,
    "cosine": Cosine,
}


def learning_rates(schedule: Schedule, steps: IntArray, steps_per_iteration: int) -> FloatArray:
    """Learning rates (n,) of the steps (n,), which are numbered from 0 over the whole run."""
    if isinstance(schedule, Constant):
        return np.full(steps.shape, schedule.rate)
    t = steps if schedule.per == "step" else steps // steps_per_iteration
    rates = FORMULAS[type(schedule)](schedule, t)
    return rates * np.minimum(1.0, (t + 1) / schedule.warmup) if schedule.warmup else rates


def inverse_time(s: InverseTime, t: IntArray) -> FloatArray:
    """The rates (n,) of InverseTime at t (n,)."""
    return np.asarray(s.t0 / (t + s.t1))


def inverse_power(s: InversePower, t: IntArray) -> FloatArray:
    """The rates (n,) of InversePower at t (n,)."""
    return np.asarray(s.initial / np.power(1.0 + t, s.power))


def exponential(s: Exponential, t: IntArray) -> FloatArray:
    """The rates (n,) of Exponential at t (n,)."""
    return np.asarray(s.initial * np.power(s.gamma, t / s.steps))


def step(s: Step, t: IntArray) -> FloatArray:
    """The rates (n,) of Step at t (n,)."""
    return np.asarray(s.initial * np.power(s.gamma, (t // s.steps).astype(np.float64)))


def piecewise(s: Piecewise, t: IntArray) -> FloatArray:
    """The rates (n,) of Piecewise at t (n,)."""
    return np.asarray(s.values, dtype=np.float64)[np.searchsorted(np.asarray(s.boundaries), t, side="right")]


def polynomial(s: Polynomial, t: IntArray) -> FloatArray:
    """The rates (n,) of Polynomial at t (n,)."""
    return np.asarray(s.final + (s.initial - s.final) * np.power(1.0 - np.minimum(t / s.horizon, 1.0), s.power))


def cosine(s: Cosine, t: IntArray) -> FloatArray:
    """The rates (n,) of Cosine at t (n,)."""
    return np.asarray(s.final + (s.initial - s.final) * (0.5 + 0.5 * np.cos(np.pi * np.minimum(t / s.horizon, 1.0))))


FORMULAS: Mapping[type[Decay], Callable[[Any, IntArray], FloatArray]] = {
    InverseTime: inverse_time,
    InversePower: inverse_power,
    Exponential: exponential,
    Step: step,
    Piecewise: piecewise,
    Polynomial: polynomial,
    Cosine: cosine,
}
