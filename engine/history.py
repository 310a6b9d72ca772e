"""The cost history that is kept: at most 10,000 entries, chosen by their iteration alone.

Stored are the multiples of `stride`, which is `every` times a power of two, plus the last entry. The stride
doubles as soon as the multiples up to the newest iteration, counted with that iteration itself, could pass
the limit.
"""

import struct
from math import nan
from typing import Final

import numpy as np

from engine.arrays import FloatArray
from engine.descent import Point

LIMIT: Final = 10_000
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
_ROW: Final = struct.Struct(f"<{len(COLUMNS)}d")


class History:
    """A buffer of packed little-endian float64 rows in the order of COLUMNS; what is not known is NaN."""

    def __init__(self, every: int = 1) -> None:
        """Keep entries from iterations that are multiples of `every`, and the last."""
        self.stride = every
        self.total = 0
        self._kept = 0
        self._latest = -1
        # One row more than the limit: the newest entry stands behind the kept ones even if it is not kept.
        self._buffer = bytearray(_ROW.size * (LIMIT + 1))

    def add(self, point: Point, seconds: float) -> None:
        """Append the entry of a recorded point, after `seconds` of computing; iterations must rise."""
        iteration, _, cost, rate, norm, held_out, gap, *accuracies, _ = point
        while iteration > (LIMIT - 1) * self.stride:
            self._thin()
        _ROW.pack_into(
            self._buffer,
            self._kept * _ROW.size,
            iteration,
            cost,
            *(nan if value is None else value for value in (held_out, rate, norm, seconds, gap, *accuracies)),
        )
        self.total += 1
        self._latest = iteration
        self._kept += iteration % self.stride == 0

    def resume(self, rows: FloatArray, iteration: int) -> None:
        """Begin with the entries (n, 9) of a run that goes on after the multiple `iteration` of `every`.

        What one unbroken run would not have kept goes: an entry that was kept as the last one only.
        """
        self.total, self.stride = iteration // self.stride + 1, _stride(self.stride, iteration, rows)
        kept = rows[(rows[:, 0] <= iteration) & (rows[:, 0] % self.stride == 0)].astype("<f8")
        self._kept, self._latest = len(kept), int(kept[-1, 0])
        self._buffer[: kept.nbytes] = kept.tobytes()

    def rows(self) -> FloatArray:
        """A copy of the entries (n, 9), oldest first, n <= LIMIT; numbers that are not finite become NaN."""
        count = self._kept + (self._latest >= 0 and self._latest % self.stride != 0)
        entries = self._entries(count).astype(np.float64)
        entries[~np.isfinite(entries)] = nan
        return entries

    def _entries(self, count: int) -> FloatArray:
        return np.frombuffer(self._buffer, dtype="<f8", count=len(COLUMNS) * count).reshape(count, len(COLUMNS))

    def _thin(self) -> None:
        self.stride *= 2
        entries = self._entries(self._kept)
        survivors = entries[entries[:, 0] % self.stride == 0]
        self._kept = len(survivors)
        self._buffer[: survivors.nbytes] = survivors.tobytes()


def _stride(every: int, iteration: int, rows: FloatArray) -> int:
    """The stride after this iteration, and at least that of the rows: a last entry may have doubled it before."""
    stride = max(every, int(rows[1, 0])) if len(rows) > 1 and rows[1, 0] <= iteration else every
    while iteration > (LIMIT - 1) * stride:
        stride *= 2
    return stride
