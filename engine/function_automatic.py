"""Every "auto" of a function as a number: Adam, and a rate from how far its first gradient leads downhill.

s is the power of two at which the value stops falling along the gradient at the start, the median of those of several
starts. The rates are those of adaptive optimizers in ``engine/automatic.py`` but for their share of s: a tenth, since
no noise of batches forbids steps as long as that. They fall with t0 / (t + t1), so that the variables come to rest. Sgd
and momentum begin with a tenth of the rate that goes to s in one step.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from engine.arrays import FloatArray, all_finite
from engine.automatic import ADADELTA_SHARE, ADAM_HALVING, CAUTIOUS_SHARE, HALVING, Advice, Auto, Resolved, decaying
from engine.line_search import lowest_on_line
from engine.optimizers import Adadelta, Adagrad, Adam, Momentum, Optimizer, Rprop, Sgd
from engine.problems import Problem
from engine.schedules import Constant, Schedule

UNKNOWN: Final = Advice(None, None, None)
LEAST_RATE: Final = 1e-300
"""A rate is a number above zero, however steep a function."""


def resolve_function(
    problem: Problem, starts: Sequence[FloatArray], optimizer: Optimizer | Auto, schedule: Schedule | Auto
) -> Resolved:
    """Replace each "auto" by numbers, and leave what is explicit alone; all advice is unknown."""
    chosen = Adam() if optimizer == "auto" else optimizer
    return Resolved(chosen, _searched(problem, starts, chosen) if schedule == "auto" else schedule, UNKNOWN)


def _searched(problem: Problem, starts: Sequence[FloatArray], optimizer: Optimizer) -> Schedule:
    found = [way for start in starts if (way := _way(problem, start)) is not None]
    distance, rate = np.median(np.array(found), axis=0).tolist() if found else (1.0, 1.0)
    if isinstance(optimizer, Sgd | Momentum):
        gain = (1.0 - optimizer.dampening) / (1.0 - optimizer.beta) if isinstance(optimizer, Momentum) else 1.0
        return decaying(CAUTIOUS_SHARE * rate / gain, ADAM_HALVING)
    if isinstance(optimizer, Adagrad):
        return Constant(distance)
    if isinstance(optimizer, Rprop):
        return Constant(CAUTIOUS_SHARE * distance)
    share = ADADELTA_SHARE if isinstance(optimizer, Adadelta) else CAUTIOUS_SHARE
    return decaying(share * distance, HALVING.get(type(optimizer), ADAM_HALVING))


def _way(problem: Problem, start: FloatArray) -> tuple[float, float] | None:
    """The distance s and the rate that goes there in one step; None where nothing is known of the start."""
    cost, gradient = problem.cost_and_gradient(start)
    steepest = float(np.abs(gradient).max()) or 1.0
    if not (np.isfinite(cost) and all_finite(gradient)):
        return None
    distance = lowest_on_line(problem, start, -gradient / steepest)
    return distance, max(distance / steepest, LEAST_RATE)
