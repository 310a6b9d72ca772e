"""The split into training and held-out rows."""

import numpy as np
import pytest

from engine.arrays import Rows, count
from engine.errors import DataError, SplitError
from engine.split import complete_rows, split_by_value, split_rows
from engine.table import CategoryColumn, NumberColumn


def numbers(rows: Rows) -> list[int]:
    """The row numbers, whether they stand there or are a slice."""
    return np.arange(100)[rows].tolist()


@pytest.mark.parametrize(("rows", "fraction", "held_out"), [(10, 0.2, 2), (5, 0.5, 3), (10, 0.25, 3), (3, 0.17, 1)])
@pytest.mark.parametrize("method", ["random", "last"])
def test_sizes(method, rows: int, fraction: float, held_out: int) -> None:
    """floor(fraction * rows + 1/2) rows are held out, and together both sides are all rows."""
    split = split_rows(rows, fraction, method, seed=1)
    assert split.validation is not None
    assert count(split.validation) == held_out
    assert sorted(numbers(split.train) + numbers(split.validation)) == list(range(rows))


def test_last_holds_out_the_last_rows() -> None:
    """`last` keeps the order of the file."""
    split = split_rows(10, 0.3, "last", seed=1)
    assert split.validation is not None
    assert (numbers(split.train), numbers(split.validation)) == (list(range(7)), [7, 8, 9])


def test_random_is_a_function_of_the_seed() -> None:
    """The same seed holds out the same rows, another seed others."""
    first, again, other = (split_rows(100, 0.2, "random", seed).validation for seed in (3, 3, 4))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_no_fraction_trains_on_all_rows() -> None:
    """Without a fraction nothing is held out."""
    split = split_rows(4, None, "random", seed=0)
    assert (numbers(split.train), split.validation) == ([0, 1, 2, 3], None)


@pytest.mark.parametrize(("rows", "fraction"), [(1, 0.5), (10, 0.01), (10, 0.99)])
def test_an_empty_side_is_refused(rows: int, fraction: float) -> None:
    """Both sides need a row."""
    with pytest.raises(SplitError, match="at least 1"):
        split_rows(rows, fraction, "random", seed=0)


NAN = float("nan")
FOLD = CategoryColumn(np.array([0, 1, -1, 1, 0], dtype=np.int32), ("test", "train"))
YEAR = NumberColumn(np.array([2020.0, 2021.0, NAN, 2021.0, 2020.0]))


@pytest.mark.parametrize(("column", "value"), [(FOLD, "train"), (YEAR, 2021)], ids=["text", "number"])
def test_a_value_holds_out_its_rows(column, value) -> None:
    """Of the used rows those with the value are held out; a missing cell is trained on."""
    split = split_by_value(column, "fold", value, np.array([0, 1, 2, 3]))
    assert split.validation is not None
    assert (numbers(split.train), numbers(split.validation)) == ([0, 2], [1, 3])


@pytest.mark.parametrize(
    ("column", "value", "used"),
    [(FOLD, "other", [0, 1]), (FOLD, 1, [0, 1]), (YEAR, "2021", [0, 1]), (YEAR, 2021, [1, 3])],
    ids=["unknown", "number-in-text", "text-in-numbers", "everywhere"],
)
def test_a_value_that_leaves_a_side_empty_is_refused(column, value, used) -> None:
    """The text says where the value stands."""
    with pytest.raises(SplitError, match="rows: none is left to"):
        split_by_value(column, "fold", value, np.array(used))


def test_complete_rows() -> None:
    """Rows with a missing cell in one of the named columns go, and only those."""
    table = {"a": NumberColumn(np.array([1.0, NAN, 3.0, 4.0, 5.0])), "fold": FOLD, "year": YEAR}
    assert numbers(complete_rows(table, [], 5)) == [0, 1, 2, 3, 4]
    assert numbers(complete_rows(table, ["year"], 5)) == [0, 1, 3, 4]
    assert numbers(complete_rows(table, ["a", "fold", "a"], 5)) == [0, 3, 4]


def test_no_complete_row_is_refused() -> None:
    """There is nothing to fit then."""
    with pytest.raises(DataError, match="No row is left"):
        complete_rows({"a": NumberColumn(np.full(3, NAN))}, ["a"], 3)
