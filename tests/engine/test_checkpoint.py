"""A run that goes on from its checkpoint ends with the bits of an unbroken one, whatever it is a run of."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
import pytest

from engine.arrays import FloatArray
from engine.batches import Batching
from engine.checkpoint import Checkpoint
from engine.descent import Point
from engine.expressions import parse
from engine.formula import formula_of
from engine.formula_problem import formula_problem
from engine.formula_rows import FormulaRows
from engine.function_problem import FunctionProblem
from engine.history import History
from engine.kernels.load import load_kernel
from engine.losses import CrossEntropy, Huber, LogLoss, Squared
from engine.method import Kernel, Method, start
from engine.network import Network
from engine.network_problem import NetworkProblem
from engine.network_rows import architecture_of, network_rows
from engine.optimizers import OPTIMIZERS, Adam, Momentum, Optimizer, Sgd
from engine.penalties import L1, L2, NO_PENALTY, Penalty
from engine.problems import Problem, linear_problem
from engine.randomness import random_start
from engine.rows import rows_cost
from engine.schedules import Constant, Cosine, Exponential, InverseTime, Schedule
from engine.stopping import EarlyStopping, Limits, first_tally
from engine.training import Outcome, train
from tests.engine.runs import Run, run
from tests.support.processes import CACHE

RANDOM = np.random.default_rng(3)
X, WEIGHTS = RANDOM.normal(size=(61, 3)), RANDOM.integers(1, 4, size=61).astype(float)
TARGETS = {
    "numbers": X @ [1.0, -2.0, 0.5] + RANDOM.normal(size=61),
    "classes": RANDOM.integers(0, 2, size=61).astype(float),
    "three": RANDOM.integers(0, 3, size=61).astype(float),
}

BATCHES = {
    "full batch": Batching(),
    "shuffle": Batching(7, "shuffle"),
    "sequential": Batching(10, "sequential"),
    "replacement": Batching(4, "replacement", 9),
    "subset": Batching(5, "subset"),
    "single rows": Batching(1),
}
SCHEDULES: dict[str, Schedule] = {
    "constant": Constant(0.02),
    "by step, warmed up": InverseTime(1.0, 50.0, "step", 37),
    "by iteration": InverseTime(0.5, 20.0, "iteration", 12),
}


def linear(targets: str, loss: Any, penalty: Penalty = NO_PENALTY, *, held_out: bool = False, weighted: bool = False):
    y, weights = TARGETS[targets], WEIGHTS if weighted else None
    validation = rows_cost(X[:9] * 1.1, y[:9], intercept=True, loss=loss) if held_out else None
    return linear_problem(rows_cost(X, y, weights, intercept=True, loss=loss), validation, penalty)


def network(dtype: str) -> Problem:
    data = rows_cost(X, TARGETS["three"], intercept=True, loss=CrossEntropy(3))
    sides = [network_rows(data, architecture_of(data, Network((5,), "tanh", dtype))) for _ in range(2)]
    return NetworkProblem(sides[0], sides[1], L2(0.01))


PROBLEMS = {
    "moments": lambda: linear("numbers", Squared(), L2(0.1)),
    "huber with weights, held out": lambda: linear("numbers", Huber(), held_out=True, weighted=True),
    "logistic": lambda: linear("classes", LogLoss(), held_out=True),
    "softmax": lambda: linear("three", CrossEntropy(3), weighted=True),
    "network": lambda: network("float64"),
    "network in float32": lambda: network("float32"),
}


@pytest.fixture(scope="session")
def kernel() -> Kernel:
    return load_kernel(CACHE)


def bits(point: Point) -> list[Any]:
    return [value.tobytes() if isinstance(value, np.ndarray) else value for value in point[:-1]]


def answer(outcome: Outcome) -> list[Any]:
    """All that a run came to, to the last bit."""
    return [outcome.reason, outcome.iterations, outcome.start_cost, *bits(outcome.last), *bits(outcome.best)]


def entries(*parts: Run, every: int = 1) -> tuple[bytes, int, int]:
    """The history that is kept of a run and of those that went on from it, its total and its stride."""
    history = History(every)
    for number, part in enumerate(parts):
        if number:
            assert parts[number - 1].outcome.checkpoint is not None
            whole, history = history, History(every)
            history.resume(whole.rows(), parts[number - 1].outcome.checkpoint.tally.iteration)
        for point in part.points:
            history.add(point, 0.0)
    return history.rows().tobytes(), history.total, history.stride


def begin_of(problem: Problem) -> FloatArray:
    return 0.3 * random_start(problem.dimension, 8)


def assert_goes_on(problem: Problem, method: Method, limits: Limits, *cuts: int) -> None:
    """Cut after these iterations, a run and its history are the unbroken ones."""
    whole, parts = run(problem, method, limits, begin_of(problem)), list[Run]()
    begin: FloatArray | Checkpoint | None = begin_of(problem)
    for last in (*cuts, limits.max_iterations):
        parts.append(run(problem, method, limits._replace(max_iterations=last), begin))
        begin = parts[-1].outcome.checkpoint
        assert begin is not None
    assert answer(parts[-1].outcome) == answer(whole.outcome)
    assert entries(*parts, every=method.every) == entries(whole, every=method.every)


OPTIMIZERS_AND_OPTIONS = [*(kind() for kind in OPTIMIZERS.values()), Momentum(nesterov=True)]


COMPILED = ["moments", "huber with weights, held out", "logistic"]
CASES = [(name, False) for name in PROBLEMS] + [(name, True) for name in COMPILED]
CHOICES = list(product(SCHEDULES.values(), (None, 0.5), (True, False)))


@pytest.mark.parametrize(("name", "compiled"), CASES, ids=[f"{name}-{compiled}" for name, compiled in CASES])
@pytest.mark.parametrize("optimizer", OPTIMIZERS_AND_OPTIONS, ids=repr)
def test_ten_and_ten_are_twenty(kernel: Kernel, optimizer: Optimizer, name: str, compiled: bool) -> None:
    """For every optimizer and problem with all samplings, each with one schedule, and with or without the rest."""
    problem, place = PROBLEMS[name](), OPTIMIZERS_AND_OPTIONS.index(optimizer) + 5 * CASES.index((name, compiled))
    for number, batching in enumerate(BATCHES.values()):
        schedule, clip, averaging = CHOICES[(place + 5 * number) % len(CHOICES)]
        method = Method(optimizer, schedule, batching, 5, 1, clip, averaging, kernel if compiled else None)
        assert_goes_on(problem, method, Limits(20, full_batch=batching.size is None), 10)


CURVE = FormulaRows(
    X[:, :1],
    TARGETS["numbers"],
    formula_of(parse("p*exp(-q*x) + r"), ["x"], {"p": 1.0, "q": 0.5, "r": 0.1}),
    Squared(),
    None,
    1.0,
    slice(0, 61),
    1,
)
VALLEY = FunctionProblem(parse("(1 - x)**2 + 100*(y - x**2)**2"), ("x", "y"))

OTHERS: dict[str, tuple[Problem, Method]] = {
    "l1": (linear("numbers", Squared(), L1(0.3)), Method(Sgd(), Constant(0.1), Batching())),
    "l1, momentum, drawn": (linear("numbers", Squared(), L1(0.1)), Method(Momentum(), Constant(0.01), Batching(8))),
    "restarts": (linear("classes", LogLoss()), Method(Momentum(0.99, 0.0, True, True), Constant(0.8), Batching())),
    "formula": (formula_problem(CURVE, None, NO_PENALTY), Method(Adam(), Constant(0.01), Batching(9, "replacement"))),
    "function": (VALLEY, Method(Momentum(), Constant(1e-4), Batching())),
    "cosine": (linear("numbers", Squared()), Method(Sgd(), Cosine(0.1, 0.01, 500), Batching(3))),
    "exponential": (linear("numbers", Huber()), Method(Sgd(), Exponential(0.1, 0.9, 7), Batching(3, "subset", 4))),
}


@pytest.mark.parametrize(("problem", "method"), OTHERS.values(), ids=OTHERS)
@pytest.mark.parametrize(("every", "cuts"), [(1, (10,)), (3, (10,)), (3, (1, 2, 12, 13)), (50, (10, 11))])
def test_a_last_entry_leaves_no_trace(problem: Problem, method: Method, every: int, cuts: tuple[int, ...]) -> None:
    """Recorded because the run ended, and not at a multiple of every, it is none of the entries of the whole."""
    assert_goes_on(problem, method._replace(every=every), Limits(20, full_batch=method.batching.size is None), *cuts)


@pytest.mark.parametrize(("full", "tolerance", "patience"), [(True, 1e-3, None), (False, 0.02, None), (True, 0.0, 8)])
@pytest.mark.parametrize("cut", [4, 7, 8])
def test_stop_rules_go_on_counting(full: bool, tolerance: float, patience: int | None, cut: int) -> None:
    """Calm iterations, the costs of the last entries and the patience are those that an unbroken run would have."""
    problem = linear("numbers", Squared(), held_out=True)
    rule = None if patience is None else EarlyStopping(patience, 1.0)
    method = Method(Sgd(), Constant(0.3), Batching(None if full else 20))
    whole = run(problem, method, Limits(200, tolerance, 0.0, 0.0, full, rule), begin_of(problem))
    assert whole.outcome.reason == ("converged" if patience is None else "early_stopping")
    assert whole.outcome.iterations > cut
    assert_goes_on(problem, method, Limits(200, tolerance, 0.0, 0.0, full, rule), cut)


@pytest.mark.parametrize("reason", ["converged", "early_stopping"])
@pytest.mark.parametrize("full", [True, False])
def test_the_rule_that_ended_a_run_counts_anew(reason: str, full: bool) -> None:
    """Else one more iteration would end it again."""
    problem = linear("numbers", Squared(), held_out=True)
    rule = EarlyStopping(6, 1e9) if reason == "early_stopping" else None
    limits = Limits(500, 0.5 if rule is None else 0.0, 0.0, 0.0, full, rule)
    method = Method(Sgd(), Constant(0.1), Batching(None if full else 20))
    first = run(problem, method, limits)
    again = run(problem, method, limits, first.outcome.checkpoint)
    assert first.outcome.reason == again.outcome.reason == reason
    assert again.outcome.iterations - first.outcome.iterations == (6 if rule else 5)


def interrupted_after(count: int) -> Any:
    """An answer to `interrupted`: to be cancelled at the call with this number."""
    calls = iter([None] * count)
    return lambda: next(calls, "cancelled")


@pytest.mark.parametrize("compiled", [False, True], ids=["numpy", "compiled"])
@pytest.mark.parametrize("calls", [0, 1, 2])
def test_a_cancelled_run_goes_on_in_the_midst_of_a_pass(kernel: Kernel, calls: int, compiled: bool) -> None:
    """The steps after the last whole iteration, which its answer does not show, are not made again."""
    problem, batching = linear("numbers", Huber()), Batching(1, "replacement", 1_500_000 if compiled else 12_000)
    method = Method(Sgd(), InverseTime(1.0, 1e4), batching, averaging=True, kernel=kernel if compiled else None)
    limits, points = Limits(2, full_batch=False), list[Point]()
    stop = interrupted_after(calls)
    cut = train(problem, method, begin_of(problem), limits, observe=points.append, interrupted=stop)
    assert cut.reason == "cancelled"
    assert cut.checkpoint is not None
    if calls:
        assert cut.checkpoint.state.position
    whole, rest = run(problem, method, limits, begin_of(problem)), run(problem, method, limits, cut.checkpoint)
    assert answer(rest.outcome) == answer(whole.outcome)
    assert [bits(point) for point in [*points, *rest.points]] == [bits(point) for point in whole.points]


def test_a_diverged_run_has_no_checkpoint() -> None:
    problem = linear("numbers", Squared())
    outcome = run(problem, Method(Sgd(), Constant(1e3), Batching()), Limits(500)).outcome
    assert (outcome.reason, outcome.checkpoint) == ("diverged", None)


@pytest.mark.parametrize("every", [1, 3])
@pytest.mark.parametrize("cut", [9_999, 10_000, 10_001, 15_000, 29_998, 30_001, 45_005])
def test_histories_thin_out_as_one(every: int, cut: int) -> None:
    """Entries, total and stride of a long history do not depend on where it was cut."""
    last = 50_000 * every // 2 + 1

    def recorded(first: int, end: int) -> Iterator[Point]:
        for k in range(first, end + 1):
            if k % every == 0 or k == end:
                yield Point(k, np.zeros(1), 1.0 / (k + 1), None, None)

    whole, before, after = History(every), History(every), History(every)
    for point in recorded(0, last):
        whole.add(point, 0.0)
    for point in recorded(0, min(cut, last - 1)):
        before.add(point, 0.0)
    steady = min(cut, last - 1) // every * every
    after.resume(before.rows(), steady)
    for point in recorded(min(cut, last - 1) + 1, last):
        after.add(point, 0.0)
    assert (after.total, after.stride) == (whole.total, whole.stride)
    assert after.rows().tobytes() == whole.rows().tobytes()


def test_best_keeps_no_state() -> None:
    """Its optimizer state would be three more vectors of the parameters' length, which nobody reads."""
    point = Point(0, np.zeros(1), 1.0, None, None, state=start(np.zeros(1)))
    assert first_tally(point).best.state is None
    assert first_tally(point).latest.state is not None
