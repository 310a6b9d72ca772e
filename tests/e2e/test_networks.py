"""Networks over HTTP: a client sends rows and predicts others by itself, from nothing but the answer."""

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import requests

from tests.support.jobs import ended, line_csv, submit

DIGITS = Path(__file__).resolve().parent.parent.parent / "examples" / "data" / "digits.csv.gz"
PIXELS = [f"p{k}" for k in range(64)]


def csv(header: list[str], rows: np.ndarray) -> str:
    return "\n".join([",".join(header), *(",".join(f"{cell:g}" for cell in row) for row in rows), ""])


def model_of(base: str, job: dict[str, Any]) -> dict[str, Any]:
    answer = requests.get(base + job["links"]["model"], timeout=10)
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


def scores(model: dict[str, Any], columns: dict[str, np.ndarray]) -> np.ndarray:
    """What the layers make of the columns; softmax changes no order."""
    a = np.column_stack([columns[name] for name in model["parameters"]["columns"]])
    for layer in model["parameters"]["layers"]:
        a = a @ np.array(layer["weights"]) + np.array(layer["bias"])
        a = np.maximum(a, 0) if layer["activation"] == "relu" else a
    return a


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_digits(base: str, dtype: str) -> None:
    """1,437 rows are sent; a client tells 95 % of the other 360 from the model alone.

    The rows are drawn, as the last ones are by other hands than the first.
    """
    with gzip.open(DIGITS) as file:
        rows = np.random.default_rng(0).permutation(np.loadtxt(file, delimiter=","))
    header = [*PIXELS, "digit"]
    settings = {
        "target": "digit",
        "model": {"name": "network", "dtype": dtype},
        "loss": "log_loss",
        "scaling": {"divide_by": 16},
        "batch_size": 32,
        "max_iterations": 30,
    }
    job = submit(base, settings, csv(header, rows[:1437]), wait=60)
    assert job["state"] == "succeeded", job["error"]
    assert job["result"]["parameters"] is None
    assert job["result"]["other"]["parameters"] is None
    model, test = model_of(base, job), rows[1437:]
    predicted = scores(model, dict(zip(header, test.T, strict=True))).argmax(axis=1)
    assert np.mean(np.array(model["parameters"]["classes"])[predicted] == test[:, -1].astype(int).astype(str)) >= 0.95
    history = requests.get(base + job["links"]["history"], timeout=10).json()
    assert history["accuracy"][-1] > 0.99
    assert set(history["gradient_norm"]) == {None}


def test_the_tutorial_of_images(base: str) -> None:
    """784 pixels divided by 255, 128 units, ten classes: SGD 0.01, batches of 32, the last fifth held out."""
    random = np.random.default_rng(0)
    shapes, labels = random.integers(0, 256, (10, 784)), random.integers(0, 10, 400)
    images = np.clip(shapes[labels] + random.normal(0, 60, (400, 784)), 0, 255).round()
    header = [*(f"p{k}" for k in range(784)), "label"]
    settings = {
        "target": "label",
        "model": "network",
        "loss": "log_loss",
        "scaling": {"divide_by": 255},
        "optimizer": "sgd",
        "learning_rate": 0.01,
        "batch_size": 32,
        "max_iterations": 10,
        "validation": {"fraction": 0.2, "method": "last"},
    }
    job = submit(base, settings, csv(header, np.column_stack([images, labels])), wait=60)
    assert (job["state"], job["stop_reason"]) == ("succeeded", "max_iterations")
    history = requests.get(base + job["links"]["history"], timeout=10).json()
    assert len(history["accuracy"]) == len(history["validation_accuracy"]) == 11
    assert history["validation_accuracy"][-1] > 0.9 > history["validation_accuracy"][0]
    model = model_of(base, job)
    predicted = scores(model, dict(zip(header[:-1], images[320:].T, strict=True))).argmax(axis=1)
    metrics = job["result"]["metrics"]["validation"]
    assert np.mean(np.array(model["parameters"]["classes"])[predicted] == labels[320:].astype(str)) == pytest.approx(
        metrics["accuracy"]
    )


def test_every_model_is_there_with_its_features(base: str) -> None:
    """A linear job's too: the parameters of the record, and what the columns became."""
    text = "a,colour,y\n" + "".join(f"{k},{'red' if k % 3 else 'blue'},{2 * k + k % 3}\n" for k in range(30))
    job = submit(base, {"missing": "mean"}, text, wait=30)
    model = model_of(base, job)
    assert model["parameters"] == job["result"]["parameters"]
    assert (model["model"], model["target"], model["columns"]) == ({"name": "linear"}, "y", ["a", "colour=red"])
    spreads = [(one.pop("shift"), one.pop("scale")) for one in model["features"]]
    assert model["features"] == [
        {"name": "a", "type": "number", "columns": ["a"], "levels": None, "fill": 14.5},
        {"name": "colour", "type": "category", "columns": ["colour=red"], "levels": ["blue", "red"], "fill": "red"},
    ]
    assert np.array(spreads)[:, :, 0].tolist() == [
        pytest.approx([14.5, np.std(range(30))]),
        pytest.approx([2 / 3, np.sqrt(2) / 3]),
    ]
    assert (model["missing"], model["weight_column"]) == ("mean", None)


@pytest.mark.parametrize("validation", [None, {"fraction": 0.4, "method": "last"}], ids=["last", "best"])
def test_the_model_keeps_both_parameters(base: str, validation: object) -> None:
    """The others stand beside the answer where they differ from it, as in the result."""
    noise = np.random.default_rng(4).normal(size=(20, 11))
    settings = {
        "target": "y",
        "validation": validation,
        "scaling": "none",
        "max_iterations": 30,
        "tolerance": {"cost": 0},
    }
    settings |= {"learning_rate": 0.02, "optimizer": "sgd"}
    job = submit(base, settings, csv([*(f"x{k}" for k in range(10)), "y"], noise), wait=30)
    result, model = job["result"], model_of(base, job)
    assert (model["which"], model["parameters"]) == (result["which"], result["parameters"])
    if validation is None:
        assert model["other"] is None
    else:
        assert result["other"]["iteration"] > 0
        assert model["other"] == {"which": "last", "parameters": result["other"]["parameters"]}
        assert model["other"]["parameters"] != model["parameters"]


def test_no_model_yet(base: str) -> None:
    """Without a result there is no model, and no link to one; it goes with its job."""
    job = submit(base, {"max_iterations": 10**7, "tolerance": {"cost": 0}, "batch_size": 1}, line_csv())
    assert job["links"]["model"] is None
    path = f"{base}/v1/jobs/{job['id']}"
    answer = requests.get(f"{path}/model", timeout=10)
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    requests.post(f"{path}/cancel", timeout=10)
    ended(base, job["id"])
    requests.delete(path, timeout=10)
    assert requests.get(f"{path}/model", timeout=10).status_code == 404
