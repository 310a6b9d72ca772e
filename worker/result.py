"""What a descent came to, in the words of the HTTP contract and the units of the columns."""

from collections.abc import Callable
from typing import Any

from contract.job import result_fields
from contract.model import FEW_PARAMETERS, pack_model
from engine.descent import Point
from engine.formula_model import formula_standard_errors
from engine.formula_problem import FormulaProblem
from engine.problems import LinearProblem, optimum
from engine.rows import Scored
from engine.standard_errors import standard_errors
from engine.training import Outcome
from worker.baseline import worse_than_a_constant
from worker.build import Plan
from worker.distance import Gap, distance
from worker.failures import divergence
from worker.model import model_document, parameters_of
from worker.remarks import BROKEN_OFF, remarks
from worker.trial import rate_that_lasts

STATES = {"cancelled": "cancelled", "diverged": "failed"}


def ending_of(
    plan: Plan, outcome: Outcome, seconds: float, interrupted: Callable[[], object] = lambda: None
) -> tuple[str, dict[str, Any]]:
    """The job's terminal state and the fields of the record that go with it; `interrupted` as in ``distance``."""
    gap = None if outcome.reason in BROKEN_OFF else distance(plan, outcome, interrupted)
    fields = {**plan.fields(), "stop_reason": outcome.reason, **result_fields(result(plan, outcome, seconds, gap))}
    if outcome.reason == "diverged":
        fields["error"] = divergence(outcome, _better_rate(plan))
    fields["warnings"] = [*plan.warnings, *remarks(plan, outcome, gap), *worse_than_a_constant(plan, outcome)]
    return _state(outcome), fields


def _better_rate(plan: Plan) -> float | None:
    """For a formula, of which no rate can be known to be stable, one that was tried."""
    rate = plan.suggested_rate()
    if not isinstance(plan.problem, FormulaProblem):
        return rate
    return rate_that_lasts(plan.problem, plan.method, plan.theta, plan.limits, rate)


def result(plan: Plan, outcome: Outcome, seconds: float, gap: Gap | None) -> dict[str, Any]:
    """The ``result`` object: the last parameters, or with validation rows the best, and the other beside them.

    gap: that of the last parameters, where it is known.
    """
    (which, chosen), (name, other) = _chosen_first(plan, outcome)
    return {
        **_fitted(plan, chosen),
        "iterations": outcome.iterations,
        "duration_seconds": seconds,
        "which": which,
        "other": {"which": name, "iteration": other.iteration, **_fitted(plan, other)},
        "metrics": _metrics(plan, chosen),
        "optimum": _optimum(plan, chosen, gap),
        "standard_errors": _standard_errors(plan, chosen),
    }


def packed_model(plan: Plan, outcome: Outcome) -> bytes:
    """The model of the parameters that are the answer, with the others, as the store keeps it."""
    return pack_model(model_document(plan, _state(outcome), *_chosen_first(plan, outcome)))


def _state(outcome: Outcome) -> str:
    return STATES.get(outcome.reason, "succeeded")


def _chosen_first(plan: Plan, outcome: Outcome) -> tuple[tuple[str, Point], tuple[str, Point]]:
    last, best = ("last", outcome.last), ("best", outcome.best)
    return (last, best) if plan.data.held_out is None else (best, last)


def _fitted(plan: Plan, point: Point) -> dict[str, Any]:
    parameters = parameters_of(plan, point) if point.theta.size <= FEW_PARAMETERS else None
    return {"parameters": parameters, "cost": point.cost, "validation_cost": point.validation_cost}


def _metrics(plan: Plan, point: Point) -> dict[str, Any]:
    sides = {"train": plan.data.train, "validation": plan.data.held_out}
    return {name: side and _of_side(plan, side, point) for name, side in sides.items()}


def _of_side(plan: Plan, side: Scored, point: Point) -> dict[str, Any]:
    return plan.data.model.metrics(side, point.theta, plan.data.classes)._asdict()


def _optimum(plan: Plan, point: Point, gap: Gap | None) -> dict[str, float] | None:
    least, exact = optimum(plan.problem), point.optimality_gap
    if least is not None and exact is not None:  # of which the difference of the costs would cancel digits
        return {"cost": least.cost, "optimality_gap": exact}
    if gap is None or gap.least is None:
        return None
    return {"cost": gap.least, "optimality_gap": max(point.cost - gap.least, 0.0)}


def _standard_errors(plan: Plan, point: Point) -> dict[str, Any] | None:
    if isinstance(plan.problem, FormulaProblem):
        return formula_standard_errors(plan.problem, point.theta)
    if not isinstance(plan.problem, LinearProblem):
        return None
    errors = standard_errors(plan.problem, plan.data.preparation)
    return errors and errors._asdict()
