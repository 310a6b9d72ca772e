"""What the user should know of how the descents of a function ended, and what helps."""

from collections.abc import Iterator
from typing import Any, Final

from engine.stationary import Kind
from engine.training import Outcome
from worker.function import Descended, FunctionPlan

CURE: Final = 'let learning_rate and optimizer be "auto"'
ELSEWHERE: Final[dict[Kind, str]] = {
    "saddle": "The descent ended at a saddle point, from which some ways lead down: begin beside it.",
    "maximum": "The descent ended at a maximum, where the gradient is zero: begin beside it.",
}


def function_remarks(plan: FunctionPlan, found: list[Descended], outcome: Outcome, kind: Kind) -> list[dict[str, Any]]:
    """Warnings ``{code, detail, pointer}`` about the best of the runs, and about starts that came to nothing."""
    return [
        {"code": code, "detail": detail, "pointer": pointer}
        for code, detail, pointer in (*_end(plan, outcome, kind), *_lost_starts(plan, found))
    ]


def _end(plan: FunctionPlan, outcome: Outcome, kind: Kind) -> Iterator[tuple[str, str, str]]:
    slope = f"The gradient still has the norm {outcome.last.gradient_norm:.3g}"
    if outcome.reason == "time_limit":
        yield "stopped_at_time_limit", f"{slope}. Raise time_limit.", "/time_limit"
    elif kind == "none" and outcome.reason == "max_iterations":
        detail = f"{slope}. Allow more iterations, or {_cure(plan)}."
        yield "stopped_at_max_iterations", detail, "/max_iterations"
    elif kind == "none":
        detail = f"{slope}, though the value has settled: it has a corner here, or the steps are short. Take a smaller"
        yield "settled_early", f"{detail} tolerance, or {_cure(plan)}.", "/tolerance"
    elif kind in ELSEWHERE:
        yield "not_a_minimum", ELSEWHERE[kind], "/initial"


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
