"""How one column of the matrix is read from a feature: its number, or one for a level and zero else."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from engine.arrays import FloatArray, Rows
from engine.errors import DataError
from engine.table import CategoryColumn, Table


class Encoding(NamedTuple):
    """The coefficient's name, the feature it reads, and the level that counts as one (None for numbers)."""

    name: str
    feature: str
    level: str | None


def one_hot(feature: str, levels: tuple[str, ...], *, drop_first: bool) -> Iterator[Encoding]:
    """One column a level, named feature=level; without the first, the others are differences from it."""
    return (Encoding(f"{feature}={level}", feature, level) for level in levels[1 if drop_first else 0 :])


def numbers_of(encoding: Encoding, table: Table, rows: Rows) -> FloatArray:
    """The column (n,) float64, before scaling. Raises DataError where a category's cell is missing."""
    column = table[encoding.feature]
    if not isinstance(column, CategoryColumn):
        return column.values[rows]
    codes = column.codes[rows]
    if codes.size and codes.min() < 0:
        raise DataError(f"Column {encoding.feature!r} has a cell that is missing.")
    code = column.levels.index(encoding.level) if encoding.level in column.levels else -1
    return np.equal(codes, code).astype(np.float64)
