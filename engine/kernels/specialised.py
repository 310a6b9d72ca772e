"""How compiled code finds the plain functions of the engine: by the type of a NamedTuple of hyperparameters.

The bodies below are never run; numba puts the recurrence or the derivative of the type it sees in their place. A
function passed as an argument would be compiled anew in every process, since numba's cache cannot know it again.
"""

from collections.abc import Callable
from typing import Any, Final

from numba.extending import overload

from engine.loss_formulas import PAIRS
from engine.losses import Loss
from engine.optimizers import Optimizer
from engine.recurrences import RECURRENCES

# Sums may be reordered, which makes them several times as fast. NaN and infinity keep their meaning: they tell of
# divergence. The interpreter's lock is released, so that a job's progress is reported meanwhile.
OPTIONS: Final[Any] = {"nogil": True, "error_model": "numpy", "fastmath": {"reassoc", "contract", "nsz"}}
INLINED: Final[Any] = OPTIONS | {"forceinline": True}


def recurrence(
    h: Optimizer, gradient: float, theta: float, a: float, b: float, c: float, t: Any
) -> tuple[float, float, float, float]:
    """RECURRENCES[type(h)] on single numbers."""
    raise NotImplementedError


def slope(losses: tuple[Loss, ...], kind: int, z: float, y: float) -> float:
    """The derivative of losses[kind] at the score z of a row with target y."""
    raise NotImplementedError


def derivative(h: Loss, z: float, y: float) -> float:
    """The derivative of one loss on single numbers."""
    raise NotImplementedError


@overload(recurrence, inline="always", strict=False)
def _recurrence(h: Any, gradient: Any, theta: Any, a: Any, b: Any, c: Any, t: Any) -> Callable[..., Any]:  # noqa: ARG001
    return RECURRENCES[h.instance_class]


@overload(derivative, inline="always", strict=False)
def _derivative(h: Any, z: Any, y: Any) -> Callable[..., Any]:  # noqa: ARG001
    return PAIRS[h.instance_class].derivative


@overload(slope, strict=False, jit_options=INLINED)
def _slope(losses: Any, kind: Any, z: Any, y: Any) -> Callable[..., Any]:  # noqa: ARG001
    """A chain of comparisons, from which the compiler makes a jump; as one kernel for each loss it were no faster."""

    def last(losses: Any, kind: int, z: float, y: float) -> float:  # noqa: ARG001
        return derivative(losses[0], z, y)

    def first(losses: Any, kind: int, z: float, y: float) -> float:
        if kind == 0:
            return derivative(losses[0], z, y)
        return slope(losses[1:], kind - 1, z, y)

    return last if len(losses) == 1 else first
