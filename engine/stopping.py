"""When a descent ends by itself: rules on the recorded points, and a small tally of what went before.

Full batch: |J[k] - J[k-1]| <= tolerance * max(|J[k]|, 1e-6 min(|J[0]|, most)), five times in a row. Smaller batches:
the best cost is not lowered by more than tolerance * |best| over five entries. Gradient: its L2 norm <= tolerance.
Parameters: the largest change <= tolerance * max(1, largest parameter). A tolerance of zero is
off. Early stopping: `patience` entries in a row fail to lower the best validation cost, as it stood before each,
by more than min_delta. All numbers are in the units of the fit.
"""

from math import inf, isfinite
from typing import Final, Literal, NamedTuple

import numpy as np

from engine.descent import Point

PATIENCE: Final = 5
GROWTH: Final = 1e6
GROWN_ENTRIES: Final = 10
TINY: Final = float(np.finfo(np.float64).tiny)


class EarlyStopping(NamedTuple):
    """Entries in a row that may fail, and what counts as nothing, in the units of the validation cost."""

    patience: int = 5
    min_delta: float = 0.0


class Limits(NamedTuple):
    """Where to end; `full_batch` chooses between the two cost rules, and their default tolerances differ.

    unit: a cost beside which a start's cost of zero is nothing, when it is said how far above the start is too far.
    most: of the start's cost, as much as counts when a change is held against it: all, where zero is the least there
    is. least: below it a cost that goes on falling does so for ever.
    """

    max_iterations: int
    tolerance_cost: float = 0.0
    tolerance_gradient: float = 0.0
    tolerance_parameters: float = 0.0
    full_batch: bool = True
    early_stopping: EarlyStopping | None = None
    unit: float = TINY
    most: float = inf
    least: float = -inf


Ending = Literal["converged", "max_iterations", "early_stopping", "diverged"]


class Tally(NamedTuple):
    """What the rules remember of the points so far.

    latest and best: points of finite cost, best without its state; iteration: the newest one, whatever its cost. calm:
    small changes of cost in a row. best_costs: the lowest cost as it stood at each of the last entries, oldest first.
    still: the parameters did not move. failed: entries in a row that did not lower the best validation cost.
    grown: entries in a row that were far above the start, or fell far below it; bad_from: where they began.
    """

    start_cost: float
    iteration: int
    latest: Point
    best: Point
    calm: int
    best_costs: tuple[float, ...]
    still: bool
    failed: int
    grown: int
    bad_from: int | None


def first_tally(point: Point) -> Tally:
    """The tally at the start."""
    return Tally(point.cost, point.iteration, point, _kept(point), 0, (point.cost,), False, 0, 0, None)


def counted(tally: Tally, point: Point, limits: Limits) -> Tally:
    """The tally with one more point."""
    start_cost, _, latest, best, calm, best_costs, _, failed, grown, bad_from = tally
    iteration, cost = point.iteration, point.cost
    bad = not cost <= GROWTH * (abs(start_cost) + limits.unit) or cost < min(limits.least, latest.cost)
    grown, bad_from = (grown + 1, iteration if bad_from is None else bad_from) if bad else (0, None)
    if not isfinite(cost):
        return tally._replace(iteration=iteration, grown=GROWN_ENTRIES, bad_from=bad_from)
    if limits.full_batch:
        scale = max(abs(cost), 1e-6 * min(abs(start_cost), limits.most))
        calm = calm + 1 if abs(cost - latest.cost) <= limits.tolerance_cost * scale else 0
    else:
        best_costs = (*best_costs[-PATIENCE:], min(best_costs[-1], cost))
    still = limits.tolerance_parameters > 0.0 and _still(latest, point, limits.tolerance_parameters)
    failed = failed + 1 if _fails(best, point, limits.early_stopping) else 0
    best = _kept(point) if _rank(point) < _rank(best) else best
    return Tally(start_cost, iteration, point, best, calm, best_costs, still, failed, grown, bad_from)


def afresh(tally: Tally, reason: str) -> Tally:
    """The tally for going on after an end: the rule that ended the run counts from nothing, all others go on."""
    if reason == "converged":
        return tally._replace(calm=0, best_costs=tally.best_costs[-1:], still=False)
    return tally._replace(failed=0) if reason == "early_stopping" else tally


def ended(tally: Tally, limits: Limits) -> Ending | None:
    """The reason to stop, None to go on.

    Diverged is a cost that is not finite, or at ten entries in a row more than 1e6 * (|J[0]| + unit), or at each of ten
    lower than before and less than `least`.
    """
    if tally.grown >= GROWN_ENTRIES:
        return "diverged"
    if tally.still or _flat(tally.latest, limits) or (limits.tolerance_cost > 0.0 and _cost_settled(tally, limits)):
        return "converged"
    if limits.early_stopping is not None and tally.failed >= limits.early_stopping.patience:
        return "early_stopping"
    return "max_iterations" if tally.iteration >= limits.max_iterations else None


def _kept(point: Point) -> Point:
    """The point without its state, of which the optimizer's part may be larger than the parameters."""
    return Point(*point[:-1])


def _flat(point: Point, limits: Limits) -> bool:
    norm, tolerance = point.gradient_norm, limits.tolerance_gradient
    return tolerance > 0.0 and norm is not None and norm <= tolerance


def _cost_settled(tally: Tally, limits: Limits) -> bool:
    if limits.full_batch:
        return tally.calm >= PATIENCE
    window = tally.best_costs
    return len(window) > PATIENCE and window[0] - window[-1] <= limits.tolerance_cost * abs(window[-1])


def _still(before: Point, after: Point, tolerance: float) -> bool:
    change = float(np.abs(after.theta - before.theta).max())
    return change <= tolerance * max(1.0, float(np.abs(after.theta).max()))


def _fails(best: Point, point: Point, rule: EarlyStopping | None) -> bool:
    if rule is None or best.validation_cost is None or point.validation_cost is None:
        return False
    return not best.validation_cost - point.validation_cost > rule.min_delta


def _rank(point: Point) -> float:
    return point.cost if point.validation_cost is None else point.validation_cost
