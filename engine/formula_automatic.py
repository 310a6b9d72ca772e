"""Every "auto" of a formula as a number.

Theta is in units of the initial values (engine/formula.py), so rates are shares of them and nothing is measured: a full
batch takes rprop, whose steps find their own size for each parameter, beginning with a tenth; smaller batches take adam
at a hundredth, falling with t0 / (t + t1). Beside an l1 part, whose map needs one rate for all, it is sgd. That and
momentum begin with a tenth of the rate that goes, along the first gradient, to where the cost stops falling.
"""

from collections.abc import Mapping
from typing import Final

from engine.automatic import ADAM_HALVING, CAUTIOUS_SHARE, FEWEST_PASSES, Auto, Resolved, decaying, resolved
from engine.batches import Batching, steps_per_pass
from engine.formula_problem import FormulaProblem
from engine.line_search import UNKNOWN, downhill
from engine.optimizers import Adadelta, Adagrad, Adam, Lion, Momentum, Optimizer, Rprop, Sgd, gain
from engine.schedules import Constant, Schedule

USUAL_RATE: Final = 1e-2
RATES: Final[Mapping[type[Optimizer], float]] = {Rprop: 0.1, Adagrad: 0.1, Adadelta: 1.0, Lion: 3e-3}
SELF_SETTLING: Final = (Rprop, Adagrad)
"""Optimizers whose steps grow shorter by themselves."""


def resolve_formula(
    problem: FormulaProblem, batching: Batching, optimizer: Optimizer | Auto, schedule: Schedule | Auto
) -> Resolved:
    """Replace each "auto" by numbers, and leave what is explicit alone; all advice is unknown."""
    chosen = _optimizer(problem, batching) if optimizer == "auto" else optimizer
    return resolved(chosen, schedule, lambda: _schedule(problem, batching, chosen))


def _optimizer(problem: FormulaProblem, batching: Batching) -> Optimizer:
    if problem.proximal is not None:
        return Sgd()
    return Rprop() if batching.size is None else Adam()


def _schedule(problem: FormulaProblem, batching: Batching, optimizer: Optimizer) -> Schedule:
    halving = max(ADAM_HALVING, FEWEST_PASSES * steps_per_pass(batching, problem.rows))
    if isinstance(optimizer, Sgd | Momentum):
        way = downhill(problem, problem.data.formula.start) or UNKNOWN
        return decaying(CAUTIOUS_SHARE * way.rate / gain(optimizer), halving)
    rate = RATES.get(type(optimizer), USUAL_RATE)
    return Constant(rate) if isinstance(optimizer, SELF_SETTLING) else decaying(rate, halving)
