"""Columns as the engine reads them: numbers or categories, one array each, all of the same length."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray


class NumberColumn(NamedTuple):
    """Numbers (m,) float64; NaN stands for a missing cell."""

    values: FloatArray


class CategoryColumn(NamedTuple):
    """Codes (m,) int32 that point into `levels`; -1 stands for a missing cell."""

    codes: NDArray[np.int32]
    levels: tuple[str, ...]


Column = NumberColumn | CategoryColumn
Table = Mapping[str, Column]
