"""What a function job came to, in the words of the HTTP contract."""

from typing import Any, Final

from contract.job import job_error
from engine.arrays import FloatArray
from engine.descent import Point
from engine.function_problem import gradient_check
from engine.stationary import stationary_point
from engine.training import Interruption, Outcome
from worker.failures import divergence
from worker.function import Descended, FunctionPlan
from worker.function_remarks import function_remarks
from worker.result import STATES

FAR: Final = 1e6
"""How many times its start's a value below zero must be to be on its way to minus infinity."""


def function_ending(
    plan: FunctionPlan, found: list[Descended], why: Interruption | None, seconds: float
) -> tuple[str, dict[str, Any], Descended]:
    """The job's terminal state, the fields of the record that go with it, and the best of what was found.

    why: what broke the job off, with starts left out perhaps.
    """
    ranked = sorted(found, key=_rank)
    outcome = ranked[0].outcome
    if outcome is None:
        return "failed", {**plan.fields(), "error": _nowhere_finite(plan)}, ranked[0]
    reason = outcome.reason if outcome.reason == "diverged" and why != "cancelled" else why or outcome.reason
    result = _result(plan, ranked, outcome, seconds)
    fields = {**plan.fields(), "stop_reason": reason, "result": result}
    if reason == "diverged":
        fields["error"] = _divergence(plan, outcome)
    elif reason != "cancelled":
        fields["warnings"] = function_remarks(plan, found, outcome, result["stationary_point"])
    return STATES.get(reason, "succeeded"), fields, ranked[0]


def _rank(one: Descended) -> tuple[int, float]:
    """By the value at the end; what diverged comes after all others, and what could not begin at last."""
    if one.outcome is None:
        return 2, 0.0
    return int(one.outcome.reason == "diverged"), one.outcome.last.cost


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


def _nowhere_finite(plan: FunctionPlan) -> dict[str, Any]:
    where = "at none of the starts" if len(plan.starts) > 1 else "not at the start"
    return job_error("invalid_settings", f"The function has a finite value {where}: draw them in another box.")


def _divergence(plan: FunctionPlan, outcome: Outcome) -> dict[str, Any]:
    """That the function falls for ever, as far as can be seen, or that the steps were too long."""
    if outcome.best.cost > -FAR * (abs(outcome.start_cost) + plan.limits.unit):
        return divergence(outcome, plan.suggested_rate())
    first = outcome.first_bad_iteration
    detail = (
        f"The function has no least value where the descent went: it fell to {outcome.best.cost:.4g} and then beyond "
        f"all numbers, at iteration {first}. Check its signs, or begin elsewhere."
    )
    return job_error("diverged", detail, first)
