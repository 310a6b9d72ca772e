"""Whole steps of small batches over rows with one score each; every function here is compiled.

The arithmetic of a step is that of engine/turns.py with the gradient of engine/rows.py, number by number.
"""

from math import inf, sqrt
from typing import Final, NamedTuple

import numpy as np
from numba.extending import register_jitable

from engine.arrays import FloatArray, IntArray
from engine.kernels.prefetch import prefetch
from engine.kernels.specialised import INLINED, recurrence, slope
from engine.losses import Loss
from engine.optimizers import Optimizer

AHEAD: Final = 32
"""Rows between the one that is read and the one that is asked for, with its target."""

NUMBERS_OF_A_LINE: Final = 8
PREFETCHED: Final = 64
"""Numbers of a row that are asked for; the processor itself goes on from there."""


class Inputs(NamedTuple):
    """Rows X (m, d), targets y (m,), weights (m,) or (0,) for all one, and whether there is an intercept."""

    X: FloatArray
    y: FloatArray
    weights: FloatArray
    intercept: bool


class Rule(NamedTuple):
    """What changes a step: λ₂ by parameter (dimension,) or (0,), the longest gradient, and whether to average.

    decaying: 1 for each parameter (dimension,) that a decay of weights shrinks, 0 for others; (0,) for all.
    """

    ridge: FloatArray
    decaying: FloatArray
    clip: float
    averaging: bool


class Place(NamedTuple):
    """Parameters, slots and mean of the iterates, each (dimension,), which the steps overwrite."""

    theta: FloatArray
    a: FloatArray
    b: FloatArray
    c: FloatArray
    mean: FloatArray


class Turn(NamedTuple):
    """Batches of `size` rows (n,), the last one possibly short, the rates (k,) and constants (k, ·) of their steps.

    taken: the steps before the first one.
    """

    rows: IntArray
    size: int
    rates: FloatArray
    constants: FloatArray
    taken: int


def take_steps(
    h: Optimizer, losses: tuple[Loss, ...], kind: int, inputs: Inputs, rule: Rule, turn: Turn, place: Place
) -> None:
    """Take all steps of a turn by the gradients of the loss losses[kind]."""
    gradient, targets = np.empty(place.theta.size), inputs.y.reshape(inputs.y.size, 1)
    for k in range(turn.rates.size):
        _gradient(losses, kind, inputs, targets, turn, k * turn.size, place.theta, gradient)
        for j in range(rule.ridge.size):
            gradient[j] += rule.ridge[j] * place.theta[j]
        if rule.clip < inf:
            _clip(gradient, rule.clip)
        _move(h, gradient, turn.constants[k], turn.rates[k], rule.decaying, place)
        if rule.averaging:
            for j in range(gradient.size):
                place.mean[j] += (place.theta[j] - place.mean[j]) / (turn.taken + k + 1)


@register_jitable(**INLINED)
def _gradient(
    losses: tuple[Loss, ...],
    kind: int,
    inputs: Inputs,
    targets: FloatArray,
    turn: Turn,
    first: int,
    theta: FloatArray,
    gradient: FloatArray,
) -> None:
    """The mean gradient of the batch that begins at turn.rows[first], into `gradient`; targets are y (m, 1)."""
    X, _y, weights, intercept = inputs
    width, total = X.shape[1], 0.0
    gradient[:] = 0.0
    rows, end = turn.rows, min(first + turn.size, turn.rows.size)
    for i in range(first, end):
        if i + AHEAD < rows.size:
            for j in range(0, min(width, PREFETCHED), NUMBERS_OF_A_LINE):
                prefetch(X, rows[i + AHEAD], j)
            prefetch(X, rows[i + AHEAD], min(width, PREFETCHED) - 1)
            prefetch(targets, rows[i + AHEAD], 0)
        row = rows[i]
        score = float(theta[width]) if intercept else 0.0
        for j in range(width):
            score += float(X[row, j] * theta[j])
        back = slope(losses, kind, score, targets[row, 0])
        if weights.size:
            back *= weights[row]
        for j in range(width):
            gradient[j] += back * X[row, j]
        total += back
    if intercept:
        gradient[width] = total
    for j in range(gradient.size):
        gradient[j] /= end - first


@register_jitable(**INLINED)
def _clip(gradient: FloatArray, most: float) -> None:
    """Shorten the gradient to the norm `most` where it is longer, also where its squares overflow."""
    largest, total = 0.0, 0.0
    for value in gradient:
        largest = max(largest, abs(value))
    unit = largest if largest > 1e100 else 1.0
    for value in gradient:
        total += (value / unit) * (value / unit)
    norm = unit * sqrt(total)
    if not norm <= most:
        for j in range(gradient.size):
            gradient[j] *= most / norm


@register_jitable(**INLINED)
def _move(
    h: Optimizer, gradient: FloatArray, constants: FloatArray, rate: float, decaying: FloatArray, place: Place
) -> None:
    theta, a, b, c, _mean = place
    for j in range(theta.size):
        shrinking = decaying[j] * theta[j] if decaying.size else theta[j]
        direction, a[j], b[j], c[j] = recurrence(h, gradient[j], shrinking, a[j], b[j], c[j], constants)
        theta[j] -= rate * direction
