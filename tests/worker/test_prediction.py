"""A model's document predicts what the fit itself did: same metrics on the same rows."""

from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest

from contract.dataset_file import read_columns
from contract.model import unpack_model
from contract.predictor import predictor_of
from contract.settings import load_settings
from engine.prediction import predict
from engine.prediction_faults import faults
from engine.prediction_metrics import prediction_metrics
from engine.training import train
from tests.support.datasets import write_dataset
from worker.build import Plan, build
from worker.result import packed_model, result

ROWS = 90
RANDOM = np.random.default_rng(3)
X = RANDOM.normal(size=(3, ROWS))
LEVEL = RANDOM.integers(0, 3, ROWS)
SCORE = 2.0 * X[0] - X[1] + LEVEL + 0.3 * RANDOM.normal(size=ROWS)
GAPS = np.where(np.arange(ROWS) % 9 == 4, np.nan, 50.0 + 10.0 * X[1])
COLUMNS: dict[str, Any] = {
    "a": (1000.0 + 7.0 * X[0]).tolist(),
    "b": (50.0 + 10.0 * X[1]).tolist(),
    "gaps": GAPS.tolist(),
    "colour": [("red", "blue", "green")[k] for k in LEVEL],
    "w": (1.0 + RANDOM.integers(0, 3, ROWS)).tolist(),
    "number": (40.0 + 5.0 * SCORE).tolist(),
    "count": np.floor(np.exp(0.4 * SCORE)).tolist(),
    "two": ["yes" if score > 1 else "no" for score in SCORE],
    "three": [("low", "mid", "top")[int(np.digitize(score, [0, 2]))] for score in SCORE],
    "digit": np.digitize(SCORE, [0, 2]).astype(float).tolist(),
}
NETWORK = {"name": "network", "hidden": [6, 4], "activation": "tanh"}
WAYS: dict[str, dict[str, Any]] = {
    "linear": {"target": "number"},
    "no-intercept": {"target": "number", "intercept": False},
    "minmax": {"target": "number", "scaling": "minmax"},
    "weights": {"target": "number", "weight_column": "w"},
    "mean": {"target": "number", "features": ["a", "gaps", "colour"], "missing": "mean"},
    "drop": {"target": "number", "features": ["a", "gaps", "colour"], "missing": "drop"},
    "huber": {"target": "number", "loss": "huber"},
    "poisson": {"target": "count", "loss": "poisson"},
    "logistic": {"target": "two", "model": "logistic"},
    "hinge": {"target": "two", "model": "logistic", "loss": "hinge"},
    "softmax": {"target": "three", "model": "softmax"},
    "softmax-without-intercepts": {"target": "digit", "model": "softmax", "intercept": False, "weight_column": "w"},
    "network-of-numbers": {"target": "number", "loss": "squared", "model": NETWORK},
    "network-of-classes": {"target": "three", "loss": "log_loss", "model": {**NETWORK, "activation": "relu"}},
    "network-of-two-classes": {
        "target": "two",
        "loss": "log_loss",
        "model": {**NETWORK, "activation": "sigmoid"},
        "missing": "mean",
    },
    "network-without-layers": {"target": "three", "loss": "log_loss", "model": {**NETWORK, "hidden": []}},
    "formula": {
        "target": "number",
        "features": ["a", "b"],
        "model": {"name": "formula", "expression": "p*a + q*b + classes"},
        "initial": {"p": 0.1, "q": 1, "classes": 1},
    },
    "formula-of-gaps": {
        "target": "count",
        "features": ["gaps"],
        "loss": "poisson",
        "missing": "mean",
        "model": {"name": "formula", "expression": "level + slope*log(gaps)"},
        "initial": {"level": 0, "slope": 0.1},
    },
    "network-of-float32": {"target": "number", "loss": "squared", "model": {**NETWORK, "dtype": "float32"}},
}


def fitted(folder: Path, **given: Any) -> tuple[Plan, dict[str, Any], dict[str, Any]]:
    """The plan, the result and the document of a short run."""
    settings = {"features": ["a", "b", "colour"], "max_iterations": 30, **given}
    plan = build(load_settings({"dataset": write_dataset(folder, COLUMNS), **settings}), [], folder)
    outcome = train(
        plan.problem, plan.method, plan.theta, plan.limits, observe=lambda _: None, interrupted=lambda: None
    )
    return plan, result(plan, outcome, 1.0, None), orjson.loads(unpack_model(packed_model(plan, outcome)))


@pytest.mark.parametrize("way", WAYS)
def test_the_metrics_of_training_come_again(tmp_path: Path, way: str) -> None:
    """Float32 rounds the metrics of training at their seventh digit; predictions are made in float64."""
    plan, found, document = fitted(tmp_path, **WAYS[way])
    settings, predictor = plan.settings, predictor_of(document)
    table = read_columns(tmp_path, settings.dataset or "", list(COLUMNS))
    assert faults(predictor, table, ROWS, 5) == []
    metrics = prediction_metrics(predictor, table, ROWS, settings.target, document["weight_column"])
    assert metrics is not None
    expected = found["metrics"]["train"]
    assert metrics._asdict().get("confusion") == expected.get("confusion")
    figures = {name: value for name, value in expected.items() if isinstance(value, float)}
    rel = 1e-5 if way.endswith("32") else 1e-9
    assert {name: metrics._asdict()[name] for name in figures} == pytest.approx(figures, rel=rel)


def test_a_dropped_row_has_no_prediction(tmp_path: Path) -> None:
    """Rows stay in their places; whichever rows are asked for together, each has its own prediction."""
    plan, _, document = fitted(tmp_path, **WAYS["drop"])
    table = read_columns(tmp_path, plan.settings.dataset or "", list(COLUMNS))
    predictor = predictor_of(document)
    whole = predict(predictor, table, slice(0, ROWS)).values
    assert (np.isnan(whole) == np.isnan(GAPS)).all()
    pieces = [predict(predictor, table, slice(at, at + 7)).values for at in range(0, ROWS - 6, 7)]
    np.testing.assert_allclose(np.concatenate(pieces), whole[: 7 * len(pieces)], rtol=1e-12)


def test_what_cannot_be_predicted_is_found_from_top_to_bottom(tmp_path: Path) -> None:
    plan, _, document = fitted(tmp_path, target="number", features=["a", "colour"])
    columns = {"a": [1.0, float("nan"), 2.0, float("nan")], "colour": ["red", "pink", "mauve", "blue"]}
    table = read_columns(tmp_path, write_dataset(tmp_path, columns), list(columns))
    found = faults(predictor_of(document), table, 4, 3)
    assert [(fault.row, fault.feature.name, fault.level) for fault in found] == [
        (1, "a", None),
        (1, "colour", "pink"),
        (2, "colour", "mauve"),
    ]
    assert plan.data.preparation.features[1].levels == ("blue", "green", "red")
