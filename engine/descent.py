"""The one loop: a generator of the points that gradient descent passes.

An iteration is one pass over the training rows: one step for full batch, else one step for each batch. With averaging
the path is the same, but what is answered, recorded and judged by the stop rules is the mean of the iterates after
each step, (theta_1 + ... + theta_n) / n; the start does not count (Polyak and Juditsky, "Acceleration of stochastic
approximation by averaging", 1992). Recording, stopping and saving belong to whoever consumes the generator.
"""

from collections.abc import Iterator
from math import hypot, isinf, sqrt
from typing import NamedTuple

from engine.arrays import FloatArray
from engine.batches import steps_per_pass
from engine.method import Method, State
from engine.problems import Problem
from engine.step_numbers import learning_rate
from engine.turns import ways_of


class Point(NamedTuple):
    """What is known after an iteration; the learning rate is that of its last step, None at the start.

    The four before the last are those of the problem's Report. state is where the path goes on from; None where nobody
    will go on from here.
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
    state: State | None = None


class Pause(NamedTuple):
    """An opportunity, about every 50 ms, to stop or to save."""

    state: State


def descend(problem: Problem, method: Method, state: State, last: int | None = None) -> Iterator[Point | Pause]:
    """Points at iteration 0, every multiple of method.every, and `last`, where the path ends (None: never).

    From a state in the midst of the path it goes on with the bits that an unbroken run would have had. Raises
    BatchError where the batches cannot be drawn from the problem's rows.
    """
    turns, whole, pause = ways_of(problem, method, state)
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
    norm = None if slope is None else _norm(slope)
    report = problem.report(state.completed, gradient)
    return Point(state.iteration, state.completed, cost, rate, norm, *report, state)


def _norm(slope: FloatArray) -> float:
    norm = sqrt(slope.dot(slope))
    return hypot(*slope.tolist()) if isinf(norm) else norm  # of numbers whose squares are no float64


def _rate_before(method: Method, step: int, steps_per_iteration: int) -> float | None:
    """The learning rate of the step before number `step`, None where that is the first one."""
    return learning_rate(method.schedule, steps_per_iteration, step - 1) if step else None
