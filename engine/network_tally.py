"""What a pass of a network over all rows comes to, with blocks of rows shared by threads or with their gradient."""

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from engine.arrays import FloatArray
from engine.loss_formulas import PAIRS
from engine.losses import CrossEntropy
from engine.network_pass import Workspace, workspace
from engine.network_rows import NetworkRows, row_blocks, row_derivatives, rows_at_once, scores_of
from engine.rows import weighted_sum
from engine.threads import in_order


class Tally(NamedTuple):
    """The mean loss, and the share of rows whose class is predicted."""

    loss: float
    accuracy: float | None


def spaces_for(data: NetworkRows) -> tuple[Workspace, ...]:
    """One for each thread of the rows."""
    return tuple(workspace(data.architecture, rows_at_once(data.architecture)) for _ in range(data.threads))


def tallied(data: NetworkRows, spaces: Sequence[Workspace], theta: FloatArray) -> Tally:
    """The tally of the rows, whose blocks as many threads share as there are spaces; their number changes no bit."""
    for space in spaces:
        space.load(theta)
    free = deque(spaces)

    def of_block(block: slice) -> Tally:
        space = free.pop()
        sums = _sums(data, block, scores_of(space.forward(data.X[block])))
        free.append(space)
        return sums

    return _mean(data, list(in_order(of_block, row_blocks(data), len(spaces))))


def tallied_with_gradient(data: NetworkRows, space: Workspace, theta: FloatArray) -> tuple[Tally, FloatArray]:
    """The tally of the rows, and the gradient (dimension,) of the sum of their losses, in one thread.

    Gradients of all blocks together, as threads would make them, might be larger than the rows.
    """
    sums, gradient = list[Tally](), np.zeros(data.architecture.dimension)
    space.load(theta)
    for block in row_blocks(data):
        scores = scores_of(space.forward(data.X[block]))
        sums.append(_sums(data, block, scores))
        gradient += space.backward(data.X[block], row_derivatives(data, scores, block, space))
    return _mean(data, sums), gradient


def _sums(data: NetworkRows, block: slice, scores: FloatArray) -> Tally:
    """Of the rows of a block, as sums."""
    y = data.y[block]
    loss = weighted_sum(PAIRS[type(data.loss)].value(data.loss, scores, y), data.weights, block)
    if not isinstance(data.loss, CrossEntropy):
        return Tally(loss, None)
    return Tally(loss, weighted_sum((scores.argmax(axis=1) == y).astype(np.float64), data.counted, block))


def _mean(data: NetworkRows, sums: list[Tally]) -> Tally:
    hits = None if not isinstance(data.loss, CrossEntropy) else sum(one.accuracy or 0.0 for one in sums)
    return Tally(sum(one.loss for one in sums) / data.y.size, None if hits is None else hits / data.y.size)
