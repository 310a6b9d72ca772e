"""The history that is kept is a function of the iteration alone."""

import numpy as np
import pytest

from engine.descent import Point
from engine.history import COLUMNS, LIMIT, MOST_NUMBERS, History, most_bytes


def filled(last: int, every: int = 1) -> History:
    history = History(every)
    for iteration in [*range(0, last, every), last]:
        history.add(Point(iteration, np.zeros(1), iteration / 2, 0.1 if iteration else None, 3.0), iteration / 4)
    return history


@pytest.mark.parametrize(
    ("last", "every", "stride", "total"),
    [
        (0, 1, 1, 1),
        (9999, 1, 1, 10000),
        (10000, 1, 2, 10001),
        (19998, 1, 2, 19999),
        (19999, 1, 4, 20000),
        (40001, 1, 8, 40002),
        (29998, 3, 6, 10001),
        (50, 7, 7, 9),
    ],
)
def test_stride_total_and_rows(last: int, every: int, stride: int, total: int) -> None:
    """Kept are the multiples of a stride, every times a power of two, and the last; never more than the limit."""
    history = filled(last, every)
    iterations = history.rows()[:, 0].tolist()
    assert (history.stride, history.total) == (stride, total)
    assert iterations == sorted({*range(0, last + 1, stride), last})
    assert len(iterations) <= LIMIT
    assert history.rows().nbytes <= most_bytes(last, every)


@pytest.mark.parametrize(
    ("last", "every", "entries"), [(0, 1, 1), (50, 7, 9), (49, 7, 8), (9999, 1, LIMIT), (10**9, 1, LIMIT)]
)
def test_most_bytes_of_a_run_that_is_as_long_as_it_may_be(last: int, every: int, entries: int) -> None:
    """With parameters each entry is wider, and where they are many there are fewer of them."""
    assert most_bytes(last, every) == 8 * len(COLUMNS) * entries
    assert most_bytes(last, every, 991) == 8 * 1000 * min(entries, MOST_NUMBERS // 1000)


def test_columns() -> None:
    """A row is as COLUMNS says; None and inf become NaN."""
    history = filled(1)
    history.add(Point(2, np.zeros(1), 1.0, 0.1, float("inf"), 7.0, 0.25, 0.5, 0.75), 9.0)
    unknown = [np.nan] * 3
    expected = [
        [0, 0, np.nan, np.nan, 3, 0, *unknown],
        [1, 0.5, np.nan, 0.1, 3, 0.25, *unknown],
        [2, 1, 7, 0.1, np.nan, 9, 0.25, 0.5, 0.75],
    ]
    np.testing.assert_array_equal(history.rows(), expected)


def test_parameters_stand_behind_the_columns() -> None:
    """Of a wide history fewer entries are kept, so that it has at most two million numbers."""
    history = History(1, parameters=2)
    history.add(Point(0, np.zeros(2), 1.0, None, 3.0), 0.0, [1.5, -2.5])
    assert history.rows()[0, len(COLUMNS) :].tolist() == [1.5, -2.5]
    wide = History(1, parameters=1000)
    for iteration in range(2000):
        wide.add(Point(iteration, np.zeros(1), 1.0, None, 3.0), 0.0, [float(iteration)] * 1000)
    assert (wide.stride, wide.total, wide.rows().size <= MOST_NUMBERS) == (2, 2000, True)
    assert (wide.rows()[:, 0] == wide.rows()[:, -1]).all()
