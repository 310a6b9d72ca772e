"""How strongly the cost of a linear model bends: eigenvalues of A'WA/m with A = [X 1], W the weights."""

from math import inf

import numpy as np

from engine.arrays import FloatArray, blocks
from engine.rows import RowsCost


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


def _squared_norms(data: RowsCost, block: slice) -> FloatArray:
    inputs = data.X[block]
    norms = np.einsum("ij,ij->i", inputs, inputs) + data.intercept
    return np.asarray(norms if data.weights is None else norms * data.weights[block])
