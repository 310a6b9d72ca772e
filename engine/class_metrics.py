"""How well classes are predicted, by the class of the highest score."""

from typing import Any, Final, NamedTuple

import numpy as np

from engine.arrays import FloatArray, IntArray
from engine.classes import Classes
from engine.loss_formulas import PAIRS
from engine.losses import CrossEntropy, LogLoss
from engine.rows import Scored, weighted_sum

MOST_CONFUSED: Final = 100
"""Classes of a confusion matrix: that of 1,000 would be two megabytes in each answer about the job."""


class ClassMetrics(NamedTuple):
    """accuracy: the share of rows predicted rightly.

    log_loss: mean -log of the probability of the true class; None for losses whose scores are no probabilities.
    f1: 2TP / (2TP + FP + FN), of the second class where there are two, else the mean over the classes that occur;
    None where none occurs. confusion: labels, and counts with rows true and columns predicted, sums of weights
    where rows have weights; None for more than MOST_CONFUSED classes. auc, for two classes that both occur, else
    None: the probability that a row of the second class has a higher score than one of the first, ties counted half
    (Hanley and McNeil 1982). All are weighted where the rows have weights.
    """

    accuracy: float
    log_loss: float | None
    f1: float | None
    confusion: dict[str, Any] | None
    auc: float | None


def class_metrics(data: Scored, theta: FloatArray, classes: Classes) -> ClassMetrics:
    """Metrics of the model theta on its rows, whose targets are places in `classes`."""
    counts, margins, losses = _counted(data, theta, len(classes))
    return ClassMetrics(
        accuracy=float(np.trace(counts)) / data.y.size,
        log_loss=losses / data.y.size if isinstance(data.loss, LogLoss | CrossEntropy) else None,
        f1=_f1(counts),
        confusion=_confusion(counts, data, classes) if len(classes) <= MOST_CONFUSED else None,
        auc=_auc(data.y, margins, data.weights) if margins is not None else None,
    )


def _counted(data: Scored, theta: FloatArray, classes: int) -> tuple[FloatArray | IntArray, FloatArray | None, float]:
    """The weight of each pair of true and predicted class, each row's margin of the second of two, and all losses.

    The losses are one weighted sum over the rows.
    """
    value, losses = PAIRS[type(data.loss)].value, 0.0
    pairs = np.empty(data.y.size, dtype=np.int64)
    margins = np.empty(data.y.size) if classes == 2 else None
    for block, scores in data.scores(theta):
        margin = scores if scores.ndim == 1 else scores[:, 1] - scores[:, 0]
        predicted = margin > 0.0 if classes == 2 else scores.argmax(axis=1)
        pairs[block] = data.y[block] * classes + predicted
        losses += weighted_sum(value(data.loss, scores, data.y[block]), data.weights, block)
        if margins is not None:
            margins[block] = margin
    counts = np.bincount(pairs, data.weights, minlength=classes**2)
    return counts.reshape(classes, classes), margins, losses


def _confusion(counts: FloatArray | IntArray, data: Scored, classes: Classes) -> dict[str, Any]:
    """Numbers of rows, or sums of the weights as they were given."""
    in_units = counts if data.weights is None else counts * data.unit
    return {"labels": list(classes), "counts": in_units.tolist()}


def _f1(counts: FloatArray | IntArray) -> float | None:
    occurring = counts.sum(axis=0) + counts.sum(axis=1)
    scores = 2.0 * np.diag(counts) / np.where(occurring > 0.0, occurring, 1.0)
    if len(counts) == 2:
        return float(scores[1]) if occurring[1] > 0.0 else None
    return float(scores[occurring > 0.0].mean())


def _auc(true: FloatArray, margins: FloatArray, weights: FloatArray | None) -> float | None:
    """Mann and Whitney's statistic: each row of the second class against the weight of the first below it."""
    order, starts = _ranked(margins)
    second = true[order] if weights is None else (true * weights)[order]
    first = 1.0 - second if weights is None else weights[order] - second
    del order  # of the size of all rows, as all that follows
    first, second = np.add.reduceat(first, starts), np.add.reduceat(second, starts)
    pairs = float(first.sum() * second.sum())
    below = np.cumsum(first)
    below -= 0.5 * first
    return float(second.dot(below)) / pairs if pairs > 0.0 else None


def _ranked(margins: FloatArray) -> tuple[IntArray, IntArray]:
    """The rows by rising margin, and where among them each margin begins."""
    order = np.argsort(margins)
    ranked = margins[order]
    new = np.concatenate([[True], ranked[1:] != ranked[:-1]])
    return order, np.flatnonzero(new)
