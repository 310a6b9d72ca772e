"""How strongly the cost of a linear model bends: eigenvalues of A'WA/m with A = [X 1], W the weights."""

from math import inf
from typing import Final, NamedTuple

import numpy as np

from engine.arrays import FloatArray, blocks
from engine.errors import DataError
from engine.losses import Bend
from engine.moments import ZERO_EIGENVALUE
from engine.rows import RowsCost

POWER_MARGIN: Final = 1.01
"""What makes a bound of the eigenvalue that power_iteration finds from below."""


class Curvature(NamedTuple):
    """Eigenvalues of the second derivatives of J at the units of the fit.

    `largest` bounds them everywhere; `smallest` is the smallest one that is not zero to rounding, where all
    scores are zero. It is None, like `condition_number` = largest / smallest, where the matrix is too large to
    take apart. Where the bend of the loss has no bounds, `largest` is 0 for straight lines, or inf, there is no
    `smallest`, and the condition number is that of A'WA/m.
    """

    largest: float
    smallest: float | None
    condition_number: float | None


def largest_row_norm_squared(data: RowsCost) -> float:
    """The largest wᵢ‖[xᵢ 1]‖² of a row: the largest curvature that its squared loss has."""
    return max(float(_squared_norms(data, block).max()) for block in blocks(data.y.size, data.columns))


def small_side_gram(data: RowsCost) -> FloatArray:
    """The smaller of BᵀB/m and BBᵀ/m with B = √W [X 1]; both have the same eigenvalues apart from zeros."""
    rows = data.y.size
    with np.errstate(over="ignore", invalid="ignore"):
        if rows < data.columns:
            X, roots = data.X[slice(0, rows)], 1.0 if data.weights is None else np.sqrt(data.weights)
            return np.asarray((X @ X.T + data.intercept) * roots * np.reshape(roots, (-1, 1)) / rows)
        parts = (_rooted(data, block) for block in blocks(rows, data.columns))
        return np.asarray(sum((B.T @ B for B in parts), np.zeros((data.columns, data.columns))) / rows)


def power_iteration(data: RowsCost, rounds: int = 100) -> float:
    """The largest eigenvalue of A'WA/m from below, to about one percent (von Mises 1929)."""
    still = RowsCost(data.X, np.zeros(data.y.size), data.intercept, weights=data.weights)
    vector, value, previous = np.full(data.columns, data.columns**-0.5), 0.0, -inf
    for _ in range(rounds):
        if abs(value - previous) <= 1e-4 * value:
            break
        image = still.cost_and_gradient(vector)[1]
        previous, value = value, float(np.sqrt(image.dot(image)))
        vector = image / value if value else vector
    return value


def _rooted(data: RowsCost, block: slice) -> FloatArray:
    """√W [X 1] of a block of rows."""
    X = data.X[block]
    B = np.empty((len(X), data.columns))
    B[:, : X.shape[1]], B[:, X.shape[1] :] = X, 1.0
    if data.weights is not None:
        B *= np.sqrt(data.weights[block])[:, np.newaxis]
    return B


def curvature_range(gram: FloatArray, bends: Bend, ridge: FloatArray | None, *, flat_counts: bool) -> Curvature:
    """That of gram (p, p) times the bends, with `ridge` (p,) on the diagonal.

    flat_counts: whether directions in which the cost does not bend leave no smallest one. Raises DataError where the
    matrix is zero or not finite.
    """
    if not np.isfinite(gram).all():
        raise DataError("The squares of the columns exceed what float64 can hold: scale the columns.")
    eigenvalues = np.asarray(np.linalg.eigvalsh(gram), dtype=np.float64)
    if not eigenvalues[-1] > 0.0:
        raise DataError("Every column is zero, so no parameter changes the cost: choose other features.")
    if bends.largest == 0.0 or bends.largest == inf:
        bent = eigenvalues[eigenvalues > ZERO_EIGENVALUE * eigenvalues.size * eigenvalues[-1]]
        return Curvature(bends.largest, None, float(eigenvalues[-1] / bent[0]))
    at_zero = _with_ridge(gram, bends.at_zero, eigenvalues, ridge)
    bent = at_zero > ZERO_EIGENVALUE * at_zero.size * at_zero[-1]
    smallest = float(at_zero[bent][0])
    largest = float(_with_ridge(gram, bends.largest, eigenvalues, ridge)[-1])
    known = bool(bent.all()) or not flat_counts
    return Curvature(largest, smallest, largest / smallest) if known else Curvature(largest, None, None)


def wide_range(gram: FloatArray, bends: Bend, l2: float, *, flat_counts: bool) -> Curvature:
    """That of more columns than rows m, from the Gram matrix (m, m) of the rows, with l2 for the coefficients.

    The largest one is a bound. The rows leave directions free, in which l2 alone bends the cost.
    """
    ridge = np.full(len(gram), l2) if l2 else None
    largest, smallest, _ = found = curvature_range(gram, bends, ridge, flat_counts=flat_counts)
    if l2 == 0.0 or smallest is None:
        return Curvature(largest, None, None) if flat_counts else found
    return Curvature(largest, l2, largest / l2)


def _with_ridge(gram: FloatArray, bend: float, eigenvalues: FloatArray, ridge: FloatArray | None) -> FloatArray:
    """Eigenvalues of gram · bend + diag(ridge), where those of gram are known."""
    if ridge is None:
        return eigenvalues * bend
    bent = gram * bend
    np.fill_diagonal(bent, np.diag(bent) + ridge)
    return np.asarray(np.linalg.eigvalsh(bent))


def _squared_norms(data: RowsCost, block: slice) -> FloatArray:
    inputs = data.X[block]
    norms = np.einsum("ij,ij->i", inputs, inputs) + data.intercept
    return np.asarray(norms if data.weights is None else norms * data.weights[block])
