"""Clipped gradients and the mean of the iterates, against recurrences written out in a few lines."""

import numpy as np
import pytest

from engine.batches import Batching
from engine.clipping import clipped
from engine.descent import Point
from engine.method import Method
from engine.optimizers import Momentum, Sgd
from engine.schedules import Constant, InverseTime
from engine.stopping import Limits
from tests.engine.runs import least_squares, run

RANDOM = np.random.default_rng(8)
X, Y = RANDOM.normal(size=(24, 3)), 5.0 + RANDOM.normal(size=24)
PROBLEM = least_squares(X, Y, intercept=False)


@pytest.mark.parametrize(
    ("gradient", "most", "expected"),
    [
        ([3.0, -4.0], 10.0, [3.0, -4.0]),
        ([3.0, -4.0], 5.0, [3.0, -4.0]),
        ([3.0, -4.0], 1.0, [0.6, -0.8]),
        ([3e200, -4e200], 1.0, [0.6, -0.8]),
        ([0.0, 0.0], 1.0, [0.0, 0.0]),
    ],
    ids=["shorter", "as-long", "longer", "squares-overflow", "zero"],
)
def test_clipping(gradient: list[float], most: float, expected: list[float]) -> None:
    """A gradient keeps its direction, and its length where that is not above the limit."""
    with np.errstate(over="ignore"):
        assert clipped(np.array(gradient), most).tolist() == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_clipping_does_not_hide_what_is_not_finite(bad: float) -> None:
    """A gradient that is no gradient must end the run, not pass for a short step."""
    with np.errstate(invalid="ignore"):
        assert np.isnan(clipped(np.array([1.0, bad]), 1.0)).any()


def plain(size: int, iterations: int, clip: float, rate: float, beta: float) -> tuple[list, list, list]:
    """Iterates, their means, and costs of the means, one of each a pass over the rows in order."""
    theta, velocity, steps = np.zeros(3), np.zeros(3), []
    for _ in range(iterations):
        for first in range(0, len(Y), size):
            rows, target = X[first : first + size], Y[first : first + size]
            gradient = rows.T @ (rows @ theta - target) / len(target)
            gradient = gradient * min(1.0, clip / np.linalg.norm(gradient))
            velocity = beta * velocity + gradient
            theta = theta - rate * velocity
            steps.append(theta)
    ends = range(-(-len(Y) // size), len(steps) + 1, -(-len(Y) // size))
    means = [np.mean(steps[:end], axis=0) for end in ends]
    return [steps[end - 1] for end in ends], means, [0.5 * np.mean((X @ mean - Y) ** 2) for mean in means]


def descended(**method: object) -> list[Point]:
    return run(PROBLEM, Method(**method), Limits(30)).points[1:]  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [None, 1, 7], ids=["full", "1", "7"])
@pytest.mark.parametrize("clip", [0.3, 1e9], ids=["clipped", "not-clipped"])
def test_paths_are_the_plain_recurrences(size: int | None, clip: float) -> None:
    """Iterates, means and the costs of the means are those of a textbook loop, to 1e-12."""
    method = {
        "optimizer": Momentum(0.5),
        "schedule": Constant(0.05),
        "batching": Batching(size, "sequential"),
        "gradient_clip": clip,
    }
    iterates, means, costs = plain(size or len(Y), 30, clip, 0.05, 0.5)
    np.testing.assert_allclose([point.theta for point in descended(**method)], iterates, rtol=1e-12)
    averaged = descended(**method, averaging=True)
    np.testing.assert_allclose([point.theta for point in averaged], means, rtol=1e-12)
    np.testing.assert_allclose([point.cost for point in averaged], costs, rtol=1e-12)


@pytest.mark.parametrize("size", [None, 5], ids=["full", "5"])
def test_points_of_the_mean_do_not_depend_on_which_are_recorded(size: int | None) -> None:
    """With averaging too, recording every third iteration gives every third point."""
    method = Method(Sgd(), InverseTime(5, 50), Batching(size), averaging=True)
    every, third = (run(PROBLEM, method._replace(every=every), Limits(9)).points for every in (1, 3))
    assert [point.theta.tobytes() for point in third] == [point.theta.tobytes() for point in every[::3]]
    assert [(point.cost, point.gradient_norm) for point in third] == [
        (point.cost, point.gradient_norm) for point in every[::3]
    ]


def test_the_mean_settles_where_the_iterates_go_on_moving() -> None:
    """At a constant rate single rows keep the iterates away from the optimum; their mean comes near it."""
    last = {
        averaging: run(
            PROBLEM, Method(Sgd(), Constant(0.02), Batching(1), averaging=averaging), Limits(400)
        ).outcome.last
        for averaging in (False, True)
    }
    assert (last[True].optimality_gap or 1.0) < 0.1 * (last[False].optimality_gap or 0.0)
