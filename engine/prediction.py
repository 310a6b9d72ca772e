"""What a fitted model predicts of rows: numbers, or classes with their probabilities.

The parameters are in the original units of the columns, so nothing of the units of the fit is needed. Cells become
inputs by the same code as in training (``engine/design.py``), unscaled, and all passes are in float64.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from engine.activations import ACTIVATIONS, Activation
from engine.arrays import BoolArray, FloatArray, Rows, count
from engine.classes import Classes
from engine.design import design
from engine.encoding import Feature
from engine.loss_formulas import predictions, probabilities
from engine.losses import CrossEntropy, LogLoss, Loss
from engine.network import Layer
from engine.preparation import Preparation
from engine.table import Table, known_cells

Scores = Callable[[FloatArray], FloatArray]


class Predictor(NamedTuple):
    """A fitted model.

    features: the columns that it reads. scores: from inputs (n, d), which the features fill side by side in original
    units, to scores (n,) or (n, K). classes: empty where numbers are predicted. drops: rows with a missing cell have no
    prediction, as training left them out. width: the most numbers that a row becomes on the way.
    """

    features: tuple[Feature, ...]
    scores: Scores
    loss: Loss
    classes: Classes
    drops: bool
    width: int


class Predictions(NamedTuple):
    """Of n rows, NaN where there is none: rows that were dropped, and numbers beyond float64.

    values (n,): numbers, or places in the classes. probabilities (n, K) of the classes; None for numbers, and for
    losses whose scores are no probabilities.
    """

    values: FloatArray
    probabilities: FloatArray | None


def predict(predictor: Predictor, table: Table, rows: slice) -> Predictions:
    """The predictions of consecutive rows.

    Raises DataError for cells that the model cannot take, which ``engine/prediction_faults.py`` finds beforehand.
    """
    kept = complete(predictor, table, rows) if predictor.drops else None
    if kept is None or kept.all():
        return _of_rows(predictor, table, rows)
    found = _of_rows(predictor, table, rows.start + np.flatnonzero(kept))
    shares = found.probabilities
    return Predictions(_spread(found.values, kept), None if shares is None else _spread(shares, kept))


def complete(predictor: Predictor, table: Table, rows: Rows) -> BoolArray:
    """Which of the rows (n,) have all cells that the model needs."""
    kept = np.ones(count(rows), dtype=np.bool_)
    for feature in predictor.features:
        if feature.fill is None:
            kept &= known_cells(table[feature.name], rows)
    return kept


def has_prediction(predictor: Predictor, scores: FloatArray) -> BoolArray:
    """Which rows (n,) have one: those whose number, or whose every class's score, float64 can hold."""
    with np.errstate(over="ignore", invalid="ignore"):
        finite = np.isfinite(scores if predictor.classes else predictions(predictor.loss, scores))
    return np.asarray(finite if finite.ndim == 1 else finite.all(axis=1))


def scores_of(predictor: Predictor, table: Table, rows: Rows) -> FloatArray:
    """The scores (n,) or (n, K) of rows that are complete; not finite where float64 cannot hold them."""
    with np.errstate(over="ignore", invalid="ignore"):
        return predictor.scores(_inputs(predictor, table, rows))


def linear_scores(weights: FloatArray, intercept: FloatArray | float) -> Scores:
    """X·w + b with weights (d,) and a number, or weights (d, K) and intercepts (K,)."""
    return lambda X: X.dot(weights) + intercept


def network_scores(layers: Sequence[Layer], activation: Activation) -> Scores:
    """The scores of a network whose activation stands between two layers."""

    def scores(X: FloatArray) -> FloatArray:
        a = X
        for layer in layers:
            if a is not X:
                ACTIVATIONS[activation].forward(a)
            a = a.dot(layer.weights) + layer.bias
        return a[:, 0] if a.shape[1] == 1 else a

    return scores


def _inputs(predictor: Predictor, table: Table, rows: Rows) -> FloatArray:
    """The inputs (n, d) of the rows in original units."""
    names = tuple(name for feature in predictor.features for name in feature.names)
    if not names:
        return np.zeros((count(rows), 0))
    unscaled = Preparation(predictor.features, names, True, np.zeros(len(names)), np.ones(len(names)), ())
    return design(unscaled, table, rows)[:]


def _of_rows(predictor: Predictor, table: Table, rows: Rows) -> Predictions:
    scores, loss = scores_of(predictor, table, rows), predictor.loss
    given, shares = has_prediction(predictor, scores), None
    with np.errstate(over="ignore", invalid="ignore"):
        values = _places(scores) if predictor.classes else predictions(loss, scores)
        if isinstance(loss, LogLoss | CrossEntropy):
            shares = _where(given, _probabilities(loss, scores))
    return Predictions(_where(given, values), shares)


def _places(scores: FloatArray) -> FloatArray:
    """The class of the highest score; of two classes with one score, the second where it is positive."""
    return np.asarray(scores > 0.0 if scores.ndim == 1 else scores.argmax(axis=1), dtype=np.float64)


def _probabilities(loss: LogLoss | CrossEntropy, scores: FloatArray) -> FloatArray:
    """Of each class (n, K); of the first of two not as a difference, which would lose the digits of a small one."""
    if isinstance(loss, LogLoss):
        return np.column_stack([probabilities(loss, -scores), probabilities(loss, scores)])
    return probabilities(loss, scores)


def _where(given: BoolArray, values: FloatArray) -> FloatArray:
    """Values (n, ...), NaN in the rows that have none."""
    return np.where(given if values.ndim == 1 else given[:, np.newaxis], values, np.nan)


def _spread(values: FloatArray, kept: BoolArray) -> FloatArray:
    """Values (n, ...) of the rows that were kept, NaN in the others."""
    spread = np.full((kept.size, *values.shape[1:]), np.nan)
    spread[kept] = values
    return spread
