"""The split into training and held-out rows."""

import numpy as np
import pytest

from engine.errors import SplitError
from engine.split import split_rows


@pytest.mark.parametrize(("rows", "fraction", "held_out"), [(10, 0.2, 2), (5, 0.5, 3), (10, 0.25, 3), (3, 0.17, 1)])
@pytest.mark.parametrize("method", ["random", "last"])
def test_sizes(method, rows: int, fraction: float, held_out: int) -> None:
    """floor(fraction * rows + 1/2) rows are held out, and together both sides are all rows."""
    split = split_rows(rows, fraction, method, seed=1)
    assert split.validation is not None
    assert split.validation.size == held_out
    assert sorted([*split.train.tolist(), *split.validation.tolist()]) == list(range(rows))


def test_last_holds_out_the_last_rows() -> None:
    """`last` keeps the order of the file."""
    split = split_rows(10, 0.3, "last", seed=1)
    assert split.validation is not None
    assert (split.train.tolist(), split.validation.tolist()) == (list(range(7)), [7, 8, 9])


def test_random_is_a_function_of_the_seed() -> None:
    """The same seed holds out the same rows, another seed others."""
    first, again, other = (split_rows(100, 0.2, "random", seed).validation for seed in (3, 3, 4))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_no_fraction_trains_on_all_rows() -> None:
    """Without a fraction nothing is held out."""
    split = split_rows(4, None, "random", seed=0)
    assert (split.train.tolist(), split.validation) == ([0, 1, 2, 3], None)


@pytest.mark.parametrize(("rows", "fraction"), [(1, 0.5), (10, 0.01), (10, 0.99)])
def test_an_empty_side_is_refused(rows: int, fraction: float) -> None:
    """Both sides need a row."""
    with pytest.raises(SplitError, match="at least 1"):
        split_rows(rows, fraction, "random", seed=0)
