"""Compiled steps: the same path as NumPy's but for rounding, and bit for bit the same whenever they are run."""

from itertools import product
from typing import Any

import numpy as np
import pytest

from engine.batches import Batching
from engine.descent import Pause, Point, descend
from engine.kernels.kernel import COMPILED
from engine.kernels.load import load_kernel
from engine.losses import LOSSES, CrossEntropy, Huber, Loss
from engine.method import Kernel, Method, State, start
from engine.optimizers import FULL_BATCH_ONLY, OPTIMIZERS, Adam, Adamw, Lion, Momentum, Optimizer, Sgd
from engine.penalties import L1, L2, NO_PENALTY
from engine.problems import LinearProblem, linear_problem
from engine.rows import rows_cost
from engine.schedules import Constant, InverseTime
from tests.support.processes import CACHE

RANDOM = np.random.default_rng(17)
X, WEIGHTS = RANDOM.normal(size=(103, 3)), RANDOM.integers(0, 4, size=103).astype(float)
Y = (RANDOM.random(103) < 0.5).astype(float)  # classes, counts and numbers at once: every loss takes them

BATCHES = [
    (1, "shuffle", Constant(0.01)),
    (1, "sequential", InverseTime(1.0, 100.0)),
    (10, "shuffle", InverseTime(1.0, 100.0)),
    (103, "sequential", Constant(0.02)),
    (7, "replacement", InverseTime(2.0, 50.0, "iteration")),
    (5, "subset", Constant(0.01)),
]


@pytest.fixture(scope="session")
def kernel() -> Kernel:
    return load_kernel(CACHE)


def problem_of(loss: Loss, *, weighted: bool, held_out: bool, intercept: bool) -> LinearProblem:
    weights = WEIGHTS if weighted else None
    rows = rows_cost(X, Y, weights, intercept=intercept, loss=loss)
    validation = rows_cost(X[:9], Y[:9], intercept=intercept, loss=loss) if held_out else None
    return linear_problem(rows, validation, L2(0.1) if weighted or held_out else NO_PENALTY)


def path(problem: LinearProblem, method: Method, state: State | None = None, last: int = 2) -> list[Point | Pause]:
    return list(descend(problem, method, state or start(np.full(problem.dimension, 0.1)), last))


def points(problem: LinearProblem, method: Method, state: State | None = None, last: int = 2) -> list[Point]:
    return [event for event in path(problem, method, state, last) if isinstance(event, Point)]


BATCHED = {name: kind for name, kind in OPTIMIZERS.items() if kind not in FULL_BATCH_ONLY}
OPTIMIZERS_AND_OPTIONS = [
    *(kind() for kind in BATCHED.values()),
    Momentum(nesterov=True),
    Momentum(dampening=0.3),
    Lion(weight_decay=0.2),
    Adamw(weight_decay=0.2),
]
# Whether rows have weights, whether there is an intercept, a clip, averaging: each set of batches has all of them.
CHOICES = list(product([False, True], [True, False], [None, 0.3], [True, False]))


@pytest.mark.parametrize("optimizer", OPTIMIZERS_AND_OPTIONS, ids=repr)
@pytest.mark.parametrize("loss", [kind() for kind in LOSSES.values()], ids=LOSSES)
def test_compiled_steps_agree_with_numpy(kernel: Kernel, optimizer: Optimizer, loss: Loss) -> None:
    """For every optimizer and loss, with all samplings and two of the other choices, costs and parameters to 1e-9."""
    place = OPTIMIZERS_AND_OPTIONS.index(optimizer) * len(LOSSES) + list(LOSSES.values()).index(type(loss))
    for number, (size, sampling, schedule) in enumerate(BATCHES):
        for weighted, intercept, clip, averaging in (CHOICES[(place + 5 * number + k) % 16] for k in (0, 8)):
            problem = problem_of(loss, weighted=weighted, held_out=averaging, intercept=intercept)
            method = Method(optimizer, schedule, Batching(size, sampling), 5, 2, clip, averaging)
            plain, compiled = points(problem, method, last=4), points(problem, method._replace(kernel=kernel), last=4)
            assert len(plain) == len(compiled)
            for one, other in zip(plain, compiled, strict=True):
                assert other.theta == pytest.approx(one.theta, rel=1e-9, abs=1e-12)
                assert other.cost == pytest.approx(one.cost, rel=1e-9)
                assert other.learning_rate == one.learning_rate


def bits(point: Point) -> tuple:
    return point.iteration, point.theta.tobytes(), point.cost, point.learning_rate, point.gradient_norm


@pytest.mark.parametrize("optimizer", [kind() for kind in BATCHED.values()], ids=BATCHED)
def test_compiled_steps_continue_bit_for_bit(kernel: Kernel, optimizer: Optimizer) -> None:
    """From the state of any pause, in the midst of a pass too, the rest of the path is the unbroken one."""
    problem = problem_of(LOSSES["log_loss"](), weighted=True, held_out=False, intercept=True)
    batching = Batching(1, "replacement", 700_000)
    method = Method(optimizer, InverseTime(1.0, 1000.0), batching, averaging=True, kernel=kernel)
    events = path(problem, method)
    unbroken = [bits(event) for event in events if isinstance(event, Point)]
    pauses = [event.state for event in events if isinstance(event, Pause) and event.state.position]
    assert pauses
    middle = pauses[len(pauses) // 2]
    assert [bits(point) for point in points(problem, method, middle)] == unbroken[middle.iteration + 1 :]


@pytest.mark.parametrize("compiled", [False, True])
def test_pauses_come_as_often_where_drawing_takes_longest(kernel: Kernel, compiled: bool) -> None:
    """A subset costs some 20 µs beside its step of 0.1 µs: 50 ms are at most 2500 of them."""
    problem = problem_of(LOSSES["squared"](), weighted=False, held_out=False, intercept=True)
    batching = Batching(1, "subset", 10_000)
    events = path(problem, Method(Sgd(), Constant(0.01), batching, kernel=kernel if compiled else None), last=1)
    taken = [0, *(event.state.position for event in events if isinstance(event, Pause)), 10_000]
    assert max(np.diff(taken)) <= 2500


def test_every_loss_of_one_score_is_compiled(kernel: Kernel) -> None:
    """What has several scores, a full batch, or large batches is left to NumPy."""
    assert set(COMPILED) == set(LOSSES.values())
    squared = problem_of(LOSSES["squared"](), weighted=False, held_out=False, intercept=True)
    classes = linear_problem(rows_cost(X, Y, intercept=True, loss=CrossEntropy(2)))
    large = linear_problem(rows_cost(np.ones((70_000, 1)), np.ones(70_000), intercept=True, loss=LOSSES["squared"]()))
    lasso = linear_problem(squared.data, None, L1(0.1))
    method = Method(Sgd(), Constant(0.1), Batching(1))
    assert kernel(squared, method) is not None
    assert kernel(classes, method) is None
    assert kernel(squared, method._replace(batching=Batching())) is None
    assert kernel(squared, method._replace(optimizer=Momentum(nesterov=True, restart=True))) is None
    assert kernel(lasso, method) is None
    assert kernel(large, method._replace(batching=Batching(70_000))) is None


def test_one_compiled_type_serves_all_settings(kernel: Kernel) -> None:
    """Whole numbers as hyperparameters and targets that may not be written are taken without compiling again."""
    known = len(compiled_types(kernel))
    targets = Y.copy()
    targets.flags.writeable = False
    problem = linear_problem(rows_cost(X, targets, intercept=True, loss=Huber(delta=1)))
    points(problem, Method(Adam(beta1=0), Constant(1), Batching(1), gradient_clip=1, kernel=kernel))
    assert len(compiled_types(kernel)) == known


def compiled_types(kernel: Any) -> list[Any]:
    return list(kernel.args[0].signatures)


@pytest.mark.usefixtures("kernel")
def test_compiled_code_is_read_from_disk() -> None:
    """What one process has compiled, no other one compiles again."""
    kernel: Any = load_kernel(CACHE)
    assert sum(kernel.args[0].stats.cache_hits.values()) == len(BATCHED)
