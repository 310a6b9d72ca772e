"""Cells of a column that lie in several arrays, as a file holds them: read where they are asked for."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Rows

Kind = TypeVar("Kind", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Pieces(Generic[Kind]):
    """Cells (m,) in arrays, one after the other, of which each begins at the row that `starts` says; m is their end."""

    arrays: Sequence[NDArray[Kind]]
    starts: Sequence[int]

    @property
    def size(self) -> int:
        """The number of cells m."""
        return self.starts[-1]

    def __getitem__(self, rows: Rows) -> NDArray[Kind]:
        """The cells of the rows (n,): a view where they are consecutive and in one array, else a copy.

        Row numbers cost the cells between the lowest and the highest of them.
        """
        if not isinstance(rows, slice):
            low, high = (int(rows.min()), int(rows.max()) + 1) if rows.size else (0, 0)
            return self._between(low, high)[rows - low]
        start, stop, _ = rows.indices(self.size)
        return self._between(start, stop)

    def _between(self, start: int, stop: int) -> NDArray[Kind]:
        k = max(bisect_right(self.starts, start, hi=len(self.arrays)) - 1, 0)
        first = self.arrays[k][start - self.starts[k] : stop - self.starts[k]]
        if stop <= self.starts[k + 1]:
            return first
        found = [first]
        while self.starts[k + 1] < stop:
            k += 1
            found.append(self.arrays[k][: stop - self.starts[k]])
        return np.concatenate(found)


def pieces(arrays: Sequence[NDArray[Kind]]) -> Pieces[Kind]:
    """The cells of one array or more, one after the other."""
    return Pieces(arrays, [0, *accumulate(array.size for array in arrays)])
