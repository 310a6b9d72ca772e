"""Cells in pieces are read like one array."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.pieces import pieces

SIZES = st.lists(st.integers(0, 5), min_size=1, max_size=8).filter(any)


@given(SIZES, st.data())
def test_any_rows_are_those_of_one_array(sizes: list[int], data: st.DataObject) -> None:
    """Slices and row numbers, in any order, with repeats; pieces may be empty."""
    whole = np.arange(sum(sizes), dtype=np.float64)
    found = pieces(np.split(whole, np.cumsum(sizes)[:-1]))
    start, stop = sorted(data.draw(st.tuples(st.integers(0, whole.size), st.integers(0, whole.size))))
    numbers = np.array(data.draw(st.lists(st.integers(0, whole.size - 1))), dtype=np.int64)
    assert found.size == whole.size
    for rows in (slice(None), slice(start, stop), numbers):
        np.testing.assert_array_equal(found[rows], whole[rows])


def test_rows_of_one_piece_are_not_copied() -> None:
    arrays = [np.zeros(3), np.ones(4)]
    assert np.shares_memory(pieces(arrays)[slice(4, 6)], arrays[1])


@pytest.mark.parametrize("rows", [slice(2, 2), np.array([], dtype=np.int64)], ids=["slice", "numbers"])
def test_no_rows_have_no_cells(rows: slice) -> None:
    assert pieces([np.zeros(3)])[rows].size == 0
