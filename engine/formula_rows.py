"""The cost of a formula evaluated from its rows, block by block, or batch by batch.

J = 1/m Σ wᵢ l(f(xᵢ, p), yᵢ) and its gradient 1/m Σ wᵢ l'(zᵢ, yᵢ) ∂f(xᵢ, p)/∂theta, where f's derivatives are exact. A
block holds a column for each node of the expression, so its rows are few enough for all of them together.
"""

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

import numpy as np

from engine.arrays import FloatArray, IntArray, Matrix, Rows, blocks, row_at
from engine.errors import InitialError
from engine.formula import Formula
from engine.loss_formulas import PAIRS
from engine.losses import Loss
from engine.rows import PASS_NUMBERS, BatchGradient, weighted_sum
from engine.threads import in_order


class FormulaRows(NamedTuple):
    """Columns X (m, ·) in the order of the formula's, targets y (m,), all in original units, and the loss of a row.

    weights (m,) have mean 1, or are None for all one; unit is what they were divided by. places: where the rows stand
    in the table, for complaints. threads share the blocks of a pass; their number changes no bit.
    """

    X: Matrix
    y: FloatArray
    formula: Formula
    loss: Loss
    weights: FloatArray | None
    unit: float
    places: Rows
    threads: int = 1

    def cost(self, theta: FloatArray) -> float:
        """The mean loss."""
        return sum(in_order(partial(self._value, theta), self._blocks(), self.threads)) / self.y.size

    def cost_and_gradient(self, theta: FloatArray) -> tuple[float, FloatArray]:
        """The mean loss and its gradient (k,)."""
        total, gradient = 0.0, np.zeros(theta.size)
        for cost, slope in in_order(partial(self._sums, theta), self._blocks(), self.threads):
            total += cost
            gradient += slope
        return total / self.y.size, gradient / self.y.size

    def gradient(self, theta: FloatArray) -> FloatArray:
        """That gradient alone."""
        total = np.zeros(theta.size)
        for slope in in_order(partial(self._slope, theta), self._blocks(), self.threads):
            total += slope
        return total / self.y.size

    def scores(self, theta: FloatArray) -> Iterator[tuple[slice, FloatArray]]:
        """Blocks of rows with their scores (n,)."""
        return ((block, self.formula.scores(theta, self.X[block])) for block in self._blocks())

    def scores_and_slopes(self, theta: FloatArray) -> Iterator[tuple[slice, FloatArray, FloatArray]]:
        """Blocks of rows with their scores (n,) and the derivatives (k, n) of those."""
        return ((block, *self.formula.scores_and_slopes(theta, self.X[block])) for block in self._blocks())

    def _blocks(self) -> Iterator[slice]:
        return blocks(self.y.size, 2 * len(self.formula.expression.nodes), PASS_NUMBERS)

    def _value(self, theta: FloatArray, block: slice) -> float:
        return self._loss(self.formula.scores(theta, self.X[block]), block)

    def _sums(self, theta: FloatArray, block: slice) -> tuple[float, FloatArray]:
        """The sums of a block's losses and of their gradients (k,)."""
        scores, slopes = self.formula.scores_and_slopes(theta, self.X[block])
        return self._loss(scores, block), self._chained(scores, slopes, block)

    def _slope(self, theta: FloatArray, block: slice) -> FloatArray:
        return self._chained(*self.formula.scores_and_slopes(theta, self.X[block]), block)

    def _loss(self, scores: FloatArray, block: slice) -> float:
        return weighted_sum(PAIRS[type(self.loss)].value(self.loss, scores, self.y[block]), self.weights, block)

    def _chained(self, scores: FloatArray, slopes: FloatArray, block: slice) -> FloatArray:
        """The sum of a block's gradients (k,) from its scores (n,) and their derivatives (k, n)."""
        back = PAIRS[type(self.loss)].derivative(self.loss, scores, self.y[block])
        return np.asarray(slopes.dot(back if self.weights is None else back * self.weights[block]))


def formula_batches(data: FormulaRows, rows: IntArray, size: int) -> BatchGradient:
    """A function (theta, k) -> gradient of batch k, the rows [k * size, (k + 1) * size) of `rows`."""
    X, y, weights = data.X[rows], data.y[rows], None if data.weights is None else data.weights[rows]

    def gradient(theta: FloatArray, k: int) -> FloatArray:
        some = slice(k * size, (k + 1) * size)
        own = None if weights is None else weights[some]
        return data._replace(X=X[some], y=y[some], weights=own).gradient(theta)

    return gradient


def refuse_broken_start(data: FormulaRows) -> None:
    """Raise InitialError, with the first such row, where value or derivatives at the start are not finite numbers."""
    for block, scores, slopes in data.scores_and_slopes(data.formula.start):
        broken = ~(np.isfinite(scores) & np.isfinite(slopes).all(axis=0))
        if broken.any():
            k = int(broken.argmax())
            raise InitialError(_complaint(data, block.start + k, scores[k], slopes[:, k]))


def _complaint(data: FormulaRows, k: int, score: float, slopes: FloatArray) -> str:
    row = 1 + row_at(data.places, k)
    cells = ", ".join(
        f"{name} = {cell:g}" for name, cell in zip(data.formula.columns, data.X[slice(k, k + 1)][0], strict=True)
    )
    steep = next((name for name, one in zip(data.formula.parameters, slopes, strict=True) if not np.isfinite(one)), "")
    what = "formula's value" if not np.isfinite(score) else f"formula's derivative by {steep!r}"
    return (
        f"Row {row} ({cells}): the {what} is no finite number at the initial parameters. "
        "Take other initial values, leave such rows out, or change the expression."
    )
