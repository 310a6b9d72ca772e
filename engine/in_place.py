"""A step of many parameters on arrays of its own, a piece at a time, so that what a step makes is still in the cache.

A recurrence is elementwise: pieces have the bits of the whole.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from engine.arrays import FloatArray
from engine.optimizers import Optimizer
from engine.recurrences import RECURRENCES, Slots

PIECE: Final = 1 << 14
"""Parameters of a piece: 128 KiB, for an array or two of an L2 cache and few calls of NumPy."""


def step_in_place(
    optimizer: Optimizer,
    gradient: FloatArray,
    decaying: FloatArray | None,
    theta: FloatArray,
    slots: Slots,
    constants: Sequence[float],
    rate: float,
) -> None:
    """Write theta - rate * direction to theta (dimension,), and the slots after the step to those that it uses.

    decaying: 1 for each parameter that a decay of weights shrinks, None where there is no decay.
    """
    recurrence = RECURRENCES[type(optimizer)]
    for start in range(0, theta.size, PIECE):
        piece = slice(start, start + PIECE)
        moving, olds = theta[piece], [slot[piece] for slot in slots]
        shrinking = moving if decaying is None else decaying[piece] * moving
        direction, *news = recurrence(optimizer, gradient[piece], shrinking, *olds, constants)
        for old, new in zip(olds, news, strict=True):
            if new is not old:
                np.copyto(old, new)
        moving -= rate * direction
