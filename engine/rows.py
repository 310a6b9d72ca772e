"""The cost of a linear model evaluated from the rows themselves, for any loss: block by block, or batch by batch.

Scores z = [X 1]·Θᵀ with Θ (K, p), p = d + 1 with an intercept (last) and d without one; theta is Θ row after row,
and with K = 1 simply (w, b). J = 1/m Σ wᵢ l(zᵢ, yᵢ), gradient = 1/m Σ wᵢ l'(zᵢ, yᵢ) [xᵢ 1]; for a batch m is the
number of its own rows. The weights w have mean 1 over the rows, and are all one where there are none.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple, cast

import numpy as np

from engine.arrays import FloatArray, IntArray, Matrix, blocks
from engine.errors import DataError
from engine.losses import PAIRS, Loss, Squared, scores_per_row

BatchGradient = Callable[[FloatArray, int], FloatArray]


class RowsCost(NamedTuple):
    """Inputs X (m, d) float64 and targets y (m,) in the units of the fit, and the loss of a row.

    weights (m,) have mean 1, or are None for all one; unit is what they were divided by.
    """

    X: Matrix
    y: FloatArray
    intercept: bool
    loss: Loss = Squared()
    weights: FloatArray | None = None
    unit: float = 1.0

    @property
    def columns(self) -> int:
        """p, the parameters of one score."""
        return int(self.X.shape[1]) + self.intercept

    @property
    def shape(self) -> tuple[int, ...]:
        """(K, p), or (p,) where there is one score: a row's scores are inputs·theta.reshape(shape).T."""
        scores = scores_per_row(self.loss)
        return (self.columns,) if scores == 1 else (scores, self.columns)

    @property
    def dimension(self) -> int:
        """The length of theta."""
        return self.columns * scores_per_row(self.loss)

    def cost_and_gradient(self, theta: FloatArray) -> tuple[float, FloatArray]:
        """J and its gradient (dimension,): each block is read forwards and backwards while it is cached."""
        value, derivative = PAIRS[type(self.loss)]
        total, gradient = 0.0, np.zeros(self.shape)
        for block, scores in self.scores(theta):
            total += weighted_sum(value(self.loss, scores, self.y[block]), self.weights, block)
            back = derivative(self.loss, scores, self.y[block]).T
            back = back if self.weights is None else back * self.weights[block]
            gradient[..., : self.X.shape[1]] += back.dot(self.X[block])
            if self.intercept:
                gradient[..., -1] += back.sum(axis=-1)
        return total / self.y.size, gradient.ravel() / self.y.size

    def cost(self, theta: FloatArray) -> float:
        """J alone."""
        value = PAIRS[type(self.loss)].value
        sums = (
            weighted_sum(value(self.loss, scores, self.y[block]), self.weights, block)
            for block, scores in self.scores(theta)
        )
        return sum(sums) / self.y.size

    def scores(self, theta: FloatArray) -> Iterator[tuple[slice, FloatArray]]:
        """Blocks of rows with their scores, (n,) or (n, K)."""
        theta = theta.reshape(self.shape)
        weights, shift = (theta[..., :-1].T, theta[..., -1]) if self.intercept else (theta.T, 0.0)
        width = self.X.shape[1] + scores_per_row(self.loss)
        return ((block, self.X[block].dot(weights) + shift) for block in blocks(self.y.size, width))


def rows_cost(X: Matrix, y: FloatArray, weights: FloatArray | None = None, *, intercept: bool, loss: Loss) -> RowsCost:
    """The cost of rows with weights (m,) as given. Raises DataError for weights that cannot be used."""
    if weights is None:
        return RowsCost(X, y, intercept, loss)
    with np.errstate(over="ignore"):
        total = float(weights.sum())
    if not np.isfinite(total) or (weights < 0.0).any():
        raise DataError("Weights and their sum must be finite and at least 0: correct the weight column.")
    largest = float(weights.max(initial=0.0))
    if largest == 0.0:
        raise DataError("All weights of the training rows, or of the held-out rows, are zero: no row counts.")
    shares = weights / largest  # of ordinary size, however small the weights are
    return RowsCost(X, y, intercept, loss, shares / shares.mean(), largest * float(shares.mean()))


def batch_gradients(data: RowsCost, rows: IntArray, size: int) -> BatchGradient:
    """A function (theta, k) -> gradient of batch k, the rows [k * size, (k + 1) * size) of `rows`.

    The rows are gathered once for all batches, with a column of ones for the intercept, so that a step of a
    small batch costs few calls of NumPy.
    """
    inputs, targets = _gathered(data, rows), data.y[rows]
    weights = None if data.weights is None else data.weights[rows]
    derivative, loss, shape = PAIRS[type(data.loss)].derivative, data.loss, data.shape

    def gradient(theta: FloatArray, k: int) -> FloatArray:
        some = slice(k * size, (k + 1) * size)
        batch = inputs[some]
        # A single score is the usual case, and reshaping costs as much as a small product.
        scores = batch.dot(theta if len(shape) == 1 else theta.reshape(shape).T)
        back = derivative(loss, scores, targets[some]).T
        if weights is not None:
            back = back * weights[some]
        return cast(FloatArray, back.dot(batch).ravel() / float(batch.shape[0]))

    return gradient


def weighted_sum(values: FloatArray, weights: FloatArray | None, block: slice) -> float:
    """Σ wᵢ valuesᵢ over one block of rows; the weights are those of all rows."""
    return float(values.sum() if weights is None else values.dot(weights[block]))


def _gathered(data: RowsCost, rows: IntArray | slice) -> FloatArray:
    inputs = data.X[rows]
    if not data.intercept:
        return inputs
    gathered = np.empty((inputs.shape[0], data.columns))
    gathered[:, :-1] = inputs
    gathered[:, -1] = 1.0
    return gathered
