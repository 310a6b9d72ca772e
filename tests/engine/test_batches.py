"""Batches: which rows a pass reads, and what is refused."""

import tracemalloc

import numpy as np
import pytest

from engine.batches import Batching, rows_in_turn, steps_per_pass
from engine.errors import BatchError


def batches_of(batching: Batching, rows: int, iteration: int = 0, seed: int = 0) -> list[np.ndarray]:
    return list(rows_in_turn(batching, rows, seed, iteration))


def order(batching: Batching, rows: int, seed: int, iteration: int) -> list[int]:
    return np.concatenate(batches_of(batching, rows, iteration, seed)).tolist()


@pytest.mark.parametrize("sampling", ["shuffle", "sequential", "replacement", "subset"])
@pytest.mark.parametrize(("first", "at_once"), [(0, 7), (1, 1000), (255, 1), (256, 256), (299, 5), (600, 5)])
def test_a_pass_is_the_same_from_any_batch_on(sampling, first: int, at_once: int) -> None:
    """However many batches are taken at once, and wherever one begins; an empty rest has none."""
    whole = batches_of(Batching(3, sampling), 1799)
    assert len(whole) == 600
    rest = list(rows_in_turn(Batching(3, sampling), 1799, 0, 0, first, at_once))
    assert [rows.size for rows in rest[:-1]] == [3 * at_once] * (len(rest) - 1)
    assert [row for rows in rest for row in rows] == [row for batch in whole[first:] for row in batch]


@pytest.mark.parametrize("sampling", ["replacement", "subset"])
def test_ten_million_batches_are_drawn_while_they_are_used(sampling) -> None:
    """The first thousand are there before the last, in less than a megabyte, and so are those in the midst."""
    for first in (0, 7_654_321):
        tracemalloc.start()
        pass_of_many = rows_in_turn(Batching(1, sampling, 10_000_000), 100, 0, 0, first, at_once=1000)
        assert next(pass_of_many).size == 1000
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 1_000_000


@pytest.mark.parametrize("size", [1, 3, 70_000])
def test_draws_go_on_from_window_to_window(size: int) -> None:
    """Wherever one begins, and whether a window is many batches or one batch is a window of its own."""
    batching = Batching(size, "replacement", 200_000 // size)
    whole = np.concatenate(list(rows_in_turn(batching, 1000, 3, 2, at_once=50_000)))
    assert whole.size == batching.steps * size
    for first in (1, batching.steps // 2, batching.steps - 1):
        rest = list(rows_in_turn(batching, 1000, 3, 2, first, at_once=7_000))
        assert np.array_equal(np.concatenate(rest), whole[first * size :])
    assert not np.array_equal(whole[:60_000], whole[max(1, 65_536 // size) * size :][:60_000])


@pytest.mark.parametrize("sampling", ["shuffle", "sequential"])
@pytest.mark.parametrize(("rows", "size"), [(10, 3), (10, 5), (7, 1), (4, 9)])
def test_a_pass_is_a_partition(sampling, rows: int, size: int) -> None:
    """Every row is in exactly one batch, and only the last batch may be short."""
    batches = batches_of(Batching(size, sampling), rows)
    assert sorted(np.concatenate(batches).tolist()) == list(range(rows))
    assert [len(batch) for batch in batches[:-1]] == [size] * (len(batches) - 1)


def test_shuffle_permutes_anew_each_pass() -> None:
    """Two passes have different orders; the same pass of the same seed always has the same one."""
    first, second = (order(Batching(3), 100, 5, iteration) for iteration in (0, 1))
    assert first != second
    assert first == order(Batching(3), 100, 5, 0)
    assert first != order(Batching(3), 100, 6, 0)


def test_subset_has_no_repeats_within_a_batch_but_between_them() -> None:
    """Each batch is drawn without repeats, and the batches know nothing of each other."""
    batches = batches_of(Batching(8, "subset", steps=50), 10)
    assert len(batches) == 50
    assert all(len(set(batch.tolist())) == 8 for batch in batches)
    assert len({tuple(sorted(batch.tolist())) for batch in batches}) > 20


def test_replacement_draws_each_row_independently() -> None:
    """Rows repeat within a batch as often as chance says: 1/m of all pairs are equal, every row is as likely."""
    pairs = np.array(batches_of(Batching(2, "replacement", steps=20_000), 10))
    assert np.mean(pairs[:, 0] == pairs[:, 1]) == pytest.approx(0.1, abs=0.01)
    assert np.bincount(pairs.ravel(), minlength=10) / pairs.size == pytest.approx(np.full(10, 0.1), abs=0.01)


@pytest.mark.parametrize(
    ("batching", "expected"),
    [(Batching(), 1), (Batching(30), 4), (Batching(30, "subset"), 4), (Batching(30, "replacement", 9), 9)],
)
def test_steps_of_a_pass(batching: Batching, expected: int) -> None:
    """A full batch is one step; otherwise ceil(m / size) unless a number is given."""
    assert steps_per_pass(batching, 100) == expected


@pytest.mark.parametrize(
    "batching", [Batching(101, "subset"), Batching(30, "shuffle", 3), Batching(30, "sequential", 5)]
)
def test_impossible_batches_are_refused(batching: Batching) -> None:
    """A subset larger than the data, and another number of steps than a whole pass has, are refused in words."""
    with pytest.raises(BatchError, match="rows"):
        steps_per_pass(batching, 100)
