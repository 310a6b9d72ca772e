"""Parameters in the original units of the columns, and the way there and back.

Fitted x̃ = (x - mu) / sigma gives w = w̃ / sigma and b = b̃ - Σ w̃ mu / sigma in the original units; without an
intercept mu = 0. theta holds the coefficients in the order of the names, the intercept last.
"""

from typing import NamedTuple

import numpy as np

from engine.arrays import FloatArray
from engine.errors import InitialError
from engine.preparation import Preparation


class Parameters(NamedTuple):
    """The parameters of one score, in the original units of the columns."""

    intercept: float | None
    coefficients: dict[str, float]


def to_original(preparation: Preparation, theta: FloatArray) -> Parameters:
    """The parameters of a fit theta (d,) or (d + 1,) in the original units."""
    fitted = theta[: len(preparation.names)]
    coefficients = fitted / preparation.scale
    moved = float(theta[-1] - coefficients.dot(preparation.shift)) if preparation.intercept else None
    return Parameters(moved, dict(zip(preparation.names, coefficients.tolist(), strict=True)))


def to_fit(preparation: Preparation, parameters: Parameters) -> FloatArray:
    """The inverse of to_original. Raises InitialError where names are unknown or missing."""
    _same_names(preparation, parameters)
    original = np.array([parameters.coefficients[name] for name in preparation.names], dtype=np.float64)
    fitted = original * preparation.scale
    if parameters.intercept is None:
        return fitted
    return np.append(fitted, parameters.intercept + original.dot(preparation.shift))


def _same_names(preparation: Preparation, parameters: Parameters) -> None:
    given = set(parameters.coefficients)
    missing = [name for name in preparation.names if name not in given]
    unknown = sorted(given - set(preparation.names) - set(preparation.constant))
    if missing or unknown:
        raise InitialError(
            f"The initial coefficients must name every fitted column: missing {missing}, unknown {unknown}."
        )
    if (parameters.intercept is None) == preparation.intercept:
        raise InitialError("Give an initial intercept if, and only if, the model has one.")
