"""Count, range, mean and spread of the number columns, gathered block by block.

Two sets of moments are joined by the formula of Chan, Golub and LeVeque (1983):
M = M_a + M_b + δ² n_a n_b / n, mean = mean_a + δ n_b / n, δ = mean_b - mean_a, where M = Σ (x - mean)².
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray

# So many cells at a time that what is computed of them stays in the processor's cache.
SLAB = 1 << 16


class Moments(NamedTuple):
    """One entry (k,) for each column: cells that are not missing, their extremes, mean, and squared deviations."""

    cells: NDArray[np.int64]
    low: FloatArray
    high: FloatArray
    mean: FloatArray
    deviations: FloatArray

    def std(self) -> FloatArray:
        """Population standard deviation (k,); NaN where there is no cell."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(np.sqrt(self.deviations / self.cells))

    def finite(self) -> bool:
        """Whether every cell was finite."""
        some = self.cells > 0
        return bool(np.isfinite(self.low[some]).all() and np.isfinite(self.high[some]).all())


def moments(values: FloatArray) -> Moments:
    """Moments of columns (k, n), one in each row of the array; NaN is a missing cell."""
    columns = max(1, SLAB // max(1, values.shape[1]))
    slabs = [_slab(values[k : k + columns]) for k in range(0, len(values), columns)]
    return Moments(*map(np.concatenate, zip(*slabs, strict=True))) if len(slabs) > 1 else _slab(values)


def _slab(values: FloatArray) -> Moments:
    present = ~np.isnan(values)
    count = present.sum(axis=1)
    there = True if values.size == count.sum() else present
    with np.errstate(over="ignore", invalid="ignore"):
        mean = values.sum(axis=1, where=there) / np.maximum(count, 1)
        apart = np.where(present, values - mean[:, None], 0.0) if there is present else values - mean[:, None]
        squares = np.einsum("kn,kn->k", apart, apart)
    low, high = values.min(axis=1, initial=np.inf, where=there), values.max(axis=1, initial=-np.inf, where=there)
    return Moments(count, low, high, mean, squares)


def join(a: Moments, b: Moments) -> Moments:
    """Moments of the rows of both."""
    count = a.cells + b.cells
    with np.errstate(over="ignore", invalid="ignore"):
        share = b.cells / np.maximum(count, 1)
        delta = b.mean - a.mean
        deviations = a.deviations + b.deviations + delta**2 * a.cells * share
        mean = a.mean + delta * share
    return Moments(count, np.minimum(a.low, b.low), np.maximum(a.high, b.high), mean, deviations)
