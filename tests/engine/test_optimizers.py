"""Optimizers: the first steps by hand, and the recurrences on single numbers as on arrays."""

from math import sqrt

import numpy as np
import pytest

from engine.optimizers import (
    OPTIMIZERS,
    RECURRENCES,
    Adagrad,
    Adam,
    Momentum,
    Optimizer,
    Rmsprop,
    Sgd,
    empty_slots,
    step_constants,
)

EPSILON = 1e-8


def directions(optimizer: Optimizer, gradients: list[float]) -> list[float]:
    a, b, c = empty_slots(1)
    found = []
    for gradient, t in zip(gradients, step_constants(optimizer, np.arange(len(gradients))), strict=True):
        moved, a, b, c = RECURRENCES[type(optimizer)](optimizer, np.array([gradient]), np.zeros(1), a, b, c, t)
        found.append(float(moved[0]))
    return found


THREE_STEPS = [
    (Sgd(), [2.0, -1.0, 4.0]),
    (Momentum(0.5), [2.0, 0.0, 4.0]),
    (Momentum(0.5, dampening=0.5), [1.0, 0.0, 2.0]),
    (Momentum(0.5, nesterov=True), [3.0, -1.0, 6.0]),
    (Momentum(0.5, dampening=0.5, nesterov=True), [2.5, -1.0, 5.0]),
    (Adagrad(), [2 / (2 + EPSILON), -1 / (sqrt(5) + EPSILON), 4 / (sqrt(21) + EPSILON)]),
    (Rmsprop(0.5), [2 / (sqrt(2) + EPSILON), -1 / (sqrt(1.5) + EPSILON), 4 / (sqrt(8.75) + EPSILON)]),
    (
        Adam(0.5, 0.75),
        # m = 1, 0, 2 over 1 - 0.5^k; v = 1, 1, 4.75 over 1 - 0.75^k.
        [2 / (2 + EPSILON), 0.0, (2 / 0.875) / (sqrt(4.75 / 0.578125) + EPSILON)],
    ),
]


@pytest.mark.parametrize(("optimizer", "expected"), THREE_STEPS, ids=lambda value: str(value)[:60])
def test_first_three_steps(optimizer: Optimizer, expected: list[float]) -> None:
    """For the gradients 2, -1, 4 the directions are those of the formulas, worked out by hand."""
    assert directions(optimizer, [2.0, -1.0, 4.0]) == pytest.approx(expected, rel=1e-14, abs=1e-15)


@pytest.mark.parametrize("optimizer", [kind() for kind in OPTIMIZERS.values()], ids=OPTIMIZERS)
def test_every_recurrence_is_elementwise(optimizer: Optimizer) -> None:
    """A coordinate moves as it would alone, so single numbers and arrays go through the same arithmetic."""
    recurrence, t = RECURRENCES[type(optimizer)], [0.1, 0.001]
    gradient, slots = np.array([3.0, -2.0]), [np.array([0.5, 0.25]), np.array([0.125, 0.5]), np.zeros(2)]
    together = recurrence(optimizer, gradient, np.ones(2), *slots, t)
    alone = [recurrence(optimizer, gradient[j], 1.0, *(slot[j] for slot in slots), t) for j in range(2)]
    for k in range(4):
        assert together[k].tolist() == [alone[0][k], alone[1][k]]


@pytest.mark.parametrize("optimizer", [kind() for kind in OPTIMIZERS.values()], ids=OPTIMIZERS)
def test_no_recurrence_writes_into_its_arguments(optimizer: Optimizer) -> None:
    """Arrays that were handed out stay as they are, which points and states rely on."""
    arrays = [np.array([1.0, 2.0]) for _ in range(5)]
    RECURRENCES[type(optimizer)](optimizer, *arrays, [0.1, 0.1])
    assert all(array.tolist() == [1.0, 2.0] for array in arrays)
