"""Steps of many parameters in place: the bits of steps on new arrays, and nothing written that was handed out."""

from typing import Any

import numpy as np
import pytest

from engine.batches import Batching
from engine.descent import Pause, Point, descend
from engine.in_place import PIECE, step_in_place
from engine.losses import CrossEntropy
from engine.method import Method, start
from engine.network import Network, initial_theta
from engine.network_problem import NetworkProblem
from engine.network_rows import architecture_of, network_rows
from engine.optimizers import OPTIMIZERS, Adamw, Optimizer
from engine.recurrences import RECURRENCES, empty_slots, step_constants
from engine.rows import rows_cost
from engine.schedules import Constant

RANDOM = np.random.default_rng(3)
SIZE = 2 * PIECE + 3
RATE = 0.1


@pytest.mark.parametrize("decaying", [None, RANDOM.integers(0, 2, SIZE).astype(float)], ids=["", "decaying"])
@pytest.mark.parametrize("optimizer", [kind() for kind in OPTIMIZERS.values()], ids=OPTIMIZERS)
def test_a_step_has_the_bits_of_one_on_new_arrays(optimizer: Optimizer, decaying: Any) -> None:
    """Every optimizer, three steps, in pieces that do not divide the parameters."""
    recurrence, constants = RECURRENCES[type(optimizer)], step_constants(optimizer, np.arange(3)).tolist()
    theta = RANDOM.normal(size=SIZE)
    slots, own, own_slots = empty_slots(SIZE), theta.copy(), empty_slots(SIZE)
    for k in range(3):
        gradient = RANDOM.normal(size=SIZE)
        shrinking = theta if decaying is None else decaying * theta
        direction, *new = recurrence(optimizer, gradient, shrinking, *slots, constants[k])
        theta, slots = theta - RATE * direction, (new[0], new[1], new[2])
        step_in_place(optimizer, gradient, decaying, own, own_slots, constants[k], RATE)
        for one, other in zip((theta, *slots), (own, *own_slots), strict=True):
            assert one.tobytes() == other.tobytes()


@pytest.mark.parametrize("averaging", [False, True], ids=["", "averaging"])
def test_what_was_handed_out_is_never_written(averaging: bool) -> None:
    """Points and states keep their numbers, and a path from any of these states has the bits of the whole one."""
    X, y = RANDOM.normal(size=(90, 200)), RANDOM.integers(0, 3, 90).astype(float)
    rows = rows_cost(X, y, intercept=True, loss=CrossEntropy(3))
    data = network_rows(rows, architecture_of(rows, Network((400,))))
    batching = Batching(30, "replacement", 60)
    problem, method = NetworkProblem(data), Method(Adamw(), Constant(0.01), batching, averaging=averaging)
    theta = initial_theta(data.architecture, 0)
    kept = [(event, _bytes(event)) for event in descend(problem, method, start(theta), 2)]
    pauses = [event for event, _ in kept if isinstance(event, Pause)]
    assert len(pauses) > 2
    assert theta.size > PIECE
    assert all(_bytes(event) == before for event, before in kept)
    for pause in (pauses[0], pauses[-2]):
        *_, last = descend(problem, method, pause.state, 2)
        assert _bytes(last) == kept[-1][1]


def _bytes(event: Point | Pause) -> list[bytes]:
    if isinstance(event, Point):
        return [event.theta.tobytes()]
    theta, slots, _, _, completed, mean = event.state
    return [values.tobytes() for values in (theta, *slots, completed, mean)]
