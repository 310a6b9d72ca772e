"""Writes metric_values.json: scikit-learn's metrics of made-up predictions, with and without weights.

Run it with an interpreter that has scikit-learn: `python tests/engine/data/metric_values.py`. Scores are rounded, so
that some are tied.
"""

import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn.metrics import (
    accuracy_score,
    confusion_matrix,
    f1_score,
    log_loss,
    mean_absolute_error,
    mean_squared_error,
    r2_score,
    roc_auc_score,
    root_mean_squared_error,
)

ROWS = 80
random = np.random.default_rng(12)
weights = random.integers(0, 5, ROWS) / 2
margins = np.round(2 * random.normal(size=ROWS), 1)
two = (margins + 2 * random.logistic(size=ROWS) > 0.5).astype(int)
scores = np.round(random.normal(size=(ROWS, 4)), 1)
four = (scores + random.gumbel(size=(ROWS, 4))).argmax(axis=1)
target = np.round(random.normal(10, 3, ROWS), 2)
predicted = np.round(target + random.normal(size=ROWS), 2)


def of_classes(true, found, probabilities, each, auc):
    return {
        "accuracy": accuracy_score(true, found, sample_weight=each),
        "log_loss": log_loss(true, probabilities, sample_weight=each, labels=range(probabilities.shape[1])),
        "f1": f1_score(true, found, sample_weight=each, average="binary" if auc is not None else "macro"),
        "confusion": confusion_matrix(true, found, sample_weight=each).tolist(),
        "auc": auc,
    }


def of_two(each):
    p = 1 / (1 + np.exp(-margins))
    area = roc_auc_score(two, margins, sample_weight=each)
    return of_classes(two, (margins > 0).astype(int), np.column_stack([1 - p, p]), each, area)


def of_four(each):
    powers = np.exp(scores)
    return of_classes(four, scores.argmax(axis=1), powers / powers.sum(axis=1, keepdims=True), each, None)


def of_numbers(each):
    return {
        "mse": mean_squared_error(target, predicted, sample_weight=each),
        "rmse": root_mean_squared_error(target, predicted, sample_weight=each),
        "mae": mean_absolute_error(target, predicted, sample_weight=each),
        "r2": r2_score(target, predicted, sample_weight=each),
    }


found = {
    "peer": f"scikit-learn {sklearn.__version__}",
    "weights": weights.tolist(),
    "two": {"true": two.tolist(), "margins": margins.tolist(), "plain": of_two(None), "weighted": of_two(weights)},
    "four": {"true": four.tolist(), "scores": scores.tolist(), "plain": of_four(None), "weighted": of_four(weights)},
    "numbers": {
        "target": target.tolist(),
        "predicted": predicted.tolist(),
        "plain": of_numbers(None),
        "weighted": of_numbers(weights),
    },
}
(Path(__file__).parent / "metric_values.json").write_text(json.dumps(found) + "\n")
