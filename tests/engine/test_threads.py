"""Blocks of rows shared by threads: in order, and to the same bits."""

import tracemalloc
import warnings
from threading import current_thread, main_thread
from typing import Any
from weakref import finalize

import numpy as np
import pytest

from engine.losses import CrossEntropy, LogLoss, Loss, Poisson
from engine.moments import gather_moments
from engine.network import Network, initial_theta
from engine.network_problem import NetworkProblem
from engine.network_rows import architecture_of, network_rows
from engine.rows import rows_cost
from engine.threads import BLOCKS_A_RUN, in_order

RANDOM = np.random.default_rng(2)
ROWS = 250_000
X, WEIGHTS = RANDOM.normal(size=(ROWS, 9)), RANDOM.random(ROWS)
Y = RANDOM.integers(0, 2, ROWS).astype(float)


@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["", "weights"])
@pytest.mark.parametrize("loss", [LogLoss(), Poisson(), CrossEntropy(2)], ids=repr)
def test_the_number_of_threads_changes_no_bit(loss: Loss, weights: Any) -> None:
    rows = rows_cost(X, Y, weights, intercept=True, loss=loss)
    theta = RANDOM.normal(size=rows.dimension)
    cost, gradient = rows.cost_and_gradient(theta)
    for threads in (2, 3):
        shared = rows._replace(threads=threads)
        assert (shared.cost_and_gradient(theta)[0], shared.cost(theta)) == (cost, rows.cost(theta))
        assert shared.cost_and_gradient(theta)[1].tobytes() == gradient.tobytes()


@pytest.mark.parametrize("centred", [True, False])
@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["", "weights"])
def test_the_number_of_threads_changes_no_bit_of_the_moments(weights: Any, centred: bool) -> None:
    one, *others = (gather_moments(X + 3.0, Y, weights, centred=centred, threads=threads) for threads in (1, 2, 3))
    for other in others:
        assert [np.asarray(part).tobytes() for part in other] == [np.asarray(part).tobytes() for part in one]


@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["", "weights"])
@pytest.mark.parametrize("away", [0.0, 1e-3, 0.49, 0.51, 1e6])
def test_moments_keep_their_digits_wherever_the_columns_lie(away: float, weights: Any) -> None:
    """Those about the means are the ones of columns that were moved to zero."""
    counts = np.ones(ROWS) if weights is None else weights
    inputs = X - np.average(X, axis=0, weights=counts)
    targets = Y - np.average(Y, weights=counts)
    joined = np.column_stack([inputs, targets])
    expected = (joined * counts[:, np.newaxis]).T.dot(joined) / counts.sum()
    found = gather_moments(inputs + away, targets - away, weights, centred=True).centred
    np.testing.assert_allclose(found, expected, rtol=0.0, atol=2e-15 * max(10.0, away))


def test_nor_of_the_cost_of_a_network() -> None:
    """Cost and accuracy of more blocks than one thread takes."""
    rows = rows_cost(X[:40_000], Y[:40_000], WEIGHTS[:40_000], intercept=True, loss=CrossEntropy(2))
    data = network_rows(rows, architecture_of(rows, Network((8,), dtype="float32")))
    theta = initial_theta(data.architecture, 0)
    for threads in (2, 3):
        one, shared = NetworkProblem(data), NetworkProblem(data._replace(threads=threads))
        assert shared.cost(theta) == one.cost(theta)
        assert shared.report(theta, None) == one.report(theta, None)


@pytest.mark.parametrize("threads", [1, 2, 3, 50])
@pytest.mark.parametrize("count", [0, 1, BLOCKS_A_RUN, 101])
def test_answers_come_in_the_order_of_the_items(count: int, threads: int) -> None:
    assert list(in_order(lambda item: -item, range(count), threads)) == [-item for item in range(count)]


@pytest.mark.parametrize(("count", "threads"), [(100, 1), (BLOCKS_A_RUN, 4)])
def test_little_work_starts_no_thread(count: int, threads: int) -> None:
    assert set(in_order(lambda _: current_thread(), range(count), threads)) == {main_thread()}


def test_what_a_thread_raises_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        list(in_order(lambda item: 1 // (item - 90), range(100), 2))


def test_threads_know_which_warnings_are_off() -> None:
    """A run that diverges says so by its costs, not by warnings of NumPy."""
    with warnings.catch_warnings(), np.errstate(over="ignore"):
        warnings.simplefilter("error")
        assert list(in_order(lambda _: np.float64(1e200) * np.float64(1e200), range(100), 2)) == [np.inf] * 100


class Counted:
    """An answer that is counted as long as anything keeps it."""

    def __init__(self, living: list[int]) -> None:
        living.append(len(living))
        finalize(self, living.pop)


@pytest.mark.parametrize("threads", [2, 5])
@pytest.mark.parametrize("run", [1, BLOCKS_A_RUN])
def test_few_answers_are_kept_however_many_there_are(run: int, threads: int) -> None:
    """A run for each thread, one more, and the one that was taken last."""
    living: list[int] = []
    most = 0
    for _answer in in_order(lambda _: Counted(living), range(2000), threads, run):
        most = max(most, len(living))
    assert 0 < most <= (threads + 1) * run + 1


def test_a_pass_of_many_parameters_keeps_few_gradients() -> None:
    """Threads take as many numbers for all blocks of a pass as for some; of all it would be 68 MB here."""
    X = np.ones((64 * 256, 64))
    rows = rows_cost(X, np.arange(len(X)) % 1000.0, intercept=False, loss=CrossEntropy(1000))._replace(threads=2)
    tracemalloc.start()
    rows.cost_and_gradient(np.zeros(rows.dimension))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 25_000_000
