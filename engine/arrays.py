"""The array types of the engine, and how rows are walked in blocks that stay in the cache."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
Rows = slice | IntArray

BLOCK_NUMBERS = 1 << 16
"""Numbers in one block: 512 KiB of float64, about half of a usual L2 cache."""


def blocks(rows: int, width: int) -> Iterator[slice]:
    """Consecutive slices that cover `rows` rows of `width` numbers each, at least 64 rows at a time."""
    size = max(64, BLOCK_NUMBERS // max(1, width))
    return (slice(start, min(start + size, rows)) for start in range(0, rows, size))


def as_slice(rows: Rows) -> Rows:
    """The same rows as a slice where they are consecutive, because slicing reads without a gather."""
    if isinstance(rows, slice) or rows.size == 0:
        return rows
    first, last = int(rows[0]), int(rows[-1])
    consecutive = last - first == rows.size - 1 and bool(np.all(rows[1:] - rows[:-1] == 1))
    return slice(first, last + 1) if consecutive else rows


def part(rows: Rows, block: slice) -> Rows:
    """The rows of one block out of `rows`; a slice must have a start and a step of one."""
    if isinstance(rows, slice):
        return slice(rows.start + block.start, rows.start + block.stop)
    return rows[block]
