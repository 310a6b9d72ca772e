"""Squared loss evaluated from the rows themselves: block by block, or batch by batch.

z = X·w + b, theta = (w, b) with the intercept b last, or theta = w without one.
J = 1/(2m) Σ (z - y)², gradient = 1/m [X 1]ᵀ (z - y); for a batch m is the number of its own rows.
"""

from collections.abc import Callable, Iterator
from math import inf
from typing import NamedTuple, cast

import numpy as np

from engine.arrays import FloatArray, IntArray, blocks

BatchGradient = Callable[[FloatArray, int], FloatArray]


class RowsCost(NamedTuple):
    """Inputs X (m, d) float64 in C order and targets y (m,)."""

    X: FloatArray
    y: FloatArray
    intercept: bool

    @property
    def dimension(self) -> int:
        """The length of theta."""
        return int(self.X.shape[1]) + self.intercept

    def cost_and_gradient(self, theta: FloatArray) -> tuple[float, FloatArray]:
        """J and its gradient (dimension,): each block is read forwards and backwards while it is cached."""
        total, gradient = 0.0, np.zeros(self.dimension)
        for inputs, residual in residual_blocks(self, theta):
            total += float(residual.dot(residual))
            gradient[: inputs.shape[1]] += residual.dot(inputs)
            if self.intercept:
                gradient[-1] += residual.sum()
        return total / (2 * self.y.size), gradient / self.y.size

    def cost(self, theta: FloatArray) -> float:
        """J alone."""
        total = sum(float(residual.dot(residual)) for _, residual in residual_blocks(self, theta))
        return total / (2 * self.y.size)


def residual_blocks(data: RowsCost, theta: FloatArray) -> Iterator[tuple[FloatArray, FloatArray]]:
    """Blocks of X (n, d) with their residuals z - y (n,)."""
    weights, shift = (theta[:-1], theta[-1]) if data.intercept else (theta, 0.0)
    for block in blocks(data.y.size, data.dimension):
        inputs = data.X[block]
        yield inputs, inputs.dot(weights) + (shift - data.y[block])


def batch_gradients(data: RowsCost, rows: IntArray, size: int) -> BatchGradient:
    """A function (theta, k) -> gradient of batch k, the rows [k * size, (k + 1) * size) of `rows`.

    The rows are gathered once for all batches, with a column of ones for the intercept, so that a step of a
    small batch costs four calls of NumPy.
    """
    inputs, targets = _gathered(data, rows), data.y[rows]

    def gradient(theta: FloatArray, k: int) -> FloatArray:
        batch = inputs[k * size : (k + 1) * size]
        residual = batch.dot(theta)
        residual -= targets[k * size : (k + 1) * size]
        return cast(FloatArray, residual.dot(batch) / float(residual.size))

    return gradient


def largest_row_norm_squared(data: RowsCost) -> float:
    """The largest ‖x‖² of a row, the intercept's one included: the largest curvature of its loss."""
    largest = max(float(_squared_norms(data.X[block]).max()) for block in blocks(data.y.size, data.dimension))
    return largest + data.intercept


def small_side_gram(data: RowsCost) -> FloatArray:
    """The smaller of AᵀA/m and AAᵀ/m with A = [X 1]; both have the same eigenvalues apart from zeros."""
    A = _gathered(data, slice(None))
    with np.errstate(over="ignore", invalid="ignore"):
        product = A.T @ A if A.shape[0] > A.shape[1] else A @ A.T
    return np.asarray(product / data.y.size)


def power_iteration(data: RowsCost, rounds: int = 100) -> float:
    """The largest eigenvalue of AᵀA/m, A = [X 1], from below, to about one percent (von Mises 1929)."""
    still = RowsCost(data.X, np.zeros(data.y.size), data.intercept)
    vector, value, previous = np.full(data.dimension, data.dimension**-0.5), 0.0, -inf
    for _ in range(rounds):
        if abs(value - previous) <= 1e-4 * value:
            break
        image = still.cost_and_gradient(vector)[1]
        previous, value = value, float(np.sqrt(image.dot(image)))
        vector = image / value if value else vector
    return value


def _squared_norms(inputs: FloatArray) -> FloatArray:
    return np.asarray(np.einsum("ij,ij->i", inputs, inputs))


def _gathered(data: RowsCost, rows: IntArray | slice) -> FloatArray:
    inputs = data.X[rows]
    if not data.intercept:
        return inputs
    gathered = np.empty((inputs.shape[0], data.dimension))
    gathered[:, :-1] = inputs
    gathered[:, -1] = 1.0
    return gathered
