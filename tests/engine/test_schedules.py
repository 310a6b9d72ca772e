"""Schedules: rates of steps that are counted from 0."""

from math import cos, pi

import numpy as np
import pytest

from engine.batches import Batching
from engine.descent import Pause, Point, descend
from engine.method import Method, start
from engine.optimizers import Nadam
from engine.schedules import (
    SCHEDULES,
    Constant,
    Cosine,
    Exponential,
    InversePower,
    InverseTime,
    Piecewise,
    Polynomial,
    Schedule,
    Step,
    learning_rates,
)
from tests.engine.runs import least_squares

RATES: dict[str, tuple[Schedule, list[float]]] = {
    "constant": (Constant(0.5), [0.5, 0.5, 0.5, 0.5]),
    "inverse-time": (InverseTime(10, 50), [10 / 50, 10 / 51, 10 / 52, 10 / 53]),
    "per-iteration": (InverseTime(10, 50, per="iteration"), [10 / 50, 10 / 50, 10 / 51, 10 / 51]),
    "warmed": (InverseTime(10, 50, warmup=3), [10 / 50 / 3, 10 / 51 * 2 / 3, 10 / 52, 10 / 53]),
    "warmed-per-iteration": (InverseTime(6, 2, "iteration", 2), [1.5, 1.5, 2.0, 2.0]),
    "inverse-power": (InversePower(6, 2), [6, 6 / 4, 6 / 9, 6 / 16]),
    "inverse-root": (InversePower(2, 0.5, warmup=1), [2, 2 / 2**0.5, 2 / 3**0.5, 1]),
    "exponential": (Exponential(8, 0.25, 2), [8, 4, 2, 1]),
    "step": (Step(8, 0.25, 2), [8, 8, 2, 2]),
    "step-per-iteration": (Step(8, 0.25, 1, "iteration"), [8, 8, 2, 2]),
    "piecewise": (Piecewise([1, 3], [0.5, 0.25, 0.125]), [0.5, 0.25, 0.25, 0.125]),
    "piecewise-per-iteration": (Piecewise([1], [0.5, 0.25], "iteration"), [0.5, 0.5, 0.25, 0.25]),
    "one-piece-warmed": (Piecewise([], [0.5], warmup=4), [0.125, 0.25, 0.375, 0.5]),
    "polynomial": (Polynomial(5, 1, 2), [5, 3, 1, 1]),
    "square": (Polynomial(5, 1, 2, power=2), [5, 2, 1, 1]),
    "rising": (Polynomial(1, 5, 2), [1, 3, 5, 5]),
    "cosine": (Cosine(5, 1, 3), [5, 4, 2, 1]),
    "cosine-per-iteration": (Cosine(4, 0, 4, "iteration"), [4, 4, 2 + 2 * cos(pi / 4), 2 + 2 * cos(pi / 4)]),
}


@pytest.mark.parametrize(("schedule", "expected"), RATES.values(), ids=RATES)
def test_rates(schedule: Schedule, expected: list[float]) -> None:
    """With two steps an iteration, the first four rates are those of the formula worked out by hand."""
    assert learning_rates(schedule, np.arange(4), 2).tolist() == pytest.approx(expected, rel=1e-14)


def test_every_schedule_is_in_the_table() -> None:
    assert {type(schedule) for schedule, _ in RATES.values()} == set(SCHEDULES.values())


@pytest.mark.parametrize(
    ("schedule", "final"),
    [
        (Polynomial(1, 0.25, 50, 0.5), 0.25),
        (Cosine(1, 0, 50), 0.0),
        (Piecewise([10, 50], [3, 2, 0.5]), 0.5),
        (Step(1, 0.5, 10**15), 1.0),
        (InversePower(1, 1e300), 0.0),
    ],
    ids=["polynomial", "cosine", "piecewise", "step", "power"],
)
def test_rates_long_after(schedule: Schedule, final: float) -> None:
    """After its horizon a schedule keeps its last rate, however far the steps go."""
    with np.errstate(over="ignore"):
        assert learning_rates(schedule, np.array([50, 51, 10**14]), 1).tolist() == [final] * 3


X, Y = np.random.default_rng(4).normal(size=(300, 2)), np.random.default_rng(5).normal(size=300)
PROBLEM = least_squares(X, Y, intercept=True)


@pytest.mark.parametrize("schedule", [schedule for schedule, _ in RATES.values()], ids=list(RATES))
def test_a_schedule_continues_bit_for_bit(schedule: Schedule) -> None:
    """From a pause within a pass on, rates and parameters are those of the unbroken run."""
    method = Method(Nadam(), schedule, Batching(1, "subset", 6000), gradient_clip=1.0, averaging=True)
    events = list(descend(PROBLEM, method, start(np.zeros(3)), 1))
    state = next(event.state for event in events if isinstance(event, Pause))
    (unbroken,) = (event for event in descend(PROBLEM, method, state, 1) if isinstance(event, Point))
    assert state.position
    assert isinstance(events[-1], Point)
    assert (unbroken.learning_rate, unbroken.theta.tobytes()) == (events[-1].learning_rate, events[-1].theta.tobytes())
