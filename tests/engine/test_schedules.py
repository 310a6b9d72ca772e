"""Schedules: rates of steps that are counted from 0."""

import numpy as np
import pytest

from engine.schedules import Constant, InverseTime, Schedule, learning_rates


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        (Constant(0.5), [0.5, 0.5, 0.5, 0.5]),
        (InverseTime(10, 50), [10 / 50, 10 / 51, 10 / 52, 10 / 53]),
        (InverseTime(10, 50, per="iteration"), [10 / 50, 10 / 50, 10 / 51, 10 / 51]),
    ],
    ids=["constant", "per-step", "per-iteration"],
)
def test_rates(schedule: Schedule, expected: list[float]) -> None:
    """With two steps an iteration the rate falls with every step, or with every second one."""
    assert learning_rates(schedule, np.arange(4), 2).tolist() == expected
