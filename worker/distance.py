"""How far the answer's cost is above the least possible: measured, estimated, or not known."""

from math import inf
from typing import Final, NamedTuple

from engine.losses import bend
from engine.nearness import ROUNDS, estimated_gap
from engine.problems import LinearProblem, Problem, optimum
from engine.training import Outcome
from worker.build import Plan

SHARE: Final = 0.25
"""Of the passes that the run made, those that an estimate may make after it."""

CHEAP: Final = 10_000_000
"""Numbers that passes for an estimate may always read: some 10 ms at about 1 ns a number."""

UNKNOWN: Final = " How far the cost is above the least possible is not known."
BY_BEND: Final = " By slope and bend, which tell near a minimum only,"


class Gap(NamedTuple):
    """How far a cost is above the least possible, relative to it or to a millionth of the start, and in words."""

    share: float
    sentence: str


def distance(plan: Plan, outcome: Outcome) -> Gap | None:
    """Of the last point: measured where the least cost is known, estimated where the loss has second derivatives.

    None where neither is so, or where an estimate would take long beside the run.
    """
    point, least = outcome.last, optimum(plan.problem)
    scale = max(point.cost, 1e-6 * outcome.start_cost)
    if least is not None and point.optimality_gap is not None:
        gap = point.optimality_gap
        return _gap(gap, scale, f" The cost is {gap:.3g} above the least possible, {least.cost:.6g}.")
    rounds = _rounds(plan, outcome)
    if rounds == 0 or not _has_bend(plan.problem):
        return None
    gap = estimated_gap(plan.problem, point.theta, plan.resolved.advice.curvature or inf, rounds)
    if not gap <= point.cost:  # no loss is below zero, so slope and bend are those of a place far from any minimum
        return Gap(point.cost / scale, UNKNOWN)
    return _gap(gap, scale, f"{BY_BEND} the cost is about {gap:.3g} above the least possible.")


def _gap(gap: float, scale: float, sentence: str) -> Gap:
    return Gap(gap / scale if gap else 0.0, sentence)


def _has_bend(problem: Problem) -> bool:
    return isinstance(problem, LinearProblem) and bend(problem.data.loss).largest > 0.0


def _rounds(plan: Plan, outcome: Outcome) -> int:
    """Gradients for an estimate: a share of the run's passes, and none where it ended for want of time or need."""
    if outcome.reason in ("time_limit", "early_stopping"):
        return 0
    settings, rows = plan.settings, plan.problem.rows
    steps, size = settings.steps_per_iteration, settings.batch_size
    part = 1.0 if steps is None or size is None else min(1.0, steps * size / rows)
    affordable = max(SHARE * part * outcome.iterations, CHEAP / (rows * plan.problem.dimension))
    return min(ROUNDS, int(affordable))
