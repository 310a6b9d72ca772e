"""Columns as the engine reads them: numbers or categories, one array each, all of the same length."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray
from engine.errors import DataError


class NumberColumn(NamedTuple):
    """Numbers (m,) float64; NaN stands for a missing cell."""

    values: FloatArray


class CategoryColumn(NamedTuple):
    """Codes (m,) int32 that point into `levels`; -1 stands for a missing cell."""

    codes: NDArray[np.int32]
    levels: tuple[str, ...]


Column = NumberColumn | CategoryColumn
Table = Mapping[str, Column]


def numbers_in(table: Table, name: str) -> FloatArray:
    """The values (m,) of a column of numbers. Raises DataError for a column of text."""
    column = table[name]
    if not isinstance(column, NumberColumn):
        raise DataError(f"Column {name!r} holds text where numbers are needed.")
    return column.values
