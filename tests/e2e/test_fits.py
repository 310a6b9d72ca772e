"""Weights, gaps, held-out rows and class models, from the CSV to the answer over HTTP."""

from typing import Any

import numpy as np
import pytest
import requests

from tests.support.jobs import submit

RANDOM = np.random.default_rng(12)
ROWS = 120
X, NOISE = RANDOM.normal(size=(ROWS, 2)), RANDOM.normal(size=ROWS)
Y = 4 + X @ [3.0, -2.0] + 0.5 * NOISE
W = RANDOM.integers(0, 4, ROWS)
SCORES = X @ RANDOM.normal(size=(2, 3)) + RANDOM.gumbel(size=(ROWS, 3))


def csv(*columns: Any, header: str = "a,b,y") -> str:
    """Columns of numbers or texts; a number that is not one is a missing cell."""
    lines = ("", *zip(*columns, strict=True))
    return header + "\n".join(",".join("" if cell != cell else str(cell) for cell in line) for line in lines) + "\n"


def result(base: str, text: str, **settings: Any) -> dict[str, Any]:
    """The result of a job that must succeed."""
    job = submit(base, settings, text, wait=30)
    assert job["state"] == "succeeded", job["error"]
    return dict(job["result"])


def least_squares(A: np.ndarray, y: np.ndarray, weights: np.ndarray) -> np.ndarray:
    root = np.sqrt(weights)
    return np.linalg.lstsq(A * root[:, np.newaxis], y * root, rcond=None)[0]


def fitted(found: dict[str, Any]) -> list[float]:
    parameters = found["parameters"]
    return [*parameters["coefficients"].values(), parameters["intercept"]]


A = np.column_stack([X, np.ones(ROWS)])
EXACT = {"tolerance": {"cost": 1e-14}}


def test_weighted_rows(base: str) -> None:
    """The fit and its metrics are those of the rows repeated by their weights."""
    found = result(base, csv(*X.T, Y, W, header="a,b,y,w"), weight_column="w", **EXACT)
    expected = least_squares(A, Y, W)
    residual = A @ expected - Y
    assert fitted(found) == pytest.approx(expected.tolist(), rel=1e-5)
    assert found["metrics"]["train"]["mse"] == pytest.approx(np.average(residual**2, weights=W), rel=1e-6)
    assert found["cost"] == pytest.approx(np.average(residual**2, weights=W) / 2, rel=1e-6)


@pytest.mark.parametrize("missing", ["drop", "mean"])
@pytest.mark.parametrize("scaling", ["standard", "minmax", {"divide_by": 2}], ids=str)
def test_gaps(base: str, missing: str, scaling: Any) -> None:
    """Rows with a gap are left out, or the gap is the column's mean; the scaling does not show in the answer."""
    gaps = np.where(np.arange(ROWS) % 7 == 0, np.nan, X[:, 0])
    found = result(base, csv(gaps, X[:, 1], Y), missing=missing, scaling=scaling, **EXACT)
    filled = np.column_stack([np.where(np.isnan(gaps), np.nanmean(gaps), gaps), X[:, 1], np.ones(ROWS)])
    counted = np.isfinite(gaps) if missing == "drop" else np.ones(ROWS)
    assert fitted(found) == pytest.approx(least_squares(filled, Y, counted).tolist(), rel=1e-4)


def test_rows_held_out_by_a_column(base: str) -> None:
    """The metrics of validation are those of the rows with the value, which no parameter has seen."""
    fold = ["test" if row % 3 == 0 else "train" for row in range(ROWS)]
    held_out = np.arange(ROWS) % 3 == 0
    validation = {"column": "fold", "value": "test"}
    found = result(base, csv(*X.T, Y, fold, header="a,b,y,fold"), validation=validation)
    theta = np.array(fitted(found))
    for side, rows in (("train", ~held_out), ("validation", held_out)):
        assert found["metrics"][side]["mse"] == pytest.approx(((A[rows] @ theta - Y[rows]) ** 2).mean(), rel=1e-9)


def test_rows_held_out_in_another_dataset(base: str) -> None:
    """All rows of the one are trained on, all of the other are validated on."""
    uploaded = requests.post(
        f"{base}/v1/datasets", data=csv(*X[90:].T, Y[90:]), headers={"Content-Type": "text/csv"}, timeout=10
    )
    found = result(base, csv(*X[:90].T, Y[:90]), validation={"dataset": uploaded.json()["id"]})
    theta = np.array(fitted(found))
    assert found["metrics"]["validation"]["mse"] == pytest.approx(((A[90:] @ theta - Y[90:]) ** 2).mean(), rel=1e-9)


def test_early_stopping(base: str) -> None:
    """Forty columns of chance overfit sixty rows: the run ends early and answers with its best parameters."""
    noise = RANDOM.normal(size=(41, ROWS))
    header = ",".join([*(f"x{k}" for k in range(40)), "y"])
    job = submit(
        base,
        {"validation": {"fraction": 0.5}, "early_stopping": {"patience": 3}, "tolerance": {"cost": 0}},
        csv(*noise, header=header),
        wait=30,
    )
    assert job["stop_reason"] == "early_stopping"
    other = job["result"]["other"]
    assert (job["result"]["which"], other["which"]) == ("best", "last")
    assert job["result"]["validation_cost"] < other["validation_cost"]
    assert other["iteration"] < 1000


@pytest.mark.parametrize("names", [("no", "yes"), (0, 1)], ids=["text", "numbers"])
def test_two_classes(base: str, names: tuple[Any, Any]) -> None:
    """Logistic regression: the score of the second class in code-point order, whether text or whole numbers."""
    margins = SCORES[:, 0] - SCORES[:, 1]
    found = result(base, csv(*X.T, [names[int(margin > 0)] for margin in margins]), model="logistic")
    theta, y = np.array(fitted(found)), margins > 0
    p = 1 / (1 + np.exp(-A @ theta))
    train = found["metrics"]["train"]
    assert found["parameters"]["classes"] == [str(name) for name in names]
    assert np.abs(A.T @ (p - y) / ROWS).max() < 1e-3
    assert found["cost"] == pytest.approx(-np.log(np.where(y, p, 1 - p)).mean(), rel=1e-9)
    assert train["accuracy"] == ((p > 0.5) == y).mean()
    assert train["confusion"]["counts"][1] == [int((y & (p <= 0.5)).sum()), int((y & (p > 0.5)).sum())]
    assert 0.5 < train["auc"] <= 1


def test_whole_numbers_are_classes(base: str) -> None:
    """The same fit as with texts in their place; the answer calls them what the CSV calls them."""
    yes = SCORES[:, 0] > SCORES[:, 1]
    texts, numbers = (result(base, csv(*X.T, np.where(yes, *names)), model="logistic") for names in ("yn", (1, 0)))
    assert (texts["parameters"].pop("classes"), numbers["parameters"].pop("classes")) == (["n", "y"], ["0", "1"])
    assert texts["parameters"] == numbers["parameters"]


@pytest.mark.parametrize("batch_size", [None, 16])
def test_three_classes(base: str, batch_size: int | None) -> None:
    """Softmax regression: parameters for each class, probabilities that sum to one, no AUC."""
    names = np.array(["blue", "green", "red"])[SCORES.argmax(axis=1)]
    found = result(base, csv(*X.T, names), model="softmax", batch_size=batch_size, validation={"fraction": 0.25})
    parameters = found["parameters"]
    assert parameters["classes"] == list(parameters["intercept"]) == list(parameters["coefficients"])
    assert [*parameters["coefficients"]["red"]] == ["a", "b"]
    for side, rows in (("train", 90), ("validation", 30)):
        metrics = found["metrics"][side]
        assert np.sum(metrics["confusion"]["counts"]) == rows
        assert metrics["accuracy"] > 0.5
        assert metrics["auc"] is None
    assert found["metrics"]["validation"]["log_loss"] == pytest.approx(found["validation_cost"], rel=1e-12)


@pytest.mark.parametrize("model", ["logistic", "softmax"])
def test_what_was_resolved_repeats_a_class_model(base: str, model: str) -> None:
    """Posting it as explicit settings gives the same costs bit for bit."""
    text = csv(*X.T, np.where(NOISE > 0, "up", "down"))
    first = submit(base, {"model": model, "max_iterations": 40}, text, wait=30)
    again = submit(base, {"model": model, "max_iterations": 40, **first["resolved"]}, text, wait=30)
    costs = [requests.get(f"{base}{job['links']['history']}", timeout=10).json()["cost"] for job in (first, again)]
    assert costs[0] == costs[1]
    assert again["resolved"] == first["resolved"]
