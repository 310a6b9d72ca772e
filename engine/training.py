"""One run from start to end: the loop consumed under the stop rules."""

from collections.abc import Callable
from math import isfinite
from typing import Literal, NamedTuple

import numpy as np

from engine.arrays import FloatArray
from engine.descent import Pause, Point, descend, measure
from engine.errors import InitialError
from engine.method import Method, start
from engine.problems import Problem
from engine.stopping import Ending, Limits, Tally, counted, ended, first_tally

Interruption = Literal["cancelled", "time_limit"]
Reason = Literal[Ending, Interruption]


class Outcome(NamedTuple):
    """How a run ended: why, the last point and the best one, and how many whole iterations were made.

    best is by validation cost where there is one, else by cost. After a divergence both are the best point,
    since the last one is of no use, and first_bad_iteration tells where it began. start_cost is that of the start.
    """

    reason: Reason
    last: Point
    best: Point
    first_bad_iteration: int | None
    iterations: int
    start_cost: float


def train(
    problem: Problem,
    method: Method,
    theta: FloatArray,
    limits: Limits,
    *,
    observe: Callable[[Point], None],
    interrupted: Callable[[], Interruption | None],
) -> Outcome:
    """Descend from theta (dimension,) until a stop rule or `interrupted` ends the run.

    observe gets every recorded point of finite cost, in order. interrupted is asked after every point and at
    every pause; its answer becomes the reason, and the last whole iteration is kept. Raises InitialError
    where the cost at theta is not finite, BatchError where the batches cannot be drawn.
    """
    with np.errstate(over="ignore", invalid="ignore", divide="ignore", under="ignore"):
        path = descend(problem, method, start(theta), limits.max_iterations)
        tally = first_tally(_finite(next(path)))
        observe(tally.latest)
        reason: Reason | None = ended(tally, limits) or interrupted()
        while reason is None:
            event = next(path)
            point = event if isinstance(event, Point) else None
            if isinstance(event, Pause) and (reason := interrupted()) is not None:
                point = _closing(problem, method, event, tally)
            if point is not None:
                tally = counted(tally, point, limits)
                if tally.latest is point:
                    observe(point)
                reason = ended(tally, limits) or reason or interrupted()
    return _outcome(reason, tally)


def _finite(event: Point | Pause) -> Point:
    """The point at the start, of which everything later is measured."""
    if not isinstance(event, Point) or not isfinite(event.cost) or not isfinite(event.validation_cost or 0.0):
        raise InitialError("The cost at the initial parameters is not finite: start nearer to zero.")
    return event


def _closing(problem: Problem, method: Method, pause: Pause, tally: Tally) -> Point | None:
    """The last whole iteration before a pause, where it is not recorded yet."""
    return measure(problem, method, pause.state) if pause.state.iteration > tally.latest.iteration else None


def _outcome(reason: Reason, tally: Tally) -> Outcome:
    if reason == "diverged":
        return Outcome(reason, tally.best, tally.best, tally.bad_from, tally.iteration, tally.start_cost)
    return Outcome(reason, tally.latest, tally.best, None, tally.iteration, tally.start_cost)
