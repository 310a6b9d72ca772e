"""The loop: points, pauses, and the state that continues it bit for bit."""

import numpy as np
import pytest

from engine.batches import Batching
from engine.descent import Pause, Point, descend
from engine.method import Method, State, start
from engine.optimizers import OPTIMIZERS, Sgd
from engine.schedules import Constant, Cosine, Exponential, InverseTime, Piecewise
from tests.engine.runs import least_squares

RANDOM = np.random.default_rng(3)
X, Y = RANDOM.normal(size=(4000, 3)), RANDOM.normal(size=4000)
PROBLEM = least_squares(X, Y, intercept=True)
SMALL = least_squares(X[:20], Y[:20], intercept=True)


def points(method: Method, last: int, problem=SMALL, state: State | None = None) -> list[Point]:
    path = descend(problem, method, state or start(np.zeros(4)), last)
    return [event for event in path if isinstance(event, Point)]


def bits(point: Point) -> tuple:
    return point.iteration, point.theta.tobytes(), point.cost, point.learning_rate, point.gradient_norm


@pytest.mark.parametrize(
    ("every", "last", "expected"), [(1, 3, [0, 1, 2, 3]), (3, 7, [0, 3, 6, 7]), (5, 10, [0, 5, 10]), (9, 2, [0, 2])]
)
@pytest.mark.parametrize("size", [None, 6])
def test_recorded_iterations(size, every: int, last: int, expected: list[int]) -> None:
    """Points are made at 0, at multiples of `every`, and at the end, on one and the same path."""
    rare = points(Method(Sgd(), Constant(0.1), Batching(size), every=every), last)
    all_of_them = points(Method(Sgd(), Constant(0.1), Batching(size)), last)
    assert [point.iteration for point in rare] == expected
    assert [bits(point) for point in rare] == [bits(all_of_them[k]) for k in expected]


def test_learning_rates_are_those_of_the_last_steps() -> None:
    """None at the start, then the rate of the iteration's last step: steps 3 and 7 of four a pass."""
    method = Method(Sgd(), InverseTime(10, 50), Batching(5))
    assert [point.learning_rate for point in points(method, 2)] == [None, 10 / 53, 10 / 57]


@pytest.mark.parametrize("sampling", ["shuffle", "replacement", "subset"])
def test_seeds(sampling) -> None:
    """The same seed gives the same bits, another seed another path."""
    first, again, other = (
        points(Method(Sgd(), Constant(0.1), Batching(3, sampling), seed), 5)[-1] for seed in (1, 1, 2)
    )
    assert bits(first) == bits(again)
    assert bits(first) != bits(other)


PATHS = [
    (None, "shuffle", Cosine(0.1, 0.01, 3000, warmup=10)),
    (1, "shuffle", InverseTime(1, 100)),
    (1, "subset", InverseTime(1, 100, "iteration", warmup=2)),
    (1, "sequential", Exponential(0.1, 0.5, 5000)),
    (1, "replacement", Piecewise([3000, 9000], [0.1, 0.02, 0.05])),
]


@pytest.mark.parametrize("optimizer", [kind() for kind in OPTIMIZERS.values()], ids=OPTIMIZERS)
@pytest.mark.parametrize("path", range(len(PATHS)))
def test_a_pause_continues_bit_for_bit(optimizer, path: int) -> None:
    """From the state of any pause, in the midst of a pass too, the rest of the path is the unbroken one.

    Every optimizer and every path is met plain, and clipped with averaging.
    """
    size, sampling, schedule = PATHS[path]
    batching, plain = Batching(size, sampling), (list(OPTIMIZERS.values()).index(type(optimizer)) + path) % 2 == 0
    method = Method(optimizer, schedule, batching, gradient_clip=None if plain else 0.1, averaging=not plain)
    last = 4000 if size is None else 3
    events = list(descend(PROBLEM, method, start(np.zeros(4)), last))
    pauses = [event.state for event in events if isinstance(event, Pause)]
    unbroken = [bits(event) for event in events if isinstance(event, Point)]
    assert pauses
    assert size is None or any(state.position for state in pauses)
    middle = pauses[len(pauses) // 2]
    rest = [bits(point) for point in points(method, last, PROBLEM, middle)]
    assert rest[0][0] == middle.iteration + 1
    assert rest == unbroken[middle.iteration + 1 :]


def test_a_pass_of_millions_of_subsets_pauses_soon() -> None:
    """Nobody waits until all of them are drawn."""
    method = Method(Sgd(), Constant(0.01), Batching(1, "subset", 10_000_000))
    pause = next(event for event in descend(PROBLEM, method, start(np.zeros(4))) if isinstance(event, Pause))
    assert 0 < pause.state.position < 100_000


def test_a_long_pass_pauses() -> None:
    """A pass of many small steps lets its consumer in before it ends, with the last whole iteration at hand."""
    events = list(descend(PROBLEM, Method(Sgd(), Constant(0.01), Batching(1)), start(np.zeros(4)), 2))
    inside = [event.state for event in events if isinstance(event, Pause) and event.state.position]
    assert inside
    assert all(not np.array_equal(state.theta, state.completed) for state in inside)
