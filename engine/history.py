"""The cost history that is kept: at most 10,000 entries, chosen by their iteration alone.

Stored are the multiples of `stride`, which is `every` times a power of two, plus the last entry. The stride
doubles as soon as the multiples up to the newest iteration, counted with that iteration itself, could pass
the limit. Where the parameters are kept too, each is a column behind the others, and where that makes more than two
million numbers the limit is lower.
"""

import struct
from collections.abc import Sequence
from math import nan
from typing import Final

import numpy as np

from engine.arrays import FloatArray
from engine.descent import Point

LIMIT: Final = 10_000
MOST_NUMBERS: Final = 2_000_000
"""16 MB."""
COLUMNS: Final = (
    "iteration",
    "cost",
    "validation_cost",
    "learning_rate",
    "gradient_norm",
    "seconds",
    "optimality_gap",
    "accuracy",
    "validation_accuracy",
)


class History:
    """A buffer of packed little-endian float64 rows: COLUMNS, then the parameters; what is not known is NaN."""

    def __init__(self, every: int = 1, parameters: int = 0) -> None:
        """Keep entries from iterations that are multiples of `every`, and the last, with so many parameters each."""
        self.stride = every
        self.total = 0
        self._kept = 0
        self._latest = -1
        self._row = struct.Struct(f"<{len(COLUMNS) + parameters}d")
        self._width = len(COLUMNS) + parameters
        self._limit = _limit(self._width)
        # One row more than the limit: the newest entry stands behind the kept ones even if it is not kept.
        self._buffer = bytearray(self._row.size * (self._limit + 1))

    def add(self, point: Point, seconds: float, parameters: Sequence[float] = ()) -> None:
        """Append the entry of a recorded point, after `seconds` of computing; iterations must rise."""
        iteration, _, cost, rate, norm, held_out, gap, *accuracies, _ = point
        while iteration > (self._limit - 1) * self.stride:
            self._thin()
        self._row.pack_into(
            self._buffer,
            self._kept * self._row.size,
            iteration,
            cost,
            *(nan if value is None else value for value in (held_out, rate, norm, seconds, gap, *accuracies)),
            *parameters,
        )
        self.total += 1
        self._latest = iteration
        self._kept += iteration % self.stride == 0

    def resume(self, rows: FloatArray, iteration: int) -> None:
        """Begin with the entries (n, columns) of a run that goes on after the multiple `iteration` of `every`.

        What one unbroken run would not have kept goes: an entry that was kept as the last one only.
        """
        self.total, self.stride = iteration // self.stride + 1, _stride(self.stride, iteration, rows, self._limit)
        kept = rows[(rows[:, 0] <= iteration) & (rows[:, 0] % self.stride == 0)].astype("<f8")
        self._kept, self._latest = len(kept), int(kept[-1, 0])
        self._buffer[: kept.nbytes] = kept.tobytes()

    def rows(self) -> FloatArray:
        """A copy of the entries (n, columns), oldest first, n <= LIMIT; numbers that are not finite become NaN."""
        count = self._kept + (self._latest >= 0 and self._latest % self.stride != 0)
        entries = self._entries(count).astype(np.float64)
        entries[~np.isfinite(entries)] = nan
        return entries

    def _entries(self, count: int) -> FloatArray:
        return np.frombuffer(self._buffer, dtype="<f8", count=self._width * count).reshape(count, self._width)

    def _thin(self) -> None:
        self.stride *= 2
        entries = self._entries(self._kept)
        survivors = entries[entries[:, 0] % self.stride == 0]
        self._kept = len(survivors)
        self._buffer[: survivors.nbytes] = survivors.tobytes()


def most_bytes(iterations: int, every: int = 1, parameters: int = 0) -> int:
    """What the entries of a run take at most that is as long as it may be, packed."""
    width = len(COLUMNS) + parameters
    entries = 1 + -(-iterations // every)  # that of the start, and the last one beside the multiples
    return 8 * width * min(entries, _limit(width))


def _limit(width: int) -> int:
    return min(LIMIT, MOST_NUMBERS // width)


def _stride(every: int, iteration: int, rows: FloatArray, limit: int) -> int:
    """The stride after this iteration, and at least that of the rows: a last entry may have doubled it before."""
    stride = max(every, int(rows[1, 0])) if len(rows) > 1 and rows[1, 0] <= iteration else every
    while iteration > (limit - 1) * stride:
        stride *= 2
    return stride
