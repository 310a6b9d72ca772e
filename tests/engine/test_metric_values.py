"""All metrics, with weights and without, are scikit-learn's; `data/metric_values.py` made the reference."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.class_metrics import class_metrics
from engine.losses import CrossEntropy, LogLoss, Squared
from engine.metrics import regression_metrics
from engine.rows import rows_cost

FOUND: dict[str, Any] = json.loads((Path(__file__).parent / "data" / "metric_values.json").read_text())
WAYS = pytest.mark.parametrize("way", ["plain", "weighted"])


def weights(way: str) -> np.ndarray | None:
    return np.array(FOUND["weights"]) if way == "weighted" else None


@WAYS
def test_numbers(way: str) -> None:
    of = FOUND["numbers"]
    inputs, targets = np.array(of["predicted"])[:, np.newaxis], np.array(of["target"])
    data = rows_cost(inputs, targets, weights(way), intercept=False, loss=Squared())
    assert regression_metrics(data, np.ones(1))._asdict() == pytest.approx(of[way], rel=1e-12)


@WAYS
@pytest.mark.parametrize("kind", ["two", "four"])
def test_classes(kind: str, way: str) -> None:
    """Ties between scores count half in the area under the curve; F1 is the second class's of two, else the mean."""
    of, expected, names = FOUND[kind], FOUND[kind][way], ("a", "b", "c", "d")[: 2 if kind == "two" else 4]
    scores = np.array(of["margins"])[:, np.newaxis] if kind == "two" else np.array(of["scores"])
    loss = LogLoss() if kind == "two" else CrossEntropy(4)
    data = rows_cost(scores, np.array(of["true"]) * 1.0, weights(way), intercept=False, loss=loss)
    found = class_metrics(data, np.eye(scores.shape[1]).ravel(), names)._asdict()
    counts = found.pop("confusion")
    assert counts["labels"] == list(names)
    np.testing.assert_allclose(counts["counts"], expected["confusion"], rtol=1e-12)
    figures = [[of_either[name] for name in found] for of_either in (found, expected)]
    np.testing.assert_allclose(*np.array(figures, dtype=float), rtol=1e-12)  # None becomes NaN, which equals NaN
