"""Why the descent of a function broke off, and what helps: the job's ``error``."""

from math import isfinite, isnan
from typing import Any, Final

import numpy as np

from contract.job import job_error
from engine.training import Outcome
from worker.failures import divergence
from worker.function import Descended, FunctionPlan
from worker.trial import rate_that_lasts

FAR: Final = 1e6
"""How many times its start's a value below zero must be to be on its way to minus infinity."""

HUGE: Final = 1e50
"""A variable of this size, and its powers, may have no number without having left where the function has one."""


def function_divergence(plan: FunctionPlan, one: Descended, outcome: Outcome) -> dict[str, Any]:
    """That the function falls for ever, as far as can be seen, has no number there, or that the steps were too long."""
    if outcome.best.cost <= -FAR * (abs(outcome.start_cost) + plan.limits.unit):
        return _bottomless(outcome)
    rate = rate_that_lasts(plan.problem, plan.method, one.start, plan.limits, plan.suggested_rate())
    return _outside(outcome, rate) if _left_its_domain(outcome) else divergence(outcome, rate)


def _bottomless(outcome: Outcome) -> dict[str, Any]:
    first, broken = outcome.first_bad_iteration, outcome.broken
    beyond = "" if broken is None or isfinite(broken.cost) else " and then beyond all numbers"
    detail = (
        f"The function has no least value where the descent went: it fell to {outcome.best.cost:.4g}{beyond}, "
        f"far below its start from iteration {first} on. Check its signs, or begin elsewhere."
    )
    return job_error("diverged", detail, first)


def _left_its_domain(outcome: Outcome) -> bool:
    broken = outcome.broken
    if broken is None or broken.iteration != outcome.first_bad_iteration or not isnan(broken.cost):
        return False
    return bool((np.abs(broken.theta) < HUGE).all())


def _outside(outcome: Outcome, rate: float | None) -> dict[str, Any]:
    first = outcome.first_bad_iteration
    cure = (
        "It may fall as far as the edge of that region: begin elsewhere, or write the function so that it goes on."
        if rate is None
        else f"The step was too long: try learning_rate {rate:.4g}."
    )
    detail = f"The step of iteration {first} left the region where the function is a real number. {cure}"
    return job_error("diverged", detail, first, rate)
