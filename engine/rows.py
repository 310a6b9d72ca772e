"""The cost of a linear model evaluated from the rows themselves, for any loss: block by block, or batch by batch.

Scores z = [X 1]·Θᵀ with Θ (K, p), p = d + 1 with an intercept (last) and d without one; theta is Θ row after row,
and with K = 1 simply (w, b). J = 1/m Σ wᵢ l(zᵢ, yᵢ), gradient = 1/m Σ wᵢ l'(zᵢ, yᵢ) [xᵢ 1]; for a batch m is the
number of its own rows. The weights w have mean 1 over the rows, and are all one where there are none.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final, NamedTuple, Protocol, cast

import numpy as np

from engine.arrays import FloatArray, IntArray, Matrix, blocks
from engine.errors import DataError
from engine.loss_formulas import PAIRS
from engine.losses import Loss, Squared, scores_per_row
from engine.threads import BLOCKS_A_RUN, in_order

BatchGradient = Callable[[FloatArray, int], FloatArray]

PASS_NUMBERS: Final = 1 << 18
"""Numbers in a block of a pass over all rows, which costs some twenty calls of NumPy: 2 MiB.

Each call gives the interpreter's lock away and takes it again: of smaller blocks, which a usual L2 cache would hold,
threads wait for each other as long as they compute.
"""


class Scored(Protocol):
    """Rows with targets and weights that some model has scores of: what metrics are taken from."""

    @property
    def y(self) -> FloatArray:
        """Targets (m,)."""
        ...

    @property
    def weights(self) -> FloatArray | None:
        """Weights (m,) with mean 1, None for all one."""
        ...

    @property
    def unit(self) -> float:
        """What the weights were divided by."""
        ...

    @property
    def loss(self) -> Loss:
        """That of a row."""
        ...

    def scores(self, theta: FloatArray) -> Iterator[tuple[slice, FloatArray]]:
        """Blocks of rows with their scores, (n,) or (n, K)."""
        ...


class RowsCost(NamedTuple):
    """Inputs X (m, d) float64 and targets y (m,) in the units of the fit, and the loss of a row.

    weights (m,) have mean 1, or are None for all one; unit is what they were divided by. threads share
    the blocks of a pass over all rows; their number changes no bit.
    """

    X: Matrix
    y: FloatArray
    intercept: bool
    loss: Loss = Squared()
    weights: FloatArray | None = None
    unit: float = 1.0
    threads: int = 1

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
        total, gradient = 0.0, np.zeros(self.shape)
        # A run's gradients are together no larger than a block.
        run = max(1, min(BLOCKS_A_RUN, PASS_NUMBERS // self.dimension))
        for cost, slope in in_order(partial(self._sums, theta.reshape(self.shape)), self._blocks(), self.threads, run):
            total += cost
            gradient += slope
        return total / self.y.size, gradient.ravel() / self.y.size

    def cost(self, theta: FloatArray) -> float:
        """J alone."""
        sums = in_order(partial(self._value, theta.reshape(self.shape)), self._blocks(), self.threads)
        return sum(sums) / self.y.size

    def scores(self, theta: FloatArray) -> Iterator[tuple[slice, FloatArray]]:
        """Blocks of rows with their scores, (n,) or (n, K)."""
        theta = theta.reshape(self.shape)
        return ((block, self._scores(theta, self.X[block])) for block in self._blocks())

    def _blocks(self) -> Iterator[slice]:
        return blocks(self.y.size, self.X.shape[1] + scores_per_row(self.loss), PASS_NUMBERS)

    def _scores(self, theta: FloatArray, inputs: FloatArray) -> FloatArray:
        """Of a block of rows; theta has its shape."""
        if not self.intercept:
            return np.asarray(inputs.dot(theta.T))
        scores: FloatArray = inputs.dot(theta[..., :-1].T)
        scores += theta[..., -1]
        return scores

    def _value(self, theta: FloatArray, block: slice) -> float:
        """The sum of a block's losses."""
        values = PAIRS[type(self.loss)].value(self.loss, self._scores(theta, self.X[block]), self.y[block])
        return weighted_sum(values, self.weights, block)

    def _sums(self, theta: FloatArray, block: slice) -> tuple[float, FloatArray]:
        """The sums of a block's losses and of their gradients, which have the shape of theta."""
        value, derivative = PAIRS[type(self.loss)]
        inputs, targets = self.X[block], self.y[block]
        scores = self._scores(theta, inputs)
        back = derivative(self.loss, scores, targets).T
        back = back if self.weights is None else back * self.weights[block]
        gradient = np.empty(self.shape)
        gradient[..., : inputs.shape[1]] = back.dot(inputs)
        if self.intercept:
            gradient[..., -1] = back.sum(axis=-1)
        return weighted_sum(value(self.loss, scores, targets), self.weights, block), gradient


def rows_cost(X: Matrix, y: FloatArray, weights: FloatArray | None = None, *, intercept: bool, loss: Loss) -> RowsCost:
    """The cost of rows with weights (m,) as given. Raises DataError for weights that cannot be used."""
    if weights is None:
        return RowsCost(X, y, intercept, loss)
    return RowsCost(X, y, intercept, loss, *normalised(weights))


def normalised(weights: FloatArray) -> tuple[FloatArray, float]:
    """The weights (m,) with mean 1, and what they were divided by. Raises DataError for weights that cannot be used."""
    with np.errstate(over="ignore"):
        total = float(weights.sum())
    if not np.isfinite(total) or (weights < 0.0).any():
        raise DataError("Weights and their sum must be finite and at least 0: correct the weight column.")
    largest = float(weights.max(initial=0.0))
    if largest == 0.0:
        raise DataError("All weights of the training rows, or of the held-out rows, are zero: no row counts.")
    shares = weights / largest  # of ordinary size, however small the weights are
    return shares / shares.mean(), largest * float(shares.mean())


def batch_gradients(data: RowsCost, rows: IntArray, size: int) -> BatchGradient:
    """A function (theta, k) -> gradient of batch k, the rows [k * size, (k + 1) * size) of `rows`.

    The rows are gathered once for all batches, with a column of ones for the intercept, so that a step of a
    small batch costs few calls of NumPy.
    """
    inputs, targets = gathered(data, rows), data.y[rows]
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


def weighted_mean(values: FloatArray, weights: FloatArray | None) -> float:
    """Σ wᵢ valuesᵢ / m of all rows, whose weights have mean 1."""
    return weighted_sum(values, weights, slice(None)) / values.size


def gathered(data: RowsCost, rows: IntArray | slice) -> FloatArray:
    """Some rows of [X 1] (n, p), which has no ones without an intercept."""
    inputs = data.X[rows]
    if not data.intercept:
        return inputs
    whole = np.empty((inputs.shape[0], data.columns))
    whole[:, :-1] = inputs
    whole[:, -1] = 1.0
    return whole
