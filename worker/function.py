"""A function job: its settings as the engine's objects, and its starts, descended one after the other."""

from collections.abc import Callable
from math import hypot, isfinite
from typing import Any, Final, NamedTuple, cast, get_args

from contract.function_settings import FunctionSettings
from engine.arrays import FloatArray
from engine.automatic import Resolved
from engine.batches import Batching
from engine.errors import InitialError
from engine.function_automatic import resolve_function
from engine.function_problem import FunctionProblem
from engine.method import Method
from engine.stopping import Limits
from engine.training import Interruption, Outcome
from worker.build import explicit, explicit_rate, first_rate, optimizer_of, schedule_of
from worker.running import NONE_RECORDED, RecordedParameters, Recording, Running

UNIT: Final = 1.0
"""Of values beside which a start's value of zero is nothing: functions have no unit that would say more."""

DEEP: Final = 1e12
"""A function that falls below minus so many times the sizes of value and gradient at its starts falls for ever."""


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
        automatic = resolve_function(self.problem, list(self.starts), self.method.optimizer, "auto").schedule
        return min(first_rate(automatic), 0.5 * first_rate(self.method.schedule))


class Descended(NamedTuple):
    """What came of one start: how the descent from it ended, or None where the function has no finite value there."""

    start: FloatArray
    outcome: Outcome | None

    def rank(self) -> tuple[int, float]:
        """By the value at the end; what diverged comes after all others, and what could not begin at last."""
        if self.outcome is None:
            return 2, 0.0
        return int(self.outcome.reason == "diverged"), self.outcome.last.cost


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
    limits = Limits(settings.max_iterations, *settings.tolerance, unit=UNIT, most=UNIT, least=_least(problem, starts))
    return FunctionPlan(settings, problem, starts, method, limits, resolved)


def _least(problem: FunctionProblem, starts: FloatArray) -> float:
    found = [problem.cost_and_gradient(start) for start in starts]
    sizes = [size for cost, gradient in found if isfinite(size := abs(cost) + hypot(*gradient.tolist()))]
    return -DEEP * (UNIT + max(sizes, default=0.0))


def descend_all(
    plan: FunctionPlan, running: Running, descend: Callable[[FloatArray], Outcome]
) -> tuple[list[Descended], Interruption | None]:
    """Descend from each start, in order, each for its share of the time, until the job is broken off.

    The job's history is that of the best in the end, which alone is held beside that of the descent under way.
    """
    found: list[Descended] = []
    shown: Recording
    for number, start in enumerate(plan.starts):
        left = len(plan.starts) - 1 - number
        recording = running.begin(_recorded(plan), number, left)
        found.append(_descended(start, descend))
        if min(found, key=Descended.rank) is found[-1]:
            shown = recording
        if (why := _broken_off(found[-1], running, left)) is not None:
            break
    running.show(shown)
    return found, why


def _recorded(plan: FunctionPlan) -> RecordedParameters:
    asked = plan.settings.history["parameters"]
    return RecordedParameters(plan.problem.variables, lambda theta: theta.tolist()) if asked else NONE_RECORDED


def _descended(start: FloatArray, descend: Callable[[FloatArray], Outcome]) -> Descended:
    try:
        return Descended(start, descend(start))
    except InitialError:
        return Descended(start, None)


def _broken_off(one: Descended, running: Running, left: int) -> Interruption | None:
    """Why the starts that are left are left out, or why the last one was broken off."""
    if left:
        return running.end()
    reason = None if one.outcome is None else one.outcome.reason
    return cast("Interruption", reason) if reason in get_args(Interruption) else None
