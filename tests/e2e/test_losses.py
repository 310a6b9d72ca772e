"""Losses and class weights, from the CSV to the answer over HTTP."""

from typing import Any

import numpy as np
import pytest

from tests.support.jobs import post, submit

RANDOM = np.random.default_rng(8)
ROWS = 150
X = RANDOM.normal(size=(ROWS, 2))
Y = 4 + X @ [3.0, -2.0] + RANDOM.standard_t(2, ROWS)
COUNTS = RANDOM.poisson(np.exp(1 + 0.4 * X[:, 0]))
RARE = (X[:, 0] + RANDOM.normal(size=ROWS) > 1.2).astype(int)
A = np.column_stack([X, np.ones(ROWS)])


def csv(target: Any) -> str:
    lines = (",".join(map(str, line)) for line in zip(*X.T, target, strict=True))
    return "\n".join(["a,b,y", *lines]) + "\n"


def result(base: str, target: Any, **settings: Any) -> dict[str, Any]:
    """The result of a job that must succeed."""
    job = submit(base, settings, csv(target), wait=30)
    assert job["state"] == "succeeded", job["error"]
    return dict(job["result"])


def scores(found: dict[str, Any]) -> np.ndarray:
    """Those of the rows, from the parameters in the answer."""
    parameters = found["parameters"]
    return np.asarray(A @ [*parameters["coefficients"].values(), parameters["intercept"]])


PINBALL = np.array([0.2, 0.8])
VALUES: dict[str, tuple[dict[str, Any], Any]] = {
    "absolute": ({"name": "absolute"}, abs),
    "huber": ({"name": "huber", "delta": 2}, lambda r: np.where(abs(r) <= 2, r**2 / 2, 2 * abs(r) - 2)),
    "quantile": ({"name": "quantile", "quantile": 0.8}, lambda r: np.maximum(0.2 * r, -0.8 * r)),
    "log_cosh": ({"name": "log_cosh"}, lambda r: np.log(np.cosh(r))),
}


@pytest.mark.parametrize("name", VALUES)
def test_the_cost_is_the_mean_loss_of_the_answer(base: str, name: str) -> None:
    """And no nudge of a parameter that a person would see lowers it by more than a thousandth."""
    loss, value = VALUES[name]
    found = result(base, Y, loss=loss, max_iterations=3000)
    left = scores(found) - Y
    cost = value(left).mean()
    assert found["cost"] == pytest.approx(cost, rel=1e-9)
    assert found["metrics"]["train"]["mae"] == pytest.approx(np.abs(left).mean(), rel=1e-9)
    nudged = [value(left + sign * 0.3 * column).mean() for column in A.T for sign in (-1, 1)]
    assert min(nudged) > 0.999 * cost


def test_counts(base: str) -> None:
    """At the optimum the predicted means sum to the counts, and do so weighted by each column."""
    found = result(base, COUNTS, loss="poisson", max_iterations=3000)
    means = np.exp(scores(found))
    np.testing.assert_allclose(A.T @ means, A.T @ COUNTS, atol=0.02 * COUNTS.sum())
    assert found["metrics"]["train"]["mse"] == pytest.approx(((means - COUNTS) ** 2).mean(), rel=1e-9)


@pytest.mark.parametrize("loss", ["hinge", "squared_hinge"])
def test_margins(base: str, loss: str) -> None:
    """Classes keep their names, and a score that is no probability has no log loss."""
    found = result(base, np.where(X[:, 0] + 0.5 * RARE > 0, "yes", "no"), model="logistic", loss=loss, seed=1)
    sign = np.where(X[:, 0] + 0.5 * RARE > 0, 1, -1)
    left, train = np.maximum(1 - sign * scores(found), 0), found["metrics"]["train"]
    assert found["cost"] == pytest.approx((left if loss == "hinge" else left**2).mean(), rel=1e-9, abs=1e-15)
    assert found["parameters"]["classes"] == train["confusion"]["labels"] == ["no", "yes"]
    assert (train["accuracy"], train["log_loss"]) == (pytest.approx((sign * scores(found) > 0).mean()), None)


def test_class_weights_by_the_names_of_numbers(base: str) -> None:
    """Balanced by hand and by word is one; more rows of the rare class are found, and metrics count rows once."""
    rare = int(RARE.sum())
    by_hand = {"1": ROWS / (2 * rare), "0": ROWS / (2 * (ROWS - rare))}
    plain, word, hand = (
        result(base, RARE, model="logistic", class_weight=asked) for asked in (None, "balanced", by_hand)
    )
    np.testing.assert_allclose(scores(word), scores(hand), rtol=1e-9)
    missed = [found["metrics"]["train"]["confusion"]["counts"][1][0] for found in (plain, word)]
    assert missed[1] < missed[0]
    p = 1 / (1 + np.exp(-scores(word)))
    likelihoods = -np.log(np.where(RARE, p, 1 - p))
    assert word["metrics"]["train"]["log_loss"] == pytest.approx(likelihoods.mean(), rel=1e-9)
    assert word["cost"] == pytest.approx((likelihoods[RARE == 1].mean() + likelihoods[RARE == 0].mean()) / 2, rel=1e-9)


@pytest.mark.parametrize(
    ("target", "settings", "pointer", "words"),
    [
        (COUNTS - 1, {"loss": "poisson"}, "/target", "holds -1; the loss"),
        (RARE, {"model": "logistic", "class_weight": {"0": 1, "1": 2, "2": 3}}, "/class_weight/2", "are: 0, 1."),
        (RARE, {"model": "logistic", "class_weight": {"1": 2}}, "/class_weight", "no weight for 0"),
        (Y, {"class_weight": "balanced"}, "/class_weight", "predicts numbers"),
        (RARE, {"model": "softmax", "loss": "hinge"}, "/loss", "takes: log_loss."),
    ],
    ids=["negative", "unknown-class", "missing-class", "numbers", "softmax-hinge"],
)
def test_what_does_not_fit_is_refused(base: str, target: Any, settings: Any, pointer: str, words: str) -> None:
    answer = post(base, {"target": "y", **settings}, csv(target))
    assert answer.status_code == 422
    (place,) = answer.json()["errors"]
    assert place["pointer"] == pointer
    assert words in place["detail"]
