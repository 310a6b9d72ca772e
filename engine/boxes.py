"""Losses whose derivative lies between two numbers, as a maximum over what lies between the two."""

from typing import Final, NamedTuple

import numpy as np

from engine.arrays import FloatArray
from engine.losses import Absolute, Hinge, Huber, LogCosh, LogLoss, Loss, Quantile

BOXED: Final = (Absolute, Huber, Quantile, LogCosh, LogLoss, Hinge)


class Box(NamedTuple):
    """A loss as max over |v| <= 1 of unit · ((s + v) (z - t) - e(v)), with e = rest · f(v) + level.

    f is ½ ((1 + v) log(1 + v) + (1 - v) log(1 - v)) where `entropy`, else ½ v². s and t: (m,) or a number.
    """

    unit: float
    s: FloatArray | float
    t: FloatArray | float
    rest: float = 0.0
    entropy: bool = False
    level: float = 0.0


def box_of(loss: Loss, y: FloatArray) -> Box | None:
    """The box of a loss with targets y (m,), None for losses whose derivative has no bounds, or several scores."""
    if isinstance(loss, Absolute):
        return Box(1.0, 0.0, y)
    if isinstance(loss, Quantile):
        return Box(0.5, 1.0 - 2.0 * loss.quantile, y)
    if isinstance(loss, Hinge):
        return Box(0.5, 1.0 - 2.0 * y, 2.0 * y - 1.0)
    if isinstance(loss, Huber):
        return Box(loss.delta, 0.0, y, loss.delta)
    if isinstance(loss, LogCosh):
        return Box(1.0, 0.0, y, 1.0, entropy=True)
    if isinstance(loss, LogLoss):
        return Box(0.5, 1.0 - 2.0 * y, 0.0, 2.0, entropy=True, level=-2.0 * float(np.log(2.0)))
    return None
