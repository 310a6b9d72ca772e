"""Scaling: the shift mu and the scale sigma of each column of the matrix, x̃ = (x - mu) / sigma.

standard: mean and population standard deviation. minmax: min and max - min, so that x̃ lies in [0, 1]. none: 0
and 1. DivideBy: 0 and the divisor, for numbers only. With weights wᵢ the mean is Σ wᵢ xᵢ / Σ wᵢ, and the variance
likewise.
"""

from math import inf, isfinite, isnan, sqrt
from typing import Literal, NamedTuple

import numpy as np

from engine.arrays import FloatArray
from engine.errors import not_finite


class DivideBy(NamedTuple):
    """Every number is divided by the same divisor > 0, as pixels are by 255."""

    divisor: float


Scaling = Literal["standard", "minmax", "none"] | DivideBy


class Spread(NamedTuple):
    """mu and sigma of one column; sigma > 0."""

    shift: float
    scale: float


class Summary(NamedTuple):
    """Of cells that are not missing: their weight, extremes, mean = origin + offset, and variance about it.

    The origin is a number near the cells: means of blocks far from zero differ by less than their last digits.
    """

    weight: float
    least: float
    most: float
    origin: float
    offset: float
    variance: float

    @property
    def mean(self) -> float:
        """The mean, to the last digit but one."""
        return self.origin + self.offset


NOTHING = Summary(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


def summary_about(origin: float) -> Summary:
    """That of no cell yet, for cells that lie about the origin."""
    return Summary(0.0, inf, -inf, origin, 0.0, 0.0)


def summary(values: FloatArray, weights: FloatArray | None, before: Summary | None = None) -> Summary:
    """That of numbers (n,), n >= 1, with positive weights (n,), and of those `before` them.

    Blocks are joined by the formula of Chan, Golub and LeVeque (1979).
    """
    weight = float(values.size if weights is None else weights.sum())
    shares = None if weights is None else weights / weight
    origin = _mean(values, shares) if before is None else before.origin
    apart = values - origin
    offset = 0.0 if before is None else _mean(apart, shares)
    if offset:
        apart -= offset
    variance = _mean(np.square(apart, out=apart), shares)
    found = Summary(weight, float(values.min()), float(values.max()), origin, offset, variance)
    return found if before is None else _joined(before, found)


def _joined(a: Summary, b: Summary) -> Summary:
    weight, apart = a.weight + b.weight, b.offset - a.offset
    share = b.weight / weight
    variance = a.variance * (1.0 - share) + b.variance * share + apart * apart * share * (1.0 - share)
    return Summary(weight, min(a.least, b.least), max(a.most, b.most), a.origin, a.offset + apart * share, variance)


def _mean(values: FloatArray, shares: FloatArray | None) -> float:
    return float(values.mean() if shares is None else values.dot(shares))


def spread(found: Summary, filled: float, name: str, scaling: Scaling) -> Spread | None:
    """That of the cells that were found and of others, of weight `filled`, filled with their mean; None for one value.

    Raises DataError where a cell is missing or not finite, or a figure exceeds float64.
    """
    if found.least == found.most and not isnan(found.mean):
        return None
    variance = found.variance * (found.weight / (found.weight + filled)) if filled else found.variance
    deviation = sqrt(variance)
    if not isfinite(deviation):
        raise not_finite(f"Column {name!r}")
    if scaling == "standard":
        return None if deviation == 0.0 else Spread(found.mean, deviation)
    if scaling == "minmax":
        return Spread(found.least, found.most - found.least)
    return Spread(0.0, scaling.divisor if isinstance(scaling, DivideBy) else 1.0)


def indicator_spread(share: float, scaling: Scaling) -> Spread | None:
    """That of a column that is one for this share of the rows' weight and zero else; None where it is constant."""
    if not 0.0 < share < 1.0:
        return None
    return Spread(share, sqrt(share * (1.0 - share))) if scaling == "standard" else Spread(0.0, 1.0)
