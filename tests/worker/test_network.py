"""A network from the columns of a dataset to its parameters: they predict what the metrics say, in original units."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from contract.settings import load_settings
from engine.training import train
from tests.support.datasets import write_dataset
from worker.build import Plan, build
from worker.result import ending_of

RANDOM = np.random.default_rng(9)
ROWS = 90
A, B = RANDOM.normal(size=(2, ROWS))
COLOURS = np.array(["blue", "green", "red"])[RANDOM.integers(0, 3, ROWS)]
COLUMNS: dict[str, Any] = {
    "a": (1000 + 50 * A).tolist(),
    "b": B.tolist(),
    "colour": COLOURS.tolist(),
    "same": [0.1] * ROWS,
    "w": RANDOM.integers(0, 3, ROWS).astype(float).tolist(),
    "y": (5e5 + 1e4 * (np.tanh(A) - B * A + (COLOURS == "red")) + 100 * RANDOM.normal(size=ROWS)).tolist(),
    "kind": np.where(A * B > 0, "same", "other").tolist(),
}
FEATURES = ["a", "b", "colour", "same"]
SMALL = {"name": "network", "hidden": [8, 4], "activation": "tanh"}
INPUTS = np.column_stack([COLUMNS["a"], B, *(name == COLOURS for name in ("blue", "green", "red"))])


def ran(folder: Path, **given: Any) -> tuple[Plan, dict[str, Any], list[Any]]:
    """The plan of a job that ran to its end, its result, and the points that were recorded."""
    dataset = write_dataset(folder, COLUMNS)
    settings = {"dataset": dataset, "features": FEATURES, "model": SMALL, "max_iterations": 200, **given}
    loaded = load_settings(settings)
    if loaded.loss["name"] == "by_target":
        loaded = loaded._replace(loss={"name": "log_loss" if loaded.target == "kind" else "squared"})
    plan, points = build(loaded, [], folder), list[Any]()
    outcome = train(plan.problem, plan.method, plan.theta, plan.limits, observe=points.append, interrupted=lambda: None)
    return plan, ending_of(plan, outcome, 1.0)[1], points


def predicted(parameters: dict[str, Any], inputs: np.ndarray) -> np.ndarray:
    """What a client computes from the layers alone."""
    activations = {"tanh": np.tanh, "relu": lambda z: np.maximum(z, 0), "sigmoid": lambda z: 1 / (1 + np.exp(-z))}
    a = inputs
    for layer in parameters["layers"]:
        z = a @ np.array(layer["weights"]) + np.array(layer["bias"])
        a = activations.get(layer["activation"], lambda z: z)(z)
    return np.asarray(a)


@pytest.mark.parametrize("scaling", ["standard", "minmax", {"divide_by": 500}], ids=str)
@pytest.mark.parametrize("initial", ["auto", "random"])
@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid"])
def test_numbers(tmp_path: Path, scaling: Any, initial: str, activation: str) -> None:
    """The layers take original columns and give the target; cost and metrics are those of their predictions."""
    options = {"scaling": scaling, "initial": initial, "max_iterations": 20, "weight_column": "w"}
    _, fields, _ = ran(tmp_path, target="y", model={**SMALL, "activation": activation}, **options)
    result, weights = fields["result"], np.array(COLUMNS["w"])
    parameters = result["parameters"]
    assert parameters["columns"] == ("a", "b", "colour=blue", "colour=green", "colour=red")
    assert [layer["activation"] for layer in parameters["layers"]] == [activation, activation, "identity"]
    assert parameters["classes"] is None
    errors = predicted(parameters, INPUTS)[:, 0] - COLUMNS["y"]
    mse = np.average(errors**2, weights=weights)
    assert result["cost"] == pytest.approx(mse / 2, rel=1e-8)
    train_metrics = result["metrics"]["train"]
    assert train_metrics["mse"] == pytest.approx(mse, rel=1e-8)
    assert train_metrics["mae"] == pytest.approx(np.average(abs(errors), weights=weights), rel=1e-8)
    y = np.array(COLUMNS["y"])
    variance = np.average((y - np.average(y, weights=weights)) ** 2, weights=weights)
    assert train_metrics["r2"] == pytest.approx(1 - mse / variance, rel=1e-6)


def test_the_defaults_fit_numbers_of_any_size(tmp_path: Path) -> None:
    """A target around half a million is fitted by the rate that suits unit sizes."""
    _, fields, _ = ran(tmp_path, target="y", max_iterations=2000, model="network")
    assert fields["result"]["metrics"]["train"]["r2"] > 0.99
    assert fields["resolved"]["learning_rate"] == 1e-3
    assert fields["resolved"]["optimizer"]["name"] == "adam"
    assert set(fields["advice"].values()) == {None}


@pytest.mark.parametrize("batch_size", [None, 16])
def test_classes(tmp_path: Path, batch_size: int | None) -> None:
    """The probabilities are the softmax of the last layer; the accuracy of both sides is in every point."""
    validation = {"fraction": 0.2, "method": "last"}
    _, fields, points = ran(tmp_path, target="kind", batch_size=batch_size, validation=validation, learning_rate=0.03)
    result = fields["result"]
    assert result["parameters"]["classes"] == ("other", "same")
    assert result["parameters"]["layers"][-1]["activation"] == "softmax"
    chosen = predicted(result["parameters"], INPUTS).argmax(axis=1)
    hits = np.array(["other", "same"])[chosen] == COLUMNS["kind"]
    assert result["metrics"]["train"]["accuracy"] == pytest.approx(hits[:72].mean())
    assert result["metrics"]["validation"]["accuracy"] == pytest.approx(hits[72:].mean())
    assert hits[:72].mean() > 0.9
    best = min(points, key=lambda point: point.validation_cost)
    assert best.accuracy == pytest.approx(hits[:72].mean())
    assert best.validation_accuracy == pytest.approx(hits[72:].mean())
    assert all((point.gradient_norm is None) == (batch_size is not None) for point in points)


@pytest.mark.parametrize("target", ["y", "kind"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_what_is_resolved_repeats_the_run(tmp_path: Path, target: str, dtype: str) -> None:
    """Posted as settings it gives the same history bit for bit."""
    options = {"target": target, "model": {**SMALL, "dtype": dtype}, "batch_size": 16, "max_iterations": 5}
    _, fields, points = ran(tmp_path, **options)
    resolved = {name: fields["resolved"][name] for name in ("optimizer", "learning_rate")}
    assert [point.cost for point in ran(tmp_path, **options, **resolved)[2]] == [point.cost for point in points]


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "rmsprop", "adagrad"])
def test_a_rate_for_each_optimizer(tmp_path: Path, optimizer: str) -> None:
    """With the automatic rate the cost falls."""
    _, fields, points = ran(tmp_path, target="kind", optimizer=optimizer, batch_size=16, max_iterations=30)
    assert fields["result"]["cost"] < points[0].cost
    assert fields["stop_reason"] == "max_iterations"


@pytest.mark.parametrize(
    "options",
    [
        {"penalty": {"name": "l2", "strength": 0.1}},
        {"penalty": {"name": "l1", "strength": 0.01}},
        {"class_weight": "balanced"},
        {"class_weight": {"same": 5.0, "other": 1.0}},
        {"gradient_clip": 0.1},
        {"averaging": True},
        {"missing": "drop"},
        {"history": {"every": 7}},
        {"optimizer": "sgd", "learning_rate": {"schedule": "inverse_time", "t0": 5, "t1": 50}},
        {"batch_size": 8, "sampling": "replacement", "steps_per_iteration": 3},
    ],
    ids=str,
)
def test_what_other_models_have(tmp_path: Path, options: dict[str, Any]) -> None:
    """Each changes the answer, and the parameters still predict what the metrics say."""
    costs = []
    for given in ({}, options):
        settings = {"target": "kind", "batch_size": 16, "max_iterations": 10, **given}
        _, fields, _ = ran(tmp_path, **settings)
        result = fields["result"]
        hits = predicted(result["parameters"], INPUTS).argmax(axis=1) == (np.array(COLUMNS["kind"]) == "same")
        assert result["metrics"]["train"]["accuracy"] == pytest.approx(hits.mean())
        costs.append(result["cost"])
    assert (costs[0] == costs[1]) == (set(options) <= {"missing", "history"})


def test_l1_makes_weights_zero(tmp_path: Path) -> None:
    """The automatic optimizer is one whose step the proximal map fits."""
    penalty = {"name": "l1", "strength": 0.05}
    _, fields, _ = ran(tmp_path, target="kind", penalty=penalty, batch_size=16)
    assert fields["resolved"]["optimizer"]["name"] == "momentum"
    first = np.array(fields["result"]["parameters"]["layers"][0]["weights"])
    assert (first == 0).sum() > 3


def test_a_constant_target(tmp_path: Path) -> None:
    """Its spread is nothing to divide by; the prediction is the constant."""
    _, fields, _ = ran(tmp_path, target="same", features=["a", "b"], max_iterations=300)
    assert predicted(fields["result"]["parameters"], INPUTS[:, :2])[:, 0] == pytest.approx(np.full(ROWS, 0.1), abs=0.1)
