"""What a function job came to, in the words of the HTTP contract."""

from typing import Any

from contract.job import job_error, result_fields
from engine.arrays import FloatArray
from engine.descent import Point
from engine.function_problem import gradient_check
from engine.stationary import stationary_point
from engine.training import Interruption, Outcome
from worker.function import Descended, FunctionPlan
from worker.function_divergence import function_divergence
from worker.function_remarks import function_remarks
from worker.result import STATES


def function_ending(
    plan: FunctionPlan, found: list[Descended], why: Interruption | None, seconds: float
) -> tuple[str, dict[str, Any], Outcome | None]:
    """The job's terminal state, the fields of the record that go with it, and the best outcome.

    why: what broke the job off, with starts left out perhaps.
    """
    ranked = sorted(found, key=Descended.rank)
    outcome = ranked[0].outcome
    if outcome is None:
        return *_without_value(plan, len(found), why), None
    reason = outcome.reason if outcome.reason == "diverged" and why != "cancelled" else why or outcome.reason
    result = _result(plan, ranked, outcome, seconds)
    fields = {**plan.fields(), "stop_reason": reason, **result_fields(result)}
    if reason == "diverged":
        fields["error"] = function_divergence(plan, ranked[0], outcome)
    elif reason != "cancelled":
        fields["warnings"] = function_remarks(plan, found, outcome, result["stationary_point"])
    return STATES.get(reason, "succeeded"), fields, outcome


def _result(plan: FunctionPlan, ranked: list[Descended], outcome: Outcome, seconds: float) -> dict[str, Any]:
    last, best = outcome.last, outcome.best
    return {
        **_reached(plan, last),
        "gradient_norm": last.gradient_norm,
        "iterations": outcome.iterations,
        "duration_seconds": seconds,
        "which": "last",
        "other": {"which": "best", "iteration": best.iteration, **_reached(plan, best)},
        "stationary_point": stationary_point(plan.problem, last.theta),
        "gradient_check": gradient_check(plan.problem, ranked[0].start, last.theta),
        "starts": [_start(plan, one) for one in ranked],
    }


def _reached(plan: FunctionPlan, point: Point) -> dict[str, Any]:
    return {"parameters": _named(plan, point.theta), "cost": point.cost}


def _start(plan: FunctionPlan, one: Descended) -> dict[str, Any]:
    point = None if one.outcome is None else one.outcome.last
    return {
        "initial": _named(plan, one.start),
        "parameters": None if point is None else _named(plan, point.theta),
        "cost": None if point is None else point.cost,
        "iterations": 0 if one.outcome is None else one.outcome.iterations,
        "stop_reason": None if one.outcome is None else one.outcome.reason,
    }


def _named(plan: FunctionPlan, theta: FloatArray) -> dict[str, float]:
    return dict(zip(plan.problem.variables, theta.tolist(), strict=True))


def _without_value(plan: FunctionPlan, tried: int, why: Interruption | None) -> tuple[str, dict[str, Any]]:
    """The end where the function has no finite value at any of the starts that were tried."""
    if why == "cancelled":
        return "cancelled", {**plan.fields(), "stop_reason": why}
    count = len(plan.starts)
    detail = f"The function has a finite value at none of the {count} starts: draw them in another box."
    if count == 1:
        detail = "The function has no finite value at its start: draw it in another box."
    if tried < count:
        detail = f"{tried} of {count} starts were tried before time_limit, and the function has a finite value at none "
        detail += "of them: raise time_limit, or draw them in another box."
    return "failed", {**plan.fields(), "error": job_error("invalid_settings", detail)}
