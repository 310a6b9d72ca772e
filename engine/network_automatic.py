"""Every "auto" of a network as a number: Adam, or momentum beside an l1 part, and the usual rate of each optimizer.

Nothing is measured: the curvature of a network's cost changes along the way. The rates are for inputs and targets of
about unit size, which the default scaling makes.
"""

from collections.abc import Mapping
from typing import Final

from engine.automatic import Auto, Resolved, resolved
from engine.optimizers import Adadelta, Adagrad, Adam, Lion, Momentum, Optimizer, Rprop, Sgd
from engine.schedules import Constant, Schedule

USUAL_RATE: Final = 1e-3
"""That of Kingma and Ba (2015) for Adam; its relatives are used with it too."""

RATES: Final[Mapping[type[Optimizer], float]] = {
    Sgd: 1e-2,
    Momentum: 1e-2,
    Adagrad: 1e-2,
    Adadelta: 1.0,
    Lion: 1e-4,
    Rprop: 1e-2,
}


def resolve_network(optimizer: Optimizer | Auto, schedule: Schedule | Auto, *, smooth: bool = True) -> Resolved:
    """Replace each "auto" by numbers, and leave what is explicit alone; all advice is unknown.

    Where a part of the cost is not smooth the optimizer is one with the same rate for all parameters.
    """
    automatic = Adam() if smooth else Momentum()
    chosen = automatic if optimizer == "auto" else optimizer
    return resolved(chosen, schedule, lambda: Constant(RATES.get(type(chosen), USUAL_RATE)))
