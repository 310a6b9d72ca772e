"""The steps of a pass over the training rows, by compiled code where there is some and by NumPy else.

A step is theta - learning_rate * direction, the direction being the optimizer's for the clipped gradient; where a part
of the cost has no gradient, the step of engine/proximal.py. They are taken a turn at a time, to leave room for pauses.
"""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from typing import Final, NamedTuple

from engine.arrays import FloatArray, IntArray
from engine.batches import Batching, drawing_time, rows_in_turn, steps_per_pass
from engine.clipping import clipped
from engine.errors import StepError
from engine.in_place import PIECE, step_in_place
from engine.method import Compiled, Method, State
from engine.optimizers import Momentum, has_decay
from engine.penalties import SoftThreshold
from engine.problems import Problem
from engine.proximal import proximal_step
from engine.recurrences import RECURRENCES, restarted
from engine.step_numbers import Steps, Tables, one_by_one, tables

GATHERED_NUMBERS: Final = 1 << 16
"""Numbers of the rows that are gathered at once for small batches: 512 KiB."""

NUMBERS_PER_PAUSE: Final = 50_000_000
CALLS_PER_STEP: Final = 10_000
"""A slice between pauses lasts some 50 ms at about 1 ns a number, and 10 µs of calls a step beside its drawing."""


class Pace(NamedTuple):
    """Steps of a pass, steps whose rows are gathered together, and steps between pauses."""

    whole: int
    gathered: int
    pause: int


Gradients = Callable[[FloatArray, int], FloatArray]
Turn = Callable[[State], tuple[State, float]]
"""Some steps: from a state to the one after them, and the last learning rate."""


class Ways(NamedTuple):
    """How a run takes its steps.

    turns(state, gradient): the rest of a pass from the state, whose full gradient is known or None, with the number of
    steps of each turn. whole: the steps of a pass. pause: those between pauses.
    """

    turns: Callable[[State, FloatArray | None], Iterator[tuple[Turn, int]]]
    whole: int
    pause: int


def ways_of(problem: Problem, method: Method, state: State) -> Ways:
    """The turns of compiled code where there is some, else those of NumPy.

    Raises StepError where momentum would restart and a part of the cost has no gradient.
    """
    if problem.proximal is not None and isinstance(method.optimizer, Momentum) and method.optimizer.restart:
        raise StepError("momentum cannot restart where a penalty has an l1 part: set restart to false.")
    compiled = None if method.kernel is None else method.kernel(problem, method)
    whole = steps_per_pass(method.batching, problem.rows)
    if compiled is not None:
        numbers = tables(method.optimizer, method.schedule, whole)
        return Ways(partial(_compiled_turns, problem, method, compiled, numbers, whole), whole, compiled.at_once)
    pace = _pace(problem, method.batching)
    steps = one_by_one(method.optimizer, method.schedule, whole, state.iteration * whole + state.position)
    decaying = problem.decaying if has_decay(method.optimizer) else None
    return Ways(partial(_turns, problem, method, decaying, pace, steps), whole, pace.pause)


def _compiled_turns(
    problem: Problem,
    method: Method,
    compiled: Compiled,
    numbers: Tables,
    whole: int,
    state: State,
    _gradient: FloatArray | None,
) -> Iterator[tuple[Turn, int]]:
    """The rest of a pass in compiled code."""
    size = method.batching.size or problem.rows
    place = (method.seed, state.iteration, state.position)
    for rows in rows_in_turn(method.batching, problem.rows, *place, at_once=compiled.at_once):
        count = -(-rows.size // size)
        yield partial(_compiled_turn, compiled, numbers, whole, rows, count), count


def _compiled_turn(
    compiled: Compiled, numbers: Tables, whole: int, rows: IntArray, count: int, state: State
) -> tuple[State, float]:
    taken = state.iteration * whole + state.position
    rates, constants = numbers(taken, count)
    return compiled.take(state, taken, rows, rates, constants), float(rates[-1])


def _turns(
    problem: Problem,
    method: Method,
    decaying: FloatArray | None,
    pace: Pace,
    steps: Steps,
    state: State,
    gradient: FloatArray | None,
) -> Iterator[tuple[Turn, int]]:
    """The rest of a pass, a slice of steps at a time."""
    for gradients, count in _slices(problem, method, pace, state, gradient):
        yield partial(_advance, method, problem.proximal, decaying, gradients, islice(steps, count), pace.whole), count


def _advance(
    method: Method,
    proximal: SoftThreshold | None,
    decaying: FloatArray | None,
    gradients: Gradients,
    steps: Steps,
    whole: int,
    state: State,
) -> tuple[State, float]:
    """Take the given steps within one pass, which has `whole` ones; the k-th uses gradients(theta, k)."""
    optimizer, clip, averaging = method.optimizer, method.gradient_clip, method.averaging
    in_place = proximal is None and state.theta.size > PIECE
    recurrence, (theta, (a, b, c), iteration, position, completed, mean) = RECURRENCES[type(optimizer)], state
    rate = 0.0
    for k, (rate, constants) in enumerate(steps):
        gradient = gradients(theta, k)
        gradient = gradient if clip is None else clipped(gradient, clip)
        if proximal is None:
            a, b, c = restarted(optimizer, gradient, (a, b, c))
        if in_place and k > 0:  # on what the first step made
            step_in_place(optimizer, gradient, decaying, theta, (a, b, c), constants, rate)
        elif proximal is None:
            shrinking = theta if decaying is None else decaying * theta
            direction, a, b, c = recurrence(optimizer, gradient, shrinking, a, b, c, constants)
            theta = theta - rate * direction
        else:
            theta, (a, b, c) = proximal_step(optimizer, gradient, theta, (a, b, c), constants, rate, proximal)
        position += 1
        mean = mean + (theta - mean) / (iteration * whole + position) if averaging else theta
    return State(theta, (a, b, c), iteration, position, completed, mean), rate


def _slices(
    problem: Problem, method: Method, pace: Pace, state: State, gradient: FloatArray | None
) -> Iterator[tuple[Gradients, int]]:
    """Gradients of the rest of a pass, a slice of steps at a time; a full batch has its gradient already.

    That is not so with averaging: what was evaluated last is the mean.
    """
    size = method.batching.size
    if size is None:
        if state.position == 0:
            known = None if method.averaging else gradient
            yield (lambda theta, _k: problem.cost_and_gradient(theta)[1] if known is None else known), 1
        return
    place = (method.seed, state.iteration, state.position)
    for rows in rows_in_turn(method.batching, problem.rows, *place, at_once=pace.gathered):
        yield problem.batches(rows, size), -(-rows.size // size)


def _pace(problem: Problem, batching: Batching) -> Pace:
    whole = steps_per_pass(batching, problem.rows)
    numbers = (batching.size or problem.rows) * problem.dimension
    pause = max(1, NUMBERS_PER_PAUSE // (numbers + CALLS_PER_STEP + drawing_time(batching, problem.rows)))
    gathered = (batching.size or problem.rows) * problem.gathered_width
    return Pace(whole, min(pause, max(1, GATHERED_NUMBERS // gathered)) if gathered else pause, pause)
