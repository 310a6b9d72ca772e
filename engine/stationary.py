"""What kind of point a descent on a function ended at, by the eigenvalues of the second derivatives there.

The Hessian is that of central differences of the exact gradient. A point is near a stationary one where
‖g‖ <= 1e-3 λ max(1, ‖x‖), λ the largest absolute eigenvalue: ‖g‖/λ is how far Newton's step goes at least. An
eigenvalue counts as zero where it is at most 1e-6 λ, or where at a distance of max(1, ‖x‖) it changes the value by less
than 1e-9 of it. A corner is no stationary point, however low.
"""

from typing import Final, Literal

import numpy as np

from engine.arrays import FloatArray
from engine.function_problem import FunctionProblem, around

NEAR: Final = 1e-3
FLAT: Final = 1e-6
ROUNDING: Final = 1e-9

Kind = Literal["minimum", "saddle", "maximum", "flat", "none"]


def stationary_point(problem: FunctionProblem, theta: FloatArray) -> Kind:
    """minimum, maximum or saddle by the signs of the eigenvalues, flat where some are zero; none: still on a slope."""
    curved, slope = hessian(problem, theta), problem.gradient(theta)
    if not (np.isfinite(curved).all() and np.isfinite(slope).all()):
        return "none"
    eigenvalues = np.linalg.eigvalsh(curved)
    largest, size = float(np.abs(eigenvalues).max()), max(1.0, float(np.linalg.norm(theta)))
    if np.linalg.norm(slope) > NEAR * largest * size:
        return "none"
    zero = max(FLAT * largest, ROUNDING * abs(problem.cost(theta)) / size**2)
    return _kind(eigenvalues[np.abs(eigenvalues) > zero], eigenvalues.size)


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
