"""The one loop: a generator of the points that gradient descent passes.

A step is theta - learning_rate * direction, the direction being the optimizer's for the clipped gradient; where a
part of the cost has no gradient, the step of engine/proximal.py. An
iteration is one pass over the training rows: one step for full batch, else one step for each batch. With averaging
the path is the same, but what is answered, recorded and judged by the stop rules is the mean of the iterates after
each step, (theta_1 + ... + theta_n) / n; the start does not count (Polyak and Juditsky, "Acceleration of stochastic
approximation by averaging", 1992). Recording, stopping and saving belong to whoever consumes the generator. No array
that was handed out is ever written again, so points and states may be kept without copying.
"""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from math import sqrt
from typing import Final, NamedTuple

from engine.arrays import FloatArray, IntArray
from engine.batches import Batching, drawing_time, rows_in_turn, steps_per_pass
from engine.clipping import clipped
from engine.in_place import PIECE, step_in_place
from engine.optimizers import Optimizer, has_decay
from engine.problems import Problem
from engine.proximal import proximal_step
from engine.recurrences import RECURRENCES, Slots, empty_slots, restarted
from engine.schedules import Schedule
from engine.step_numbers import Steps, Tables, learning_rate, one_by_one, tables

GATHERED_NUMBERS: Final = 1 << 16
"""Numbers of the rows that are gathered at once for small batches: 512 KiB."""

NUMBERS_PER_PAUSE: Final = 50_000_000
CALLS_PER_STEP: Final = 10_000
"""A slice between pauses lasts some 50 ms at about 1 ns a number, and 10 µs of calls a step beside its drawing."""


class Method(NamedTuple):
    """How to descend; a Point is made every `every` iterations.

    gradient_clip: the largest L2 norm of a step's gradient, None for any. averaging: whether the mean of the iterates
    is the answer. kernel: what compiles steps of small batches, None for NumPy alone; both agree but for rounding.
    """

    optimizer: Optimizer
    schedule: Schedule
    batching: Batching
    seed: int = 0
    every: int = 1
    gradient_clip: float | None = None
    averaging: bool = False
    kernel: "Kernel | None" = None


class State(NamedTuple):
    """All that the rest of the path depends on, and the parameters to fall back to when a pass is broken off.

    `iteration` whole iterations are complete, which ended at `completed`; `theta` and `slots` are `position`
    steps further on. `mean` is that of all iterates so far with averaging, and theta without it; `completed` is what
    `mean` was.
    """

    theta: FloatArray
    slots: Slots
    iteration: int
    position: int
    completed: FloatArray
    mean: FloatArray


class Point(NamedTuple):
    """What is known after an iteration; the learning rate is that of its last step, None at the start.

    The last four are those of the problem's Report.
    """

    iteration: int
    theta: FloatArray
    cost: float
    learning_rate: float | None
    gradient_norm: float | None
    validation_cost: float | None = None
    optimality_gap: float | None = None
    accuracy: float | None = None
    validation_accuracy: float | None = None


class Pause(NamedTuple):
    """An opportunity, about every 50 ms, to stop or to save."""

    state: State


class Pace(NamedTuple):
    """Steps of a pass, steps whose rows are gathered together, and steps between pauses."""

    whole: int
    gathered: int
    pause: int


class Compiled(NamedTuple):
    """Steps in compiled code, at most `at_once` between pauses.

    take(state, taken, rows, rates, constants) is the state after the steps of batches `rows` of one pass, of which
    rates (k,) and constants (k, ·) are known, `taken` steps after the start.
    """

    take: Callable[[State, int, IntArray, FloatArray, FloatArray], State]
    at_once: int


Kernel = Callable[[Problem, Method], Compiled | None]
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


def start(theta: FloatArray) -> State:
    """The state before the first step."""
    return State(theta, empty_slots(theta.size), 0, 0, theta, theta)


def descend(problem: Problem, method: Method, state: State, last: int | None = None) -> Iterator[Point | Pause]:
    """Points at iteration 0, every multiple of method.every, and `last`, where the path ends (None: never).

    From a state in the midst of the path it goes on with the bits that an unbroken run would have had. Raises
    BatchError where the batches cannot be drawn from the problem's rows.
    """
    turns, whole, pause = _ways(problem, method, state)
    rate, waited = _rate_before(method, state.iteration * whole + state.position, whole), 0
    cost, gradient = _evaluated(problem, method, state.completed)
    if rate is None:
        yield _point(problem, state, cost, gradient, None)
    while last is None or state.iteration < last:
        for turn, count in turns(state, gradient):
            state, rate = turn(state)
            waited += count
            if waited >= pause:
                waited = 0
                yield Pause(state)
        state = state._replace(iteration=state.iteration + 1, position=0, completed=state.mean)
        recorded = state.iteration % method.every == 0 or state.iteration == last
        if recorded or (method.batching.size is None and not method.averaging):
            cost, gradient = _evaluated(problem, method, state.completed)
        if recorded:
            yield _point(problem, state, cost, gradient, rate)


def measure(problem: Problem, method: Method, state: State) -> Point:
    """The Point of the last complete iteration of a state."""
    whole = steps_per_pass(method.batching, problem.rows)
    rate = _rate_before(method, state.iteration * whole, whole)
    return _point(problem, state, *_evaluated(problem, method, state.completed), rate)


def _evaluated(problem: Problem, method: Method, theta: FloatArray) -> tuple[float, FloatArray | None]:
    """J over all rows, and the gradient of its smooth part where a step takes it or it costs little."""
    if method.batching.size is None or problem.cheap_gradient:
        return problem.cost_and_gradient(theta)
    return problem.cost(theta), None


def _point(problem: Problem, state: State, cost: float, gradient: FloatArray | None, rate: float | None) -> Point:
    slope = gradient
    if gradient is not None and problem.proximal is not None:
        slope = problem.proximal.subgradient(state.completed, gradient)
    norm = None if slope is None else sqrt(slope.dot(slope))
    return Point(state.iteration, state.completed, cost, rate, norm, *problem.report(state.completed, gradient))


def _ways(problem: Problem, method: Method, state: State) -> Ways:
    """The turns of compiled code where there is some, else those of NumPy."""
    compiled = None if method.kernel is None else method.kernel(problem, method)
    whole = steps_per_pass(method.batching, problem.rows)
    if compiled is not None:
        numbers = tables(method.optimizer, method.schedule, whole)
        return Ways(partial(_compiled_turns, problem, method, compiled, numbers), whole, compiled.at_once)
    pace = _pace(problem, method.batching)
    steps = one_by_one(method.optimizer, method.schedule, whole, state.iteration * whole + state.position)
    return Ways(partial(_turns, problem, method, pace, steps), whole, pace.pause)


def _compiled_turns(
    problem: Problem, method: Method, compiled: Compiled, numbers: Tables, state: State, _gradient: FloatArray | None
) -> Iterator[tuple[Turn, int]]:
    """The rest of a pass in compiled code."""
    size = method.batching.size or problem.rows
    whole, place = steps_per_pass(method.batching, problem.rows), (method.seed, state.iteration, state.position)
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
    problem: Problem, method: Method, pace: Pace, steps: Steps, state: State, gradient: FloatArray | None
) -> Iterator[tuple[Turn, int]]:
    """The rest of a pass, a slice of steps at a time."""
    for gradients, count in _slices(problem, method, pace, state, gradient):
        yield partial(_advance, method, problem, gradients, islice(steps, count), pace.whole), count


def _advance(
    method: Method, problem: Problem, gradients: Gradients, steps: Steps, whole: int, state: State
) -> tuple[State, float]:
    """Take the given steps within one pass, which has `whole` ones; the k-th uses gradients(theta, k)."""
    optimizer, clip, averaging = method.optimizer, method.gradient_clip, method.averaging
    proximal, decaying = problem.proximal, problem.decaying if has_decay(optimizer) else None
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


def _rate_before(method: Method, step: int, steps_per_iteration: int) -> float | None:
    """The learning rate of the step before number `step`, None where that is the first one."""
    return learning_rate(method.schedule, steps_per_iteration, step - 1) if step else None


def _pace(problem: Problem, batching: Batching) -> Pace:
    whole = steps_per_pass(batching, problem.rows)
    numbers = (batching.size or problem.rows) * problem.dimension
    pause = max(1, NUMBERS_PER_PAUSE // (numbers + CALLS_PER_STEP + drawing_time(batching, problem.rows)))
    gathered = (batching.size or problem.rows) * problem.gathered_width
    return Pace(whole, min(pause, max(1, GATHERED_NUMBERS // gathered)) if gathered else pause, pause)
