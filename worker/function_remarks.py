"""What the user should know of how the descents of a function ended, and what helps."""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from engine.descent import Point, descend
from engine.stationary import Kind
from engine.training import Outcome
from worker.function import Descended, FunctionPlan

CURE: Final = 'let learning_rate and optimizer be "auto"'
ELSEWHERE: Final[dict[Kind, str]] = {
    "saddle": "The descent ended at a saddle point, from which some ways lead down: begin beside it.",
    "maximum": "The descent ended at a maximum, where the gradient is zero: begin beside it.",
}


CODES: Final = {
    "converged": "settled_early",
    "max_iterations": "stopped_at_max_iterations",
    "time_limit": "stopped_at_time_limit",
}
SHORT: Final = 1e-9
"""A step that moves no variable by more than this, relative to it or to 1, leads nowhere."""

TOO_SHORT: Final = (
    ", but the steps hardly move the variables: the gradient was far larger, or is too small for the optimizer.",
    "Begin nearer to the minimum, multiply the function by a constant, or take rprop, which asks for signs only.",
    "/optimizer",
)
TOO_SMALL_A_RATE: Final = (
    ", but the steps hardly move the variables.",
    'Take a larger learning_rate, or let it be "auto".',
    "/learning_rate",
)
ACROSS: Final = (
    ", since the steps jump across the lowest place, which may be a corner.",
    "Take a smaller learning_rate, or one that falls.",
    "/learning_rate",
)
SETTLED: Final = (
    ", though the value changes by less than the tolerance allows.",
    "Take a smaller tolerance, or leave a large constant out of the function.",
    "/tolerance",
)


def function_remarks(plan: FunctionPlan, found: list[Descended], outcome: Outcome, kind: Kind) -> list[dict[str, Any]]:
    """Warnings ``{code, detail, pointer}`` about the best of the runs, and about starts that came to nothing."""
    return [
        {"code": code, "detail": detail, "pointer": pointer}
        for code, detail, pointer in (*_end(plan, outcome, kind), *_lost_starts(plan, found))
    ]


def _end(plan: FunctionPlan, outcome: Outcome, kind: Kind) -> Iterator[tuple[str, str, str]]:
    if kind in ELSEWHERE:
        yield "not_a_minimum", ELSEWHERE[kind], "/initial"
    if kind != "none" or outcome.reason not in CODES:
        return
    slope = f"The gradient still has the norm {outcome.last.gradient_norm:.3g}"
    why, cure, place = _why(plan, outcome) or (SETTLED if outcome.reason == "converged" else (".", "", ""))
    if outcome.reason == "time_limit" or not cure:
        more = "Raise time_limit" if outcome.reason == "time_limit" else "Allow more iterations"
        cure, place = cure or f"{more}, or {_cure(plan)}.", f"/{outcome.reason}"
    yield CODES[outcome.reason], f"{slope}{why} {cure}", place


def _why(plan: FunctionPlan, outcome: Outcome) -> tuple[str, str, str] | None:
    """What the next step shows: that steps move nothing, or jump from one slope to the opposite one."""
    following = _following(plan, outcome)
    if following is None:
        return None
    here, there = outcome.last.theta, following.theta
    if (np.abs(there - here) <= SHORT * np.maximum(1.0, np.abs(here))).all():
        return TOO_SHORT if plan.settings.learning_rate == "auto" else TOO_SMALL_A_RATE
    with np.errstate(all="ignore"):
        slopes = np.sign(plan.problem.gradient(here)) * np.sign(plan.problem.gradient(there))
    return ACROSS if (slopes < 0.0).all() else None


def _following(plan: FunctionPlan, outcome: Outcome) -> Point | None:
    """One iteration further than the run went."""
    if outcome.checkpoint is None:
        return None
    state = outcome.checkpoint.state
    path = descend(plan.problem, plan.method, state, state.iteration + 1)
    with np.errstate(all="ignore"):
        return next(event for event in path if isinstance(event, Point) and event.iteration > state.iteration)


def _cure(plan: FunctionPlan) -> str:
    automatic = plan.settings.optimizer == plan.settings.learning_rate == "auto"
    return "begin nearer to the minimum" if automatic else CURE


def _lost_starts(plan: FunctionPlan, found: list[Descended]) -> Iterator[tuple[str, str, str]]:
    count = len(plan.starts)
    nowhere = sum(one.outcome is None for one in found)
    diverged = sum(one.outcome is not None and one.outcome.reason == "diverged" for one in found)
    if nowhere:
        detail = f"{nowhere} of {count} starts were where the function has no finite value: draw them in another box."
        yield "starts_without_value", detail, "/initial/random"
    if diverged:
        detail = f"{diverged} of {count} starts diverged: take a smaller learning_rate, or another box."
        yield "starts_diverged", detail, "/learning_rate"
    if len(found) < count:
        yield (
            "starts_left_out",
            f"{count - len(found)} of {count} starts were not tried for want of time.",
            "/time_limit",
        )
