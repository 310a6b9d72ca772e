"""How far the answer's cost is above the least possible: measured, bounded, estimated, or not known."""

from collections.abc import Callable
from math import inf
from typing import Final, NamedTuple

import numpy as np

from engine.boxes import BOXED
from engine.duality import ROUNDS as BOUND_ROUNDS
from engine.duality import gap_bound
from engine.duality_price import held_numbers, round_numbers
from engine.formula_model import predicted_decrease
from engine.formula_problem import FormulaProblem
from engine.losses import bend
from engine.nearness import ROUNDS, estimated_gap
from engine.problems import LinearProblem, Problem, optimum
from engine.training import Outcome
from worker.build import Plan

SHARE: Final = 0.25
"""Of the passes that the run made, those that an estimate or a bound may make after it."""

CHEAP: Final = 10_000_000
"""Numbers that passes for an estimate or a bound may always read: some 10 ms at about 1 ns a number."""

FEWEST: Final = 20
"""Rounds that a bound is begun with at least."""

Interrupted = Callable[[], object]

UNKNOWN: Final = " How far the cost is above the least possible is not known."
BY_BEND: Final = " By slope and bend, which tell near a minimum only,"
BY_STEP: Final = " By a Gauss-Newton step, which tells near a minimum only,"


class Gap(NamedTuple):
    """How far a cost is above the least possible, relative to it or to a millionth of the start, and in words.

    least: the least possible cost where that is measured.
    """

    share: float
    sentence: str
    least: float | None = None


def distance(plan: Plan, outcome: Outcome, interrupted: Interrupted = lambda: None) -> Gap | None:
    """Of the last point: measured where the least cost is known, else bounded or estimated where the loss allows it.

    None where it does not, where that would take long beside the run, or where anything but None from `interrupted`
    comes before an estimate.
    """
    point, least = outcome.last, optimum(plan.problem)
    scale = max(point.cost, 1e-6 * outcome.start_cost)
    if least is not None and point.optimality_gap is not None:
        return _measured(point.optimality_gap, scale, least.cost)
    passes = _affordable(plan, outcome)
    return _bounded(plan, outcome, scale, passes, interrupted) or _estimated(plan, outcome, scale, passes, interrupted)


def _measured(gap: float, scale: float, least: float) -> Gap:
    above = f"{gap:.3g} above the" if gap else "the"
    return Gap(gap / scale if gap else 0.0, f" The cost is {above} least possible, {least:.6g}.", least)


def _bounded(plan: Plan, outcome: Outcome, scale: float, passes: float, interrupted: Interrupted) -> Gap | None:
    """By duality; that the gap is no more than the cost itself is no news."""
    problem, point = plan.problem, outcome.last
    if not isinstance(problem, LinearProblem) or not isinstance(problem.data.loss, BOXED):
        return None
    rows, columns = problem.rows, problem.dimension
    rounds = min(BOUND_ROUNDS, int(passes * rows * columns / round_numbers(rows, columns)))
    if rounds < FEWEST or not held_numbers(rows, columns):
        return None
    gap, measured = gap_bound(problem, point.theta, rounds, interrupted)
    if measured:
        return _measured(gap, scale, point.cost - gap)
    known = gap < point.cost
    return Gap(gap / scale, f" The cost is at most {gap:.3g} above the least possible." if known else UNKNOWN)


def _estimated(plan: Plan, outcome: Outcome, scale: float, passes: float, interrupted: Interrupted) -> Gap | None:
    rounds, point = min(ROUNDS, int(passes)), outcome.last
    if rounds and isinstance(plan.problem, FormulaProblem):
        with np.errstate(all="ignore"):
            return _promised(predicted_decrease(plan.problem, point.theta), scale)
    if rounds == 0 or not _has_bend(plan.problem):
        return None
    with np.errstate(all="ignore"):  # what float64 cannot hold is no gap, and is not known
        gap = estimated_gap(plan.problem, point.theta, plan.resolved.advice.curvature or inf, rounds, interrupted)
    if interrupted() is not None:
        return None
    if not gap <= point.cost:  # no loss is below zero, so slope and bend are those of a place far from any minimum
        return Gap(point.cost / scale, UNKNOWN)
    return Gap(gap / scale if gap else 0.0, f"{BY_BEND} the cost is about {gap:.3g} above the least possible.")


def _promised(gap: float | None, scale: float) -> Gap | None:
    """For a formula, which may have many minima: how far the cost is above the one that it is near."""
    if gap is None:
        return None
    return Gap(gap / scale if gap else 0.0, f"{BY_STEP} the cost is about {gap:.3g} above the least nearby.")


def _has_bend(problem: Problem) -> bool:
    return isinstance(problem, LinearProblem) and bend(problem.data.loss).largest > 0.0


def _affordable(plan: Plan, outcome: Outcome) -> float:
    """Passes after the run: a share of the run's, and none where it ended for want of time or need."""
    if outcome.reason in ("time_limit", "early_stopping"):
        return 0.0
    settings, rows = plan.settings, plan.problem.rows
    steps, size = settings.steps_per_iteration, settings.batch_size
    part = 1.0 if steps is None or size is None else min(1.0, steps * size / rows)
    return max(SHARE * part * outcome.iterations, CHEAP / (rows * plan.problem.dimension))
