"""Columns as the engine reads them: numbers or categories, all of the same length.

The cells of a column are one array, or pieces that are read where rows of them are asked for: cells[rows].
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray, Rows, blocks, count, part
from engine.errors import DataError
from engine.pieces import Pieces


class NumberColumn(NamedTuple):
    """Numbers (m,) float64; NaN stands for a missing cell."""

    values: FloatArray | Pieces[np.float64]


class CategoryColumn(NamedTuple):
    """Codes (m,) int32 that point into `levels`; -1 stands for a missing cell."""

    codes: NDArray[np.int32] | Pieces[np.int32]
    levels: tuple[str, ...]


Column = NumberColumn | CategoryColumn
Table = Mapping[str, Column]


def numbers_in(table: Table, name: str, rows: Rows) -> FloatArray:
    """The values (n,) in the rows of a column of numbers. Raises DataError for a column of text."""
    column = table[name]
    if not isinstance(column, NumberColumn):
        raise DataError(f"Column {name!r} holds text where numbers are needed.")
    return column.values[rows]


def bounded(rows: Rows, table: Table) -> Rows:
    """The same rows with a start and an end."""
    if not isinstance(rows, slice):
        return rows
    start, stop, _ = rows.indices(next((column[0].size for column in table.values()), 0))
    return slice(start, stop)


def known_cells(column: Column, rows: Rows) -> NDArray[np.bool_]:
    """Which cells (n,) of the rows are not missing."""
    cells = column.codes[rows] >= 0 if isinstance(column, CategoryColumn) else ~np.isnan(column.values[rows])
    return np.asarray(cells)


def code_counts(column: CategoryColumn, rows: Rows, weights: FloatArray | None = None) -> FloatArray:
    """How many of the rows, or how much of their weight, has each code: (1 + levels,), missing cells first."""
    counts = np.zeros(len(column.levels) + 1)
    for block in blocks(count(rows), 1):
        some = None if weights is None else weights[block]
        counts += np.bincount(column.codes[part(rows, block)] + 1, some, counts.size)
    return counts
