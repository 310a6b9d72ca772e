"""The array types of the engine, and how rows are walked in blocks that stay in the cache."""

from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
Rows = slice | IntArray

BLOCK_NUMBERS = 1 << 16
"""Numbers in one block: 512 KiB of float64, about half of a usual L2 cache."""


class Matrix(Protocol):
    """Rows (n, d) of float64 that can be asked for: an array, or what makes them."""

    @property
    def shape(self) -> tuple[int, ...]:
        """(n, d)."""
        ...

    def __getitem__(self, rows: Rows, /) -> FloatArray:
        """Some rows; a slice has a step of one."""
        ...


def blocks(rows: int, width: int, numbers: int = BLOCK_NUMBERS) -> Iterator[slice]:
    """Consecutive slices that cover `rows` rows of `width` numbers each: about so many numbers, at least 64 rows."""
    size = max(64, numbers // max(1, width))
    return (slice(start, min(start + size, rows)) for start in range(0, rows, size))


def all_finite(values: NDArray[Any]) -> bool:
    """Whether all numbers are finite; where their sum is, which costs a fraction of looking at each, they are."""
    with np.errstate(over="ignore", invalid="ignore"):
        return bool(np.isfinite(values.sum())) or bool(np.isfinite(values).all())


def as_slice(rows: Rows) -> Rows:
    """The same rows as a slice where they are consecutive, because slicing reads without a gather."""
    if isinstance(rows, slice) or rows.size == 0:
        return rows
    first, last = int(rows[0]), int(rows[-1])
    consecutive = last - first == rows.size - 1 and bool(np.all(rows[1:] - rows[:-1] == 1))
    return slice(first, last + 1) if consecutive else rows


def count(rows: Rows) -> int:
    """How many rows they are; a slice must have a start and an end, and a step of one."""
    return int(rows.stop - rows.start) if isinstance(rows, slice) else rows.size


def row_at(rows: Rows, place: int) -> int:
    """The number, from 0, of the row at this place of `rows`; a slice must have a start, and a step of one."""
    return int(rows.start) + place if isinstance(rows, slice) else int(rows[place])


def part(rows: Rows, some: Rows) -> Rows:
    """Those of `rows` that stand at the places `some`; a slice must have a start and an end, and a step of one."""
    if not isinstance(rows, slice):
        return rows[some]
    first = int(rows.start)
    if not isinstance(some, slice):
        return some + first
    start, stop, _ = some.indices(count(rows))
    return slice(first + start, first + stop)
