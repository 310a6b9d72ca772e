"""Every "auto" of a function as a number: Adam, and a rate from how far its first gradient leads downhill.

s is the power of two at which the value stops falling along the gradient at the start, the median of those of several
starts. The rates are those of adaptive optimizers in ``engine/automatic.py`` but for their share of s: a tenth, since
no noise of batches forbids steps as long as that. They fall with t0 / (t + t1), so that the variables come to rest. Sgd
and momentum begin with a tenth of the rate that goes to s in one step.
"""

from collections.abc import Sequence

import numpy as np

from engine.arrays import FloatArray
from engine.automatic import ADADELTA_SHARE, ADAM_HALVING, CAUTIOUS_SHARE, HALVING, Auto, Resolved, decaying, resolved
from engine.line_search import UNKNOWN, downhill
from engine.optimizers import Adadelta, Adagrad, Adam, Momentum, Optimizer, Rprop, Sgd, gain
from engine.problems import Problem
from engine.schedules import Constant, Schedule


def resolve_function(
    problem: Problem, starts: Sequence[FloatArray], optimizer: Optimizer | Auto, schedule: Schedule | Auto
) -> Resolved:
    """Replace each "auto" by numbers, and leave what is explicit alone; all advice is unknown."""
    chosen = Adam() if optimizer == "auto" else optimizer
    return resolved(chosen, schedule, lambda: _searched(problem, starts, chosen))


def _searched(problem: Problem, starts: Sequence[FloatArray], optimizer: Optimizer) -> Schedule:
    found = [way for start in starts if (way := downhill(problem, start)) is not None] or [UNKNOWN]
    if isinstance(optimizer, Sgd | Momentum):
        rate = float(np.median([way.rate for way in found]))
        return decaying(CAUTIOUS_SHARE * rate / gain(optimizer), ADAM_HALVING)
    distance = float(np.median([way.distance for way in found]))
    if isinstance(optimizer, Adagrad):
        return Constant(distance)
    if isinstance(optimizer, Rprop):
        return Constant(CAUTIOUS_SHARE * distance)
    share = ADADELTA_SHARE if isinstance(optimizer, Adadelta) else CAUTIOUS_SHARE
    return decaying(share * distance, HALVING.get(type(optimizer), ADAM_HALVING))
