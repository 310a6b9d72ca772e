"""Trying a learning rate before it is suggested: the same run once more, for a moment."""

from collections.abc import Callable
from time import monotonic
from typing import Final

from engine.arrays import FloatArray
from engine.method import Method
from engine.problems import Problem
from engine.schedules import Constant
from engine.stopping import Limits
from engine.training import Interruption, train

SHARES: Final = (1.0, 0.1, 0.01)
SECONDS: Final = 0.5
"""A trial that lasts longer counts by what it came to so far."""


def rate_that_lasts(problem: Problem, method: Method, theta: FloatArray, limits: Limits, rate: float) -> float | None:
    """The first of `rate`, a tenth and a hundredth of it with which the run from theta does not diverge, if any."""
    tried = (rate * share for share in SHARES)
    return next((rate for rate in tried if rate > 0.0 and _lasts(problem, method, theta, limits, rate)), None)


def _lasts(problem: Problem, method: Method, theta: FloatArray, limits: Limits, rate: float) -> bool:
    trial = method._replace(schedule=Constant(rate))
    outcome = train(problem, trial, theta, limits, observe=lambda _point: None, interrupted=_clock(SECONDS))
    return outcome.reason != "diverged" and outcome.last.cost <= outcome.start_cost


def _clock(seconds: float) -> Callable[[], Interruption | None]:
    end = monotonic() + seconds
    return lambda: "time_limit" if monotonic() > end else None
