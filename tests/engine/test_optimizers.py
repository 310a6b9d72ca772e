"""Optimizers: the first steps by hand, and the recurrences on single numbers as on arrays."""

from math import sqrt

import numpy as np
import pytest

from engine.batches import Batching
from engine.losses import CrossEntropy
from engine.method import Method
from engine.network import Architecture, Network, layers
from engine.network_problem import NetworkProblem
from engine.network_rows import NetworkRows
from engine.optimizers import (
    OPTIMIZERS,
    Adadelta,
    Adagrad,
    Adam,
    Adamax,
    Adamw,
    Amsgrad,
    Lion,
    Momentum,
    Nadam,
    Optimizer,
    Rmsprop,
    Rprop,
    Sgd,
)
from engine.recurrences import RECURRENCES, empty_slots, restarted, step_constants
from engine.schedules import Polynomial
from engine.stopping import Limits
from tests.engine.runs import least_squares, run

EPSILON = 1e-8


def directions(optimizer: Optimizer, gradients: list[float]) -> list[float]:
    a, b, c = empty_slots(1)
    found = []
    for gradient, t in zip(gradients, step_constants(optimizer, np.arange(len(gradients))), strict=True):
        moved, a, b, c = RECURRENCES[type(optimizer)](optimizer, np.array([gradient]), np.full(1, 3.0), a, b, c, t)
        found.append(float(moved[0]))
    return found


THREE_STEPS = [
    (Sgd(), [2.0, -1.0, 4.0]),
    (Momentum(0.5), [2.0, 0.0, 4.0]),
    (Momentum(0.5, dampening=0.5), [1.0, 0.0, 2.0]),
    (Momentum(0.5, nesterov=True), [3.0, -1.0, 6.0]),
    (Momentum(0.5, dampening=0.5, nesterov=True), [2.5, -1.0, 5.0]),
    # beta is 0, 1/4, 2/5 in the first three steps and looks ahead by the next one, unless it may not be so large.
    (Momentum(0.9, nesterov=True, restart=True), [2.5, -1.0 + 0.4 * -0.5, 4.0 + 0.5 * (4.0 + 0.4 * -0.5)]),
    (Momentum(0.25, restart=True), [2.0, -0.5, 3.875]),
    (Adagrad(), [2 / (2 + EPSILON), -1 / (sqrt(5) + EPSILON), 4 / (sqrt(21) + EPSILON)]),
    (Rmsprop(0.5), [2 / (sqrt(2) + EPSILON), -1 / (sqrt(1.5) + EPSILON), 4 / (sqrt(8.75) + EPSILON)]),
    (
        Adam(0.5, 0.75),
        # m = 1, 0, 2 over 1 - 0.5^k; v = 1, 1, 4.75 over 1 - 0.75^k.
        [2 / (2 + EPSILON), 0.0, (2 / 0.875) / (sqrt(4.75 / 0.578125) + EPSILON)],
    ),
    (
        Amsgrad(0.5, 0.5),
        # m = 1, 0, 2 over 1 - 0.5^k; v = 2, 1.5, 8.75, the largest of them 2, 2, 8.75, over 1 - 0.5^k.
        [2 / (2 + EPSILON), 0.0, (2 / 0.875) / (sqrt(8.75 / 0.875) + EPSILON)],
    ),
    (
        Nadam(0.5, 0.75, momentum_decay=0.0),
        # mu = 0.25 throughout, so 1 - Π = 0.75, 0.9375, 0.984375; with the next mu 0.9375, 0.984375, 0.99609375.
        [
            (0.75 * 2 / 0.75 + 0.25 * 1 / 0.9375) / (2 + EPSILON),
            (0.75 * -1 / 0.9375) / (sqrt(1 / 0.4375) + EPSILON),
            (0.75 * 4 / 0.984375 + 0.25 * 2 / 0.99609375) / (sqrt(4.75 / 0.578125) + EPSILON),
        ],
    ),
    (
        Nadam(0.5, 0.75, momentum_decay=1.0),
        # mu = 0.26, 0.2696, 0.278816, then 0.28766336 = 0.5 (1 - 0.96^4 / 2); Π = 0.26, 0.070096, 0.019543886336.
        [
            (0.74 * 2 / 0.74 + 0.2696 * 1 / (1 - 0.26 * 0.2696)) / (2 + EPSILON),
            (0.7304 * -1 / (1 - 0.070096)) / (sqrt(1 / 0.4375) + EPSILON),
            (0.721184 * 4 / (1 - 0.019543886336) + 0.28766336 * 2 / (1 - 0.019543886336 * 0.28766336))
            / (sqrt(4.75 / 0.578125) + EPSILON),
        ],
    ),
    # m = 1, 0, 2 over 1 - 0.5^k; u = 2, 1.5, 4, epsilon added to the gradients' sizes.
    (Adamax(0.5, 0.75), [2 / (2 + EPSILON), 0.0, (2 / 0.875) / (4 + EPSILON)]),
    # theta is 3 at every step.
    (
        Adamw(0.5, 0.75, weight_decay=0.25),
        [2 / (2 + EPSILON) + 0.75, 0.75, (2 / 0.875) / (sqrt(4.75 / 0.578125) + EPSILON) + 0.75],
    ),
    (
        Adadelta(0.5, 1.0),
        # E = 2, 1.5, 8.75; Δ² = 4/3, then with D = 2/3 it is (5/3)/2.5 = 2/3, and with D = 2/3 it is 16 (5/3)/9.75.
        [sqrt(4 / 3), -sqrt(2 / 3), sqrt(16 * (5 / 3) / 9.75)],
    ),
    # m before each step = 0, 0.5, 0.125; its mean with the gradient 1, -0.25, 2.0625.
    (Lion(0.5, 0.75, 0.125), [1.375, -0.625, 1.375]),
    # The sign turns at the second gradient, which then counts as zero, so that the third has no sign to compare with.
    (Rprop(2.0, 0.25), [1.0, 0.0, 0.25]),
]


@pytest.mark.parametrize(("optimizer", "expected"), THREE_STEPS, ids=lambda value: str(value)[:60])
def test_first_three_steps(optimizer: Optimizer, expected: list[float]) -> None:
    """For the gradients 2, -1, 4 the directions are those of the formulas, worked out by hand."""
    assert directions(optimizer, [2.0, -1.0, 4.0]) == pytest.approx(expected, rel=1e-14, abs=1e-15)


@pytest.mark.parametrize("optimizer", [kind() for kind in OPTIMIZERS.values()], ids=OPTIMIZERS)
def test_every_recurrence_is_elementwise(optimizer: Optimizer) -> None:
    """A coordinate moves as it would alone, so single numbers and arrays go through the same arithmetic."""
    recurrence, t = RECURRENCES[type(optimizer)], [0.1, 0.001, 0.2]
    gradient, slots = np.array([3.0, -2.0]), [np.array([0.5, 0.25]), np.array([0.125, 0.5]), np.array([0.25, 0.75])]
    together = recurrence(optimizer, gradient, np.ones(2), *slots, t)
    alone = [recurrence(optimizer, gradient[j], 1.0, *(slot[j] for slot in slots), t) for j in range(2)]
    for k in range(4):
        assert together[k].tolist() == [alone[0][k], alone[1][k]]


@pytest.mark.parametrize("optimizer", [kind() for kind in OPTIMIZERS.values()], ids=OPTIMIZERS)
def test_no_recurrence_writes_into_its_arguments(optimizer: Optimizer) -> None:
    """Arrays that were handed out stay as they are, which points and states rely on."""
    arrays = [np.array([1.0, 2.0]) for _ in range(5)]
    RECURRENCES[type(optimizer)](optimizer, *arrays, [0.1, 0.1, 0.1])
    assert all(array.tolist() == [1.0, 2.0] for array in arrays)


@pytest.mark.parametrize("optimizer", [Adamw(weight_decay=0.5), Lion(weight_decay=0.5)], ids=["adamw", "lion"])
@pytest.mark.parametrize("size", [None, 4], ids=["full", "4"])
def test_decay_spares_the_intercept(optimizer: Optimizer, size: int | None) -> None:
    """No weight gets beyond 1 / weight_decay, and the level of the target is reached however far it is."""
    x = np.array([-1.0, 1.0] * 4)
    problem = least_squares(x[:, np.newaxis], 50.0 + 50.0 * x, intercept=True)
    method = Method(optimizer, Polynomial(0.5, 0.0, 4000), Batching(size, "sequential"))
    slope, intercept = run(problem, method, Limits(2000 if size else 4000)).outcome.last.theta
    assert intercept == pytest.approx(50.0, abs=1e-3)
    assert slope == pytest.approx(2.0, rel=1e-3)


def test_the_biases_of_a_network_do_not_decay() -> None:
    """All weights of every layer do."""
    architecture = Architecture(3, Network((4,)), 2)
    decaying = NetworkProblem(NetworkRows(np.zeros((2, 3)), np.zeros(2), architecture, CrossEntropy(2))).decaying
    for layer in layers(architecture, decaying):
        assert layer.weights.all()
        assert not layer.bias.any()


@pytest.mark.parametrize(("slope", "kept"), [(1.0, True), (0.0, True), (-1.0, False)], ids=["down", "level", "up"])
def test_a_velocity_that_points_uphill_is_dropped(slope: float, kept: bool) -> None:
    """Only then, and only with restart."""
    slots = (np.array([2.0, 0.0]), np.array([5.0, 5.0]), np.zeros(2))
    gradient = np.array([slope, 7.0])
    found = restarted(Momentum(nesterov=True, restart=True), gradient, slots)
    assert found is slots if kept else [slot.tolist() for slot in found] == [[0.0, 0.0]] * 3
    assert restarted(Momentum(nesterov=True), gradient, slots) is slots


def test_rprop_does_not_begin_anew_however_small_its_steps_have_become() -> None:
    """Signs that change for ever halve the step at every other gradient, to less than float64 has."""
    found = directions(Rprop(1.2, 0.5), [1.0, -1.0, -1.0] * 2000)
    assert abs(found[0]) == 1.0
    assert max(map(abs, found[-1000:])) < 1e-300
    assert all(found[k] != 0.0 for k in range(2, 6000, 3))
