"""Predictions from parameters in original units, against scikit-learn's from the same ones, and at the edges."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.arrays import FloatArray
from engine.encoding import Feature
from engine.losses import CrossEntropy, Hinge, LogLoss, Loss, Poisson, Squared
from engine.network import Layer
from engine.prediction import Predictor, Scores, linear_scores, network_scores, predict
from engine.prediction_faults import faults
from engine.prediction_metrics import prediction_metrics
from engine.table import CategoryColumn, NumberColumn, Table

PEERS = json.loads((Path(__file__).parent / "data" / "predictions.json").read_text(encoding="utf-8"))
NAMES = ("a", "b", "c")
BIG = 1e308


def predictor(scores: Scores, loss: Loss, classes: tuple[str, ...] = (), *, drops: bool = False) -> Predictor:
    return Predictor(tuple(Feature(name, (name,)) for name in NAMES), scores, loss, classes, drops, 8)


def table(X: FloatArray) -> Table:
    return {name: NumberColumn(X[:, k]) for k, name in enumerate(NAMES)}


def scores_of(case: dict[str, Any]) -> Scores:
    layers = [Layer(np.array(weights), np.array(bias)) for weights, bias in case.get("layers", [])]
    if layers:
        return network_scores(layers, case["activation"])
    return linear_scores(np.array(case["weights"]), np.array(case["intercept"]))


@pytest.mark.parametrize("name", PEERS["cases"])
def test_predictions_are_scikit_learns(name: str) -> None:
    """From the parameters that it fitted."""
    case = PEERS["cases"][name]
    classes = tuple(case.get("classes", ()))
    losses: dict[str, Loss] = {"squared": Squared(), "poisson": Poisson(), "log_loss": LogLoss(), "hinge": Hinge()}
    loss = CrossEntropy(len(classes)) if case["loss"] == "cross_entropy" else losses[case["loss"]]
    X = np.array(PEERS["rows"])
    found = predict(predictor(scores_of(case), loss, classes), table(X), slice(0, len(X)))
    if not classes:
        assert found.values.tolist() == pytest.approx(case["predictions"], rel=1e-12)
        return
    assert [classes[int(place)] for place in found.values] == case["predictions"]
    if case["probabilities"] is None:
        assert found.probabilities is None
    else:
        np.testing.assert_allclose(found.probabilities, case["probabilities"], rtol=1e-10)


EDGES: dict[str, tuple[Loss, FloatArray, tuple[str, ...], FloatArray]] = {
    "number": (Squared(), np.array([10.0, 0, 0]), (), np.array([BIG, 0, 0])),
    "opposed": (Squared(), np.array([10.0, -10.0, 0]), (), np.array([BIG, BIG, 0])),
    "poisson": (Poisson(), np.array([1.0, 0, 0]), (), np.array([800.0, 0, 0])),
    "two classes": (LogLoss(), np.array([10.0, 0, 0]), ("no", "yes"), np.array([BIG, 0, 0])),
    "classes": (CrossEntropy(2), np.array([[10.0, 0.0]] * 3), ("no", "yes"), np.array([BIG, 0, 0])),
}


@pytest.mark.parametrize("edge", EDGES)
def test_a_score_beyond_float64_gives_no_prediction(edge: str) -> None:
    """The row above has one."""
    loss, weights, classes, wrong = EDGES[edge]
    rows = table(np.array([[1.0, 2.0, 3.0], wrong]))
    found = predict(predictor(linear_scores(weights, 0.0), loss, classes), rows, slice(0, 2))
    assert np.isnan(found.values).tolist() == [False, True]
    if found.probabilities is not None:
        assert np.isnan(found.probabilities).tolist() == [[False] * 2, [True] * 2]


@pytest.mark.parametrize("edge", EDGES)
def test_a_row_without_a_prediction_spoils_no_metric(edge: str) -> None:
    """Those of two rows are those of the one that has a prediction; of the other alone there are none."""
    loss, weights, classes, wrong = EDGES[edge]
    model = predictor(linear_scores(weights, 0.0), loss, classes)
    target = CategoryColumn(np.array([0, 1, 1], dtype=np.int32), classes) if classes else NumberColumn(np.arange(3.0))
    rows: Table = {**table(np.array([[1.0, 2.0, 3.0], wrong, [2.0, 1.0, 3.0]])), "y": target}

    def metrics(*weights: float) -> Any:
        return prediction_metrics(model, {**rows, "w": NumberColumn(np.array(weights))}, 3, "y", "w")

    assert metrics(1.0, 5.0, 1.0) == metrics(1.0, np.nan, 1.0)
    assert metrics(1.0, np.nan, 1.0) is not None
    assert metrics(np.nan, 5.0, np.nan) is None


def test_small_probabilities_keep_their_digits() -> None:
    """Of either class: e^-100, where 1 - p would be zero."""
    found = predict(
        predictor(linear_scores(np.array([1.0, 0, 0]), 0.0), LogLoss(), ("no", "yes")),
        table(np.array([[100.0, 0, 0], [-100.0, 0, 0]])),
        slice(0, 2),
    )
    assert found.probabilities is not None
    assert found.probabilities[[0, 1], [0, 1]].tolist() == pytest.approx([np.exp(-100)] * 2, rel=1e-9)


def test_rows_without_target_or_weight_do_not_count() -> None:
    """And where no row counts there are no metrics."""
    columns: dict[str, Any] = {
        **table(np.array([[1.0, 0, 0], [2.0, 0, 0], [3.0, 0, 0], [np.nan, 0, 0]])),
        "y": NumberColumn(np.array([1.5, np.nan, 3.0, 4.0])),
        "w": NumberColumn(np.array([3.0, 1.0, 1.0, 1.0])),
        "gone": NumberColumn(np.full(4, np.nan)),
    }
    model = predictor(linear_scores(np.array([1.0, 0, 0]), 0.0), Squared(), drops=True)
    metrics = prediction_metrics(model, columns, 4, "y", "w")
    assert metrics is not None
    assert metrics[0] == pytest.approx(3 / 4 * 0.25)
    assert prediction_metrics(model, columns, 4, "gone") is None


def test_an_unseen_level_is_a_fault_unless_it_is_filled() -> None:
    """A dropped cell is none; an unseen level is one all the same."""
    river = CategoryColumn(np.array([0, 1, -1], dtype=np.int32), ("no", "lake"))
    for fill, drops, expected in (
        (None, False, [(1, "lake"), (2, None)]),
        (None, True, [(1, "lake")]),
        ("no", False, []),
    ):
        feature = Feature("river", ("river=yes",), ("no", "yes"), fill)
        model = Predictor((feature,), linear_scores(np.ones(1), 0.0), Squared(), (), drops, 1)
        assert [(fault.row, fault.level) for fault in faults(model, {"river": river}, 3, 9)] == expected
