"""Which rows are trained on and which are held out."""

from math import floor
from typing import Literal, NamedTuple

import numpy as np

from engine.arrays import IntArray
from engine.errors import SplitError
from engine.randomness import SPLIT, generator


class Split(NamedTuple):
    """Row numbers in rising order: (n_train,) and (n_validation,), or no validation rows at all."""

    train: IntArray
    validation: IntArray | None


def split_rows(rows: int, fraction: float | None, method: Literal["random", "last"], seed: int) -> Split:
    """Hold out floor(fraction * rows + 1/2) of `rows` rows: drawn without repeats, or the last ones.

    Raises SplitError where one of the two sides would have no row.
    """
    if fraction is None:
        return Split(np.arange(rows), None)
    held_out = _held_out(rows, fraction)
    if method == "last":
        return Split(np.arange(rows - held_out), np.arange(rows - held_out, rows))
    order = generator(seed, SPLIT).permutation(rows)
    return Split(np.sort(order[held_out:]), np.sort(order[:held_out]))


def held_out_rows(rows: int, fraction: float) -> int:
    """How many of `rows` rows a validation fraction is: rounded, halves up."""
    return floor(fraction * rows + 0.5)


def _held_out(rows: int, fraction: float) -> int:
    count = held_out_rows(rows, fraction)
    if not 1 <= count <= rows - 1:
        raise SplitError(
            f"A validation fraction of {fraction:g} of {rows} rows leaves {rows - count} rows to train on "
            f"and {count} to validate on: both must be at least 1. Choose another fraction or add rows."
        )
    return count
