"""Rows as a network takes them, and its scores of them, block by block.

X is in the network's dtype, and so are the passes; scores, losses and sums of them are float64.
"""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray
from engine.design import materialised
from engine.loss_formulas import PAIRS
from engine.losses import Loss, scores_per_row
from engine.network import Architecture, Network
from engine.network_pass import Workspace, workspace
from engine.rows import RowsCost, weighted_sum
from engine.scaling import Spread

NUMBERS_AT_ONCE: Final = 1 << 20
LEAST_ROWS, MOST_ROWS = 64, 1024
"""Rows of a block: enough for products of matrices to be quick, few enough for the cache."""

UNSCALED: Final = Spread(0.0, 1.0)


class NetworkRows(NamedTuple):
    """Inputs X (m, inputs) and targets y (m,) in the units of the fit, and the loss of a row.

    weights (m,) have mean 1, or are None for all one; unit is what they were divided by. target: y is
    (original - shift) / scale of the original targets. counted: the weights of accuracies, which classes have none of.
    threads share the blocks of an evaluation of all rows; their number changes no bit.
    """

    X: NDArray[Any]
    y: FloatArray
    architecture: Architecture
    loss: Loss
    weights: FloatArray | None = None
    unit: float = 1.0
    target: Spread = UNSCALED
    counted: FloatArray | None = None
    threads: int = 1

    def cost(self, theta: FloatArray) -> float:
        """The mean loss of the rows, in the original units of the target where the loss is squared."""
        value = PAIRS[type(self.loss)].value
        sums = (
            weighted_sum(value(self.loss, scores, self.y[block]), self.weights, block)
            for block, scores in self.scores(theta)
        )
        return sum(sums) / self.y.size * self.target.scale**2

    def scores(self, theta: FloatArray) -> Iterator[tuple[slice, FloatArray]]:
        """Blocks of rows with their scores in the units of the fit, (n,) or (n, K)."""
        space = workspace(self.architecture, rows_at_once(self.architecture))
        space.load(theta)
        return ((block, scores_of(space.forward(self.X[block]))) for block in row_blocks(self))


def network_rows(rows: RowsCost, architecture: Architecture, target: Spread = UNSCALED) -> NetworkRows:
    """The rows for a network that has one score for each that the loss asks for."""
    X = materialised(rows.X, architecture.network.dtype)
    y = (rows.y - target.shift) / target.scale
    return NetworkRows(X, y, architecture, rows.loss, rows.weights, rows.unit, target, rows.weights)


def architecture_of(rows: RowsCost, network: Network) -> Architecture:
    """The network between the columns of the rows and the scores of their loss."""
    return Architecture(int(rows.X.shape[1]), network, scores_per_row(rows.loss))


def rows_at_once(architecture: Architecture) -> int:
    """How many rows an evaluation passes through the network together."""
    return max(LEAST_ROWS, min(MOST_ROWS, NUMBERS_AT_ONCE // sum(architecture.sizes)))


def row_blocks(data: NetworkRows) -> Iterator[slice]:
    """Consecutive slices that cover the rows."""
    step = rows_at_once(data.architecture)
    return (slice(start, min(start + step, data.y.size)) for start in range(0, data.y.size, step))


def scores_of(outputs: NDArray[Any]) -> FloatArray:
    """What the losses take: float64, (n, K), or (n,) where K is 1; never a view that the next pass overwrites."""
    scores = outputs.astype(np.float64)
    return scores[:, 0] if scores.shape[1] == 1 else scores


def row_derivatives(data: NetworkRows, scores: FloatArray, rows: Any, space: Workspace) -> FloatArray:
    """Derivatives (n, K) of the weighted losses of the given rows with respect to their scores."""
    back = PAIRS[type(data.loss)].derivative(data.loss, scores, data.y[rows]).reshape(-1, space.architecture.outputs)
    return back if data.weights is None else back * data.weights[rows, np.newaxis]
