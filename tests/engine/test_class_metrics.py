"""Metrics of classes against their definitions."""

from math import log

import numpy as np
import pytest

from engine.class_metrics import MOST_CONFUSED, ClassMetrics, class_metrics
from engine.losses import CrossEntropy, LogLoss
from engine.rows import rows_cost

TRUE = [0.0, 0, 0, 0, 1, 1, 1, 1]
MARGINS = [-2.0, -1, 0.5, 1, -1, 1, 2, 3]


def of_margins(true: list[float], margins: list[float], weights: list[float] | None = None) -> ClassMetrics:
    """A logistic model whose one column is the score."""
    given = None if weights is None else np.array(weights)
    data = rows_cost(np.array(margins)[:, np.newaxis], np.array(true), given, intercept=False, loss=LogLoss())
    return class_metrics(data, np.ones(1), ("no", "yes"))


def of_scores(true: list[float], scores: list[list[float]]) -> ClassMetrics:
    """A softmax model whose columns are the scores."""
    classes = len(scores[0])
    data = rows_cost(np.array(scores), np.array(true), intercept=False, loss=CrossEntropy(classes))
    return class_metrics(data, np.eye(classes).ravel(), tuple("abcd"[:classes]))


def figures(metrics: ClassMetrics) -> list[float | None]:
    """All but the counts."""
    return [metrics.accuracy, metrics.log_loss, metrics.f1, metrics.auc]


def test_two_classes_by_hand() -> None:
    """TP 3, FP 2, FN 1, TN 2; of 16 pairs 12 are in order and 2 tied, a half each."""
    metrics = of_margins(TRUE, MARGINS)
    assert metrics.confusion == {"labels": ["no", "yes"], "counts": [[2, 2], [1, 3]]}
    assert metrics.accuracy == 5 / 8
    assert metrics.f1 == pytest.approx(6 / 9, rel=1e-15)
    assert metrics.auc == pytest.approx(13 / 16, rel=1e-15)
    p = 1 / (1 + np.exp(-np.array(MARGINS)))
    assert metrics.log_loss == pytest.approx(-np.log(np.where(np.array(TRUE) == 1, p, 1 - p)).mean(), rel=1e-12)


def test_auc_is_the_share_of_pairs_in_order() -> None:
    """Against all pairs one by one, with many ties."""
    random = np.random.default_rng(5)
    true, margins = random.integers(0, 2, 200), random.integers(-5, 6, 200) / 2
    apart = margins[true == 1][:, np.newaxis] - margins[true == 0]
    expected = ((apart > 0) + 0.5 * (apart == 0)).mean()
    assert of_margins(true.astype(float).tolist(), margins.tolist()).auc == pytest.approx(expected, rel=1e-12)


def test_three_classes_by_hand() -> None:
    """F1 is the mean of 2/3, 0 and 4/5; there is no AUC."""
    scores = [[2.0, 0, 0], [0, 0, 1], [0, 1, 3], [0, 0, 1]]
    metrics = of_scores([0, 0, 2, 2], scores)
    assert metrics.confusion == {"labels": ["a", "b", "c"], "counts": [[1, 0, 1], [0, 0, 0], [0, 0, 2]]}
    assert (metrics.accuracy, metrics.auc) == (0.75, None)
    assert metrics.f1 == pytest.approx((2 / 3 + 4 / 5) / 2, rel=1e-15)
    probabilities = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    expected = -sum(log(probabilities[row, true]) for row, true in enumerate([0, 0, 2, 2])) / 4
    assert metrics.log_loss == pytest.approx(expected, rel=1e-12)


def test_softmax_of_two_classes_is_judged_like_logistic() -> None:
    """The margin is the difference of the two scores."""
    one, other = of_margins(TRUE, MARGINS), of_scores(TRUE, [[1.0, 1 + margin] for margin in MARGINS])
    assert figures(other) == pytest.approx(figures(one), rel=1e-12)


def test_weights_count_rows() -> None:
    """Integer weights are repeated rows, also in the counts, whatever else they are scaled to."""
    weights = [3, 0, 1, 2, 1, 1, 0, 2]
    repeated = of_margins(np.repeat(TRUE, weights).tolist(), np.repeat(MARGINS, weights).tolist())
    weighted = of_margins(TRUE, MARGINS, [float(weight) for weight in weights])
    assert weighted.confusion
    assert repeated.confusion
    np.testing.assert_allclose(weighted.confusion["counts"], repeated.confusion["counts"], rtol=1e-12)
    assert figures(weighted) == pytest.approx(figures(repeated), rel=1e-12)


@pytest.mark.parametrize(
    ("true", "f1", "auc"), [([0.0, 0.0], None, None), ([1.0, 1.0], 0.0, None)], ids=["none", "all-missed"]
)
def test_a_class_that_does_not_occur(true: list[float], f1: float | None, auc: float | None) -> None:
    """A figure that compares with rows that are not there is unknown, not a division by zero."""
    metrics = of_margins(true, [-1.0, -2.0])
    assert (metrics.f1, metrics.auc) == (f1, auc)


def test_blocks_do_not_show() -> None:
    """Rows of many blocks are judged like rows of one."""
    random = np.random.default_rng(0)
    X, y, theta = random.normal(size=(70_000, 3)), random.integers(0, 3, 70_000), random.normal(size=(3, 4))
    predicted = (X @ theta[:, :3].T + theta[:, 3]).argmax(axis=1)
    data = rows_cost(X, y.astype(float), intercept=True, loss=CrossEntropy(3))
    metrics = class_metrics(data, theta.ravel(), ("a", "b", "c"))
    assert metrics.accuracy == pytest.approx((predicted == y).mean(), rel=1e-12)
    assert metrics.confusion
    assert np.sum(metrics.confusion["counts"]) == 70_000


@pytest.mark.parametrize("classes", [MOST_CONFUSED, MOST_CONFUSED + 1])
def test_many_classes_have_no_confusion_matrix(classes: int) -> None:
    """It would be the largest part of a job by far; the figures stay."""
    names = tuple(f"{k:03}" for k in range(classes))
    data = rows_cost(np.ones((4, 1)), np.arange(4.0), intercept=False, loss=CrossEntropy(classes))
    metrics = class_metrics(data, np.zeros(classes), names)
    assert ((metrics.confusion is None), metrics.accuracy) == (classes > MOST_CONFUSED, 0.25)
