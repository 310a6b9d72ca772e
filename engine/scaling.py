"""Scaling: the shift mu and the scale sigma of each column of the matrix, x̃ = (x - mu) / sigma.

standard: mean and population standard deviation. minmax: min and max - min, so that x̃ lies in [0, 1]. none: 0
and 1. DivideBy: 0 and the divisor, for numbers only. With weights wᵢ the mean is Σ wᵢ xᵢ / Σ wᵢ, and the variance
likewise.
"""

from math import sqrt
from typing import Literal, NamedTuple

import numpy as np

from engine.arrays import FloatArray
from engine.errors import DataError


class DivideBy(NamedTuple):
    """Every number is divided by the same divisor > 0, as pixels are by 255."""

    divisor: float


Scaling = Literal["standard", "minmax", "none"] | DivideBy


class Spread(NamedTuple):
    """mu and sigma of one column; sigma > 0."""

    shift: float
    scale: float


def spread(values: FloatArray, weights: FloatArray | None, name: str, scaling: Scaling) -> Spread | None:
    """That of the numbers (n,) with positive weights (n,), None for one value only.

    Raises DataError where a cell is missing or not finite, or a figure exceeds float64.
    """
    least, most = float(values.min()), float(values.max())
    if least == most:
        return None
    with np.errstate(over="ignore", invalid="ignore"):
        mean = mean_of(values, weights)
        deviation = float(values.std()) if weights is None else sqrt(mean_of((values - mean) ** 2, weights))
    if not np.isfinite(deviation):
        raise DataError(f"Column {name!r} has a cell that is missing, not finite, or too large to square.")
    if scaling == "standard":
        return None if deviation == 0.0 else Spread(mean, deviation)
    if scaling == "minmax":
        return Spread(least, most - least)
    return Spread(0.0, scaling.divisor if isinstance(scaling, DivideBy) else 1.0)


def indicator_spread(share: float, scaling: Scaling) -> Spread | None:
    """That of a column that is one for this share of the rows' weight and zero else; None where it is constant."""
    if not 0.0 < share < 1.0:
        return None
    return Spread(share, sqrt(share * (1.0 - share))) if scaling == "standard" else Spread(0.0, 1.0)


def mean_of(values: FloatArray, weights: FloatArray | None) -> float:
    """Mean of the values (n,), n >= 1, weighted where there are weights (n,)."""
    return float(values.mean()) if weights is None else float(values.dot(weights / weights.sum()))
