"""A function job: its settings as the engine's objects, and its starts, descended one after the other."""

from typing import Any, Final, NamedTuple, cast, get_args

import numpy as np

from contract.function_settings import FunctionSettings
from engine.arrays import FloatArray
from engine.automatic import Resolved
from engine.batches import Batching
from engine.checkpoint import Checkpoint
from engine.errors import InitialError
from engine.function_automatic import resolve_function
from engine.function_problem import FunctionProblem
from engine.history import History
from engine.method import Method
from engine.schedules import learning_rates
from engine.stopping import Limits
from engine.training import Interruption, Outcome, train
from worker.build import explicit, explicit_rate, optimizer_of, schedule_of
from worker.report import Path, Running

UNIT: Final = 1.0
"""Of values beside which a start's value of zero is nothing: functions have no unit that would say more."""


class FunctionPlan(NamedTuple):
    """All that the runs need, from starts (count, variables)."""

    settings: FunctionSettings
    problem: FunctionProblem
    starts: FloatArray
    method: Method
    limits: Limits
    resolved: Resolved

    def fields(self) -> dict[str, Any]:
        """``resolved``, ``advice`` and ``warnings`` of the record."""
        resolved = {
            "optimizer": explicit(self.method.optimizer),
            "learning_rate": explicit_rate(self.method.schedule),
        }
        return {"resolved": resolved, "advice": self.resolved.advice._asdict(), "warnings": []}

    def suggested_rate(self) -> float:
        """A learning rate to try after a divergence: that of "auto", or half of what was tried where that is less."""
        first = np.zeros(1, dtype=np.int64)
        automatic = resolve_function(self.problem, list(self.starts), self.method.optimizer, "auto").schedule
        tried = learning_rates(self.method.schedule, first, 1)[0]
        return float(min(learning_rates(automatic, first, 1)[0], 0.5 * tried))


class Descended(NamedTuple):
    """What came of one start: how it ended, or None where the function has no finite value there, and its path."""

    start: FloatArray
    outcome: Outcome | None
    path: History


def plan_function(settings: FunctionSettings) -> FunctionPlan:
    """Prepare the runs, with a number for each "auto"."""
    problem, starts = settings.problem, settings.starts
    resolved = resolve_function(
        problem, list(starts), optimizer_of(settings.optimizer), schedule_of(settings.learning_rate)
    )
    method = Method(
        optimizer=resolved.optimizer,
        schedule=resolved.schedule,
        batching=Batching(None, "shuffle"),
        seed=settings.seed,
        every=settings.history["every"],
        gradient_clip=settings.gradient_clip,
        averaging=settings.averaging,
    )
    limits = Limits(settings.max_iterations, *settings.tolerance, unit=UNIT)
    return FunctionPlan(settings, problem, starts, method, limits, resolved)


def descend_all(
    plan: FunctionPlan, running: Running, resumed: Checkpoint | None = None
) -> tuple[list[Descended], Interruption | None]:
    """Descend from each start, in order, until one is interrupted; those that follow it are left out.

    A job that continues another one goes on with the path of its only start.
    """
    found: list[Descended] = []
    for left in range(len(plan.starts) - 1, -1, -1):
        found.append(one := _descended(plan, running, plan.starts[len(found)], left, resumed))
        if one.outcome is not None and one.outcome.reason in get_args(Interruption):
            return found, cast("Interruption", one.outcome.reason)
        if left and (why := running.interruption()) is not None:
            return found, why
    return found, None


def _descended(
    plan: FunctionPlan, running: Running, start: FloatArray, later: int, resumed: Checkpoint | None
) -> Descended:
    path = Path(plan.problem.variables, lambda theta: theta.tolist()) if plan.settings.history["parameters"] else Path()
    history = running.begin(path, later)
    if resumed is not None:
        running.resume(resumed)
    try:
        outcome = train(
            plan.problem,
            plan.method,
            start if resumed is None else resumed,
            plan.limits,
            observe=running.observe,
            interrupted=running.interruption,
        )
    except InitialError:
        return Descended(start, None, history)
    return Descended(start, outcome, history)
