"""Which rows are trained on and which are held out."""

from collections.abc import Iterable
from math import floor
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Rows, as_slice, blocks, count, part
from engine.errors import DataError, SplitError
from engine.randomness import SPLIT, generator
from engine.table import CategoryColumn, Column, Table, known_cells


class Split(NamedTuple):
    """Rows in rising order, as a slice where they are consecutive; or no validation rows at all."""

    train: Rows
    validation: Rows | None


def split_rows(rows: int, fraction: float | None, method: Literal["random", "last"], seed: int) -> Split:
    """Hold out floor(fraction * rows + 1/2) of `rows` rows: drawn without repeats, or the last ones.

    Raises SplitError where one of the two sides would have no row.
    """
    if fraction is None:
        return Split(slice(0, rows), None)
    held_out = _held_out(rows, fraction)
    if method == "last":
        return Split(slice(0, rows - held_out), slice(rows - held_out, rows))
    order = generator(seed, SPLIT).permutation(rows)
    return Split(np.sort(order[held_out:]), np.sort(order[:held_out]))


def split_by_value(column: Column, name: str, value: str | float, used: Rows) -> Split:
    """Hold out those of the used rows whose cell is `value`; a missing cell is no value.

    Raises SplitError where one of the two sides would have no row.
    """
    held_out = _equal(column, value, used)
    if held_out.all() or not held_out.any():
        side = "train on" if held_out.all() else "validate on"
        raise SplitError(
            f"Column {name!r} is {value!r} in {held_out.sum()} of {count(used)} rows: none is left to {side}."
        )
    return Split(as_slice(part(used, np.flatnonzero(~held_out))), as_slice(part(used, np.flatnonzero(held_out))))


def complete_rows(table: Table, names: Iterable[str], rows: int) -> Rows:
    """Those of `rows` rows, in rising order, in which no cell of the named columns is missing.

    Raises DataError where there is none.
    """
    complete = np.ones(rows, dtype=bool)
    for name in dict.fromkeys(names):
        column = table[name]
        for block in blocks(rows, 1):
            complete[block] &= known_cells(column, block)
    if not complete.any():
        raise DataError(f"No row is left: each of the {rows} rows has a missing cell in a column that needs all cells.")
    return slice(0, rows) if complete.all() else as_slice(np.flatnonzero(complete))


def held_out_rows(rows: int, fraction: float) -> int:
    """How many of `rows` rows a validation fraction is: rounded, halves up."""
    return floor(fraction * rows + 0.5)


def _held_out(rows: int, fraction: float) -> int:
    held_out = held_out_rows(rows, fraction)
    if not 1 <= held_out <= rows - 1:
        raise SplitError(
            f"A validation fraction of {fraction:g} of {rows} rows leaves {rows - held_out} rows to train on "
            f"and {held_out} to validate on: both must be at least 1. Choose another fraction or add rows."
        )
    return held_out


def _equal(column: Column, value: str | float, rows: Rows) -> NDArray[np.bool_]:
    """Which cells of the rows are the value; no number is equal to a text."""
    if not isinstance(column, CategoryColumn):
        return np.asarray(column.values[rows] == value) if not isinstance(value, str) else np.zeros(count(rows), bool)
    code = column.levels.index(value) if isinstance(value, str) and value in column.levels else len(column.levels)
    return np.asarray(column.codes[rows] == code)
