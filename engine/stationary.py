"""What kind of point a descent on a function ended at, by the eigenvalues of the second derivatives there.

The Hessian is that of central differences of the exact gradient. A point is near a stationary one where Newton's step
is short: along each eigenvector v of it, |v·g| / |λ| <= 1e-3 max(1, ‖x‖). So a slope along a valley is held against the
valley's own slight bend, not against its steep sides. An eigenvalue counts as zero, and divides as that bound, where it
is at most 1e-6 of the largest, or where at a distance of max(1, ‖x‖) it changes the value by less than 1e-9 of it. A
corner is no stationary point, however low.
"""

from math import hypot
from typing import Final, Literal

import numpy as np

from engine.arrays import FloatArray
from engine.function_problem import FunctionProblem, around

NEAR: Final = 1e-3
FLAT_SHARE: Final = 1e-6
ROUNDING: Final = 1e-9

Kind = Literal["minimum", "saddle", "maximum", "flat", "none"]


def stationary_point(problem: FunctionProblem, theta: FloatArray) -> Kind:
    """minimum, maximum or saddle by the signs of the eigenvalues, flat where some are zero; none: still on a slope."""
    curved, slope = hessian(problem, theta), problem.gradient(theta)
    if not (np.isfinite(curved).all() and np.isfinite(slope).all()):
        return "none"
    eigenvalues, ways = np.linalg.eigh(curved)
    size, bends = max(1.0, hypot(*theta.tolist())), np.abs(eigenvalues)
    zero = max(FLAT_SHARE * float(bends.max()), ROUNDING * abs(problem.cost(theta)) / size / size)
    with np.errstate(all="ignore"):
        if (np.abs(slope @ ways) > NEAR * size * np.maximum(bends, zero)).any():
            return "none"
    return _kind(eigenvalues[bends > zero], eigenvalues.size)


def hessian(problem: FunctionProblem, theta: FloatArray) -> FloatArray:
    """The symmetric second derivatives (d, d)."""
    points, apart = around(theta)
    slopes = problem.gradient(points)
    with np.errstate(all="ignore"):
        curved = (slopes[:, : theta.size] - slopes[:, theta.size :]) / apart
        return np.asarray(0.5 * (curved + curved.T))


def _kind(counting: FloatArray, dimension: int) -> Kind:
    up, down = bool((counting > 0.0).any()), bool((counting < 0.0).any())
    if up and down:
        return "saddle"
    if counting.size < dimension:
        return "flat"
    return "minimum" if up else "maximum"
