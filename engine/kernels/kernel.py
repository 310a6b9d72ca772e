"""The kernel of engine/method.py: which steps are compiled, and what they are called with."""

from collections.abc import Callable
from functools import partial
from math import inf
from typing import Any, Final

import numpy as np

from engine.arrays import FloatArray, IntArray
from engine.batches import drawing_time
from engine.kernels.steps import Inputs, Place, Rule, Turn
from engine.loss_formulas import PAIRS
from engine.losses import CrossEntropy
from engine.method import Compiled, Method, State
from engine.optimizers import FULL_BATCH_ONLY, Momentum
from engine.problems import LinearProblem, Problem

COMPILED: Final[tuple[Any, ...]] = tuple(kind for kind in PAIRS if kind is not CrossEntropy)
"""Losses of one score, in the order in which compiled code numbers them."""

NUMBERS: Final = 1 << 16
"""Numbers of a batch from which on NumPy is as quick."""

NANOSECONDS: Final = 50_000_000
"""Of a slice of steps, at about 4 for a number of the rows, 20 for a parameter, 50 for a step, and its drawing."""

TakeSteps = Callable[..., None]
Take = Callable[[Turn, Place], None]


def kernel_of(take_steps: TakeSteps, problem: Problem, method: Method) -> Compiled | None:
    """Compiled steps where they pay: for single scores and small batches; else None, and NumPy takes the steps."""
    size = method.batching.size
    if size is None or not isinstance(problem, LinearProblem) or type(problem.data.loss) not in COMPILED:
        return None
    if type(method.optimizer) in FULL_BATCH_ONLY:
        return None
    numbers, X = size * problem.dimension, problem.data.X
    held = isinstance(X, np.ndarray) and X.flags.carray
    # NumPy has the steps of a proximal map, and of restarts, which look at all parameters together.
    whole = problem.proximal is not None or (isinstance(method.optimizer, Momentum) and method.optimizer.restart)
    if numbers > NUMBERS or whole or not held:
        return None
    step = 4 * numbers + 20 * problem.dimension + 50 + drawing_time(method.batching, problem.rows)
    at_once = max(1, NANOSECONDS // step)
    return Compiled(partial(_advanced, bound(take_steps, problem, method), size, method.averaging), at_once)


def bound(take_steps: TakeSteps, problem: LinearProblem, method: Method) -> Take:
    """The steps of one run. Compiled code exists for one type of each argument: every number is a float."""
    data, clip = problem.data, method.gradient_clip
    inputs = Inputs(_plain(data.X[slice(None)]), _plain(data.y), _plain(data.weights), bool(data.intercept))
    clip = inf if clip is None else float(clip)
    rule = Rule(_plain(problem.ridge), _plain(problem.decaying), clip, method.averaging)
    losses = tuple(_floats(data.loss) if type(data.loss) is kind else kind() for kind in COMPILED)
    return partial(take_steps, _floats(method.optimizer), losses, COMPILED.index(type(data.loss)), inputs, rule)


def _advanced(
    take: Take,
    size: int,
    averaging: bool,
    state: State,
    taken: int,
    rows: IntArray,
    rates: FloatArray,
    constants: FloatArray,
) -> State:
    """The state after the steps of these rows; the arrays of the one before are not written."""
    theta, a, b, c, mean = (values.copy() for values in (state.theta, *state.slots, state.mean))
    take(Turn(rows, size, rates, constants, taken), Place(theta, a, b, c, mean))
    return state._replace(
        theta=theta, slots=(a, b, c), position=state.position + rates.size, mean=mean if averaging else theta
    )


def _floats(h: Any) -> Any:
    """Hyperparameters with every number as a float, whatever settings gave."""
    return type(h)(*(value if isinstance(value, bool) else float(value) for value in h))


def _plain(values: FloatArray | None) -> FloatArray:
    """The same numbers, or no numbers, as an array of the one type that is compiled for: contiguous and writable."""
    return np.empty(0) if values is None else np.require(values, requirements=["C", "A", "W"])
