"""One run from start to end: the loop consumed under the stop rules."""

from collections.abc import Callable, Iterator
from math import isfinite, isnan
from typing import Literal, NamedTuple

import numpy as np

from engine.arrays import FloatArray
from engine.checkpoint import Checkpoint, checkpoint
from engine.descent import Pause, Point, descend, measure
from engine.errors import InitialError
from engine.method import Method, State, start
from engine.problems import Problem
from engine.stopping import Ending, Limits, Tally, counted, ended, first_tally

Interruption = Literal["cancelled", "time_limit"]
Reason = Literal[Ending, Interruption]


class Outcome(NamedTuple):
    """How a run ended: why, the last point and the best one, and how many whole iterations were made.

    best is by validation cost where there is one, else by cost. After a divergence both are the best point,
    since the last one is of no use, and first_bad_iteration tells where it began. start_cost is that of the start.
    checkpoint: from where the run can go on; None after a divergence. broken: the point at which a divergence was seen,
    None where there was none. lost: it came of a gradient that was NaN at a point before, where the cost was nothing
    unusual.
    """

    reason: Reason
    last: Point
    best: Point
    first_bad_iteration: int | None
    iterations: int
    start_cost: float
    checkpoint: Checkpoint | None
    broken: Point | None = None
    lost: bool = False


class _Begun(NamedTuple):
    """A run before its first event, or its next one: its path, its state, its tally, and a reason to end at once."""

    path: Iterator[Point | Pause]
    state: State
    tally: Tally
    reason: Reason | None


def train(
    problem: Problem,
    method: Method,
    begin: FloatArray | Checkpoint,
    limits: Limits,
    *,
    observe: Callable[[Point], None],
    interrupted: Callable[[], Interruption | None],
) -> Outcome:
    """Descend from theta (dimension,), or go on from a checkpoint, until a stop rule or `interrupted` ends the run.

    Gone on with the same problem and method, a run ends with the bits that it would have had unbroken. observe gets
    every recorded point of finite cost, in order, and none that was recorded before the checkpoint. interrupted is
    asked after every point and at every pause; its answer becomes the reason, and the last whole iteration is kept.
    Raises InitialError where the cost at theta is not finite, BatchError where the batches cannot be drawn.
    """
    with np.errstate(over="ignore", invalid="ignore", divide="ignore", under="ignore"):
        if isinstance(begin, Checkpoint):
            path, state, tally, reason = _resumed(problem, method, begin, limits)
        else:
            path, state, tally, reason = _started(problem, method, begin, limits, observe)
            reason = reason or interrupted()
        before, point = tally, None
        while reason is None:
            event = next(path)
            state, point = event.state or state, event if isinstance(event, Point) else None
            if isinstance(event, Pause) and (reason := interrupted()) is not None:
                point = _closing(problem, method, event, tally)
            if point is not None:
                before, tally = tally, counted(tally, point, limits)
                if tally.latest is point:
                    observe(point)
                reason = ended(tally, limits) or reason or interrupted()
    return _outcome(reason, tally, checkpoint(state, before, tally, method.every, reason), point)


def _started(
    problem: Problem, method: Method, theta: FloatArray, limits: Limits, observe: Callable[[Point], None]
) -> _Begun:
    state = start(theta)
    path = descend(problem, method, state, limits.max_iterations)
    tally = first_tally(_finite(next(path)))
    observe(tally.latest)
    return _Begun(path, state, tally, ended(tally, limits))


def _resumed(problem: Problem, method: Method, begin: Checkpoint, limits: Limits) -> _Begun:
    path = descend(problem, method, begin.state, limits.max_iterations)
    if begin.state.iteration == begin.state.position == 0:
        next(path)  # the start, which was observed before
    return _Begun(path, *begin, None)


def _finite(event: Point | Pause) -> Point:
    """The point at the start, of which everything later is measured."""
    if not isinstance(event, Point) or not isfinite(event.cost) or not isfinite(event.validation_cost or 0.0):
        raise InitialError("The cost at the initial parameters is not finite: start nearer to zero.")
    return event


def _closing(problem: Problem, method: Method, pause: Pause, tally: Tally) -> Point | None:
    """The last whole iteration before a pause, where it is not recorded yet."""
    return measure(problem, method, pause.state) if pause.state.iteration > tally.latest.iteration else None


def _outcome(reason: Reason, tally: Tally, end: Checkpoint, broken: Point | None) -> Outcome:
    if reason == "diverged":
        best, bad_from = tally.best, tally.bad_from
        return Outcome(reason, best, best, bad_from, tally.iteration, tally.start_cost, None, broken, _lost(tally))
    return Outcome(reason, tally.latest, tally.best, None, tally.iteration, tally.start_cost, end)


def _lost(tally: Tally) -> bool:
    norm, first = tally.latest.gradient_norm, tally.bad_from
    return norm is not None and isnan(norm) and first is not None and tally.latest.iteration < first
