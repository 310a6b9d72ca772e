"""How a descent is told: the state and the words for each way to end."""

from collections.abc import Iterator
from itertools import repeat
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from contract.settings import load_settings
from engine.training import Outcome, train
from tests.support.datasets import write_dataset
from worker.build import Plan, build
from worker.result import ending_of

X, NOISE = np.random.default_rng(1).normal(size=(2, 40))
COLUMNS = {"x": (50 + 10 * X).tolist(), "y": (3 + 20 * X + 0.1 * NOISE).tolist()}

LOSSES_OF_NUMBERS = ["absolute", "huber", "quantile", "log_cosh", "poisson"]
WAYS: dict[str, tuple[dict[str, Any], str | None, str, list[str]]] = {
    "converged": ({}, None, "succeeded", []),
    "max_iterations": (
        {"max_iterations": 2, "optimizer": "sgd", "learning_rate": 0.1},
        *(None, "succeeded", ["stopped_at_max_iterations"]),
    ),
    "time_limit": ({}, "time_limit", "succeeded", ["stopped_at_time_limit"]),
    "cancelled": ({}, "cancelled", "cancelled", []),
    "diverged": ({"optimizer": "sgd", "learning_rate": 30}, None, "failed", []),
}


def ended(
    folder: Path, interruption: str | None = None, columns: dict[str, Any] | None = None, **given: Any
) -> tuple[Plan, Outcome, str, dict[str, Any]]:
    dataset = write_dataset(folder, columns or COLUMNS)
    plan = build(load_settings({"target": "y", "dataset": dataset, "features": ["x"], **given}), [], folder)
    answers: Iterator[Any] = repeat(interruption)
    outcome = train(
        plan.problem,
        plan.method,
        plan.theta,
        plan.limits,
        observe=lambda _: None,
        interrupted=lambda: next(answers),
    )
    return plan, outcome, *ending_of(plan, outcome, 1.5)


@pytest.mark.parametrize("reason", WAYS)
def test_every_reason_has_its_state_and_warning(tmp_path: Path, reason: str) -> None:
    """Whatever the reason, parameters, metrics and resolved settings are there."""
    given, interruption, expected, warnings = WAYS[reason]
    _, _, state, fields = ended(tmp_path, interruption, **given)
    assert (state, fields["stop_reason"]) == (expected, reason)
    assert [warning["code"] for warning in fields["warnings"]] == warnings
    assert ("error" in fields) == (state == "failed")
    assert fields["result"]["parameters"]["coefficients"].keys() == {"x"}
    assert fields["result"]["metrics"]["train"].keys() == {"mse", "rmse", "mae", "r2"}
    assert fields["result"]["duration_seconds"] == 1.5
    assert fields["resolved"]["features"] == ["x"]


def test_a_divergence_says_where_it_began_and_what_would_converge(tmp_path: Path) -> None:
    plan, outcome, _, fields = ended(tmp_path, optimizer="sgd", learning_rate=30)
    error = fields["error"]
    assert (error["code"], error["iteration"]) == ("diverged", outcome.first_bad_iteration)
    assert f"{error['suggested_learning_rate']:.4g}" in error["detail"]
    assert 0 < error["suggested_learning_rate"] < 2 / plan.resolved.advice.curvature
    assert fields["result"]["cost"] == outcome.best.cost
    cured = ended(tmp_path, optimizer="sgd", learning_rate=error["suggested_learning_rate"])
    assert cured[3]["stop_reason"] == "converged"


AT_THE_MEAN: dict[str, Any] = {
    "loss": {"name": "quantile", "quantile": 0.9},
    "initial": {"intercept": 1.2, "x": 0},
    "learning_rate": 1e-9,
}


@pytest.mark.parametrize(
    ("offset", "given", "codes"),
    [
        (
            1000.0,
            {"loss": "huber", "initial": "zeros", "learning_rate": 0.01, "batch_size": 4},
            ["worse_than_a_constant"],
        ),
        (1000.0, {"loss": "absolute", "initial": "zeros", "learning_rate": 1e-9}, ["worse_than_a_constant"]),
        (0.0, AT_THE_MEAN, ["worse_than_a_constant"]),
        (0.0, {"loss": "poisson"}, []),
        (1000.0, {"loss": "huber"}, []),
        (0.0, {"penalty": {"name": "l1", "strength": 1e4}, "batch_size": 4}, []),
    ],
    ids=["huber", "absolute", "quantile-at-the-mean", "poisson", "good", "only-a-constant"],
)
def test_a_fit_that_a_constant_beats_is_said(
    tmp_path: Path, offset: float, given: dict[str, Any], codes: list[str]
) -> None:
    """Where the loss is a straight line every step is short, and a cost that hardly falls looks settled."""
    x = np.linspace(-1.0, 1.0, 24)
    _, _, _, fields = ended(tmp_path, columns={"x": x.tolist(), "y": np.round(offset + np.exp(x)).tolist()}, **given)
    found = [warning["code"] for warning in fields["warnings"]]
    assert [code for code in found if code == "worse_than_a_constant"] == codes


@pytest.mark.parametrize("name", ["adamw", "lion"])
def test_the_rate_that_is_suggested_suits_the_decay(tmp_path: Path, name: str) -> None:
    """A rate above 2 / weight_decay makes coefficients grow, whatever the cost's curvature would allow."""
    optimizer = {"name": name, "weight_decay": 1000.0}
    _, _, _, fields = ended(tmp_path, optimizer=optimizer, learning_rate=30.0)
    rate = fields["error"]["suggested_learning_rate"]
    assert 0 < rate <= 1e-3
    _, _, state, _ = ended(tmp_path, optimizer=optimizer, learning_rate=rate, max_iterations=200)
    assert state == "succeeded"


def test_parameters_are_in_the_units_of_the_columns(tmp_path: Path) -> None:
    """Predicting with them on the raw columns gives the metrics that are told."""
    _, _, _, fields = ended(tmp_path)
    parameters = fields["result"]["parameters"]
    x, y = np.array(COLUMNS["x"]), np.array(COLUMNS["y"])
    left = y - parameters["intercept"] - parameters["coefficients"]["x"] * x
    assert fields["result"]["metrics"]["train"] == {
        "mse": pytest.approx((left**2).mean()),
        "rmse": pytest.approx(np.sqrt((left**2).mean())),
        "mae": pytest.approx(np.abs(left).mean()),
        "r2": pytest.approx(1 - (left**2).sum() / ((y - y.mean()) ** 2).sum()),
    }
    assert fields["result"]["cost"] == pytest.approx((left**2).mean() / 2)


def test_without_validation_the_last_parameters_count(tmp_path: Path) -> None:
    _, outcome, _, fields = ended(tmp_path)
    result = fields["result"]
    assert (result["which"], result["other"]["which"]) == ("last", "best")
    assert (result["cost"], result["other"]["cost"]) == (outcome.last.cost, outcome.best.cost)
    assert result["metrics"]["validation"] is None


def test_with_validation_the_best_parameters_count(tmp_path: Path) -> None:
    given = {"validation": {"fraction": 0.3}, "batch_size": 1, "learning_rate": 0.3, "max_iterations": 20}
    _, outcome, _, fields = ended(tmp_path, **given, tolerance={"cost": 0})
    result = fields["result"]
    assert (result["which"], result["other"]["which"]) == ("best", "last")
    assert result["validation_cost"] == outcome.best.validation_cost
    assert result["other"]["iteration"] == outcome.last.iteration == 20
    assert result["metrics"]["validation"]["mse"] == pytest.approx(2 * result["validation_cost"])


def test_held_out_rows_that_nothing_fits_are_said(tmp_path: Path) -> None:
    """What is learned from the training rows is wrong for the others from the first iteration on."""
    columns = {"x": [1.0, 2.0, 3.0, 1.0, 2.0], "y": [1.0, 2.0, 3.0, -1.0, -2.0]}
    held_out = {"fraction": 0.4, "method": "last"}
    _, _, _, fields = ended(tmp_path, columns=columns, validation=held_out, intercept=False)
    assert [warning["code"] for warning in fields["warnings"]] == ["best_is_the_start"]
    assert fields["result"]["parameters"]["coefficients"] == {"x": 0.0}


L2 = {"name": "l2", "strength": 0.01}


@pytest.mark.parametrize(
    ("given", "perfectly"),
    [
        ({}, False),
        ({"model": "logistic"}, True),
        ({"model": "logistic", "penalty": L2}, False),
        ({"model": "logistic", "loss": "squared_hinge"}, False),
        ({"loss": "poisson"}, False),
    ],
    ids=["linear", "logistic", "penalised", "margins", "counts"],
)
def test_a_slow_end_of_what_was_automatic_has_its_own_cure(
    tmp_path: Path, given: dict[str, Any], perfectly: bool
) -> None:
    """Classes that can be told apart are the usual reason why a classifier of probabilities does not settle."""
    columns = {"x": [1.0, 2.0, 3.0, 4.0], "y": [0.0, 0.0, 1.0, 1.0]}
    _, _, _, fields = ended(tmp_path, columns=columns, max_iterations=3, tolerance={"cost": 0}, **given)
    assert ("perfectly" in " ".join(warning["detail"] for warning in fields["warnings"])) == perfectly


def test_standard_errors_are_in_the_units_of_the_columns(tmp_path: Path) -> None:
    """Those of the simple regression's textbook formulas, on the rows that are trained on."""
    _, _, _, fields = ended(tmp_path, validation={"fraction": 0.25, "method": "last"})
    x, y = np.array(COLUMNS["x"])[:30], np.array(COLUMNS["y"])[:30]
    slope = ((x - x.mean()) * (y - y.mean())).sum() / ((x - x.mean()) ** 2).sum()
    variance = ((y - y.mean() - slope * (x - x.mean())) ** 2).sum() / 28
    spread = ((x - x.mean()) ** 2).sum()
    assert fields["result"]["standard_errors"] == {
        "intercept": pytest.approx(np.sqrt(variance * (1 / 30 + x.mean() ** 2 / spread)), rel=1e-9),
        "coefficients": {"x": pytest.approx(np.sqrt(variance / spread), rel=1e-9)},
    }
    _, _, _, fields = ended(tmp_path, penalty={"name": "l2", "strength": 0.1})
    assert fields["result"]["standard_errors"] is None
    assert fields["result"]["optimum"]["optimality_gap"] < 1e-6


def test_the_gap_to_the_optimum_is_never_negative(tmp_path: Path) -> None:
    _, _, _, fields = ended(tmp_path, tolerance={"cost": 0}, max_iterations=3000)
    assert 0 <= fields["result"]["optimum"]["optimality_gap"] < 1e-9
    assert fields["result"]["optimum"]["cost"] == pytest.approx(fields["result"]["cost"])


@pytest.mark.parametrize("automatic", ["auto", "sgd", "momentum", "adagrad", "adam", "rmsprop"])
@pytest.mark.parametrize("batch_size", [None, 8])
@pytest.mark.parametrize("loss", LOSSES_OF_NUMBERS)
def test_every_loss_lowers_its_cost_untuned(tmp_path: Path, loss: str, batch_size: int | None, automatic: str) -> None:
    """Rates that nobody gave lower the cost of a target far from zero, whether the loss bends or not."""
    columns = {"x": COLUMNS["x"], "y": [50.0 + abs(y) for y in COLUMNS["y"]]}
    given = {"loss": loss, "optimizer": automatic, "batch_size": batch_size, "max_iterations": 200}
    plan, outcome, state, fields = ended(tmp_path, columns=columns, **given)
    assert state == "succeeded"
    assert outcome.last.cost < plan.problem.cost_and_gradient(plan.theta)[0]
    assert fields["result"]["metrics"]["train"]["mae"] < np.mean(columns["y"])


@pytest.mark.parametrize("balanced", [True, False], ids=["balanced", "given"])
def test_class_weights_are_in_the_cost_and_not_in_the_metrics(tmp_path: Path, balanced: bool) -> None:
    """8 of 40 rows are of class 1, on both sides: J is the mean of the classes' means, log_loss that of the rows."""
    true = np.tile([0, 0, 1, 0, 0], 8)
    x = X + 2 * true
    given = {"model": "logistic", "class_weight": "balanced" if balanced else {"0": 0.25, "1": 1.0}}
    half = {"fraction": 0.5, "method": "last"}
    columns = {"x": x.tolist(), "y": true.astype(float).tolist()}
    _, outcome, _, fields = ended(tmp_path, columns=columns, validation=half, scaling="none", **given)
    parameters, metrics = fields["result"]["parameters"], fields["result"]["metrics"]
    losses = np.logaddexp(0, np.where(true, -1, 1) * (parameters["intercept"] + parameters["coefficients"]["x"] * x))
    for side, rows, cost in (
        ("train", slice(20), fields["result"]["cost"]),
        ("validation", slice(20, 40), outcome.best.validation_cost),
    ):
        mine, kind = losses[rows], true[rows]
        assert cost == pytest.approx((mine[kind == 0].mean() + mine[kind == 1].mean()) / 2, rel=1e-9)
        assert metrics[side]["log_loss"] == pytest.approx(mine.mean(), rel=1e-9)
        assert np.sum(metrics[side]["confusion"]["counts"], axis=1).tolist() == [16, 4]
    assert outcome.best.iteration > 0


@pytest.mark.parametrize("loss", ["hinge", "squared_hinge"])
def test_scores_of_hinge_losses_are_no_probabilities(tmp_path: Path, loss: str) -> None:
    columns = {"x": X.tolist(), "y": np.where(X + NOISE > 0, "yes", "no").tolist()}
    _, _, state, fields = ended(tmp_path, columns=columns, model="logistic", loss=loss)
    parameters, metrics = fields["result"]["parameters"], fields["result"]["metrics"]["train"]
    scores = parameters["intercept"] + parameters["coefficients"]["x"] * X
    assert (state, parameters["classes"]) == ("succeeded", ("no", "yes"))
    assert metrics["accuracy"] == pytest.approx(((scores > 0) == (X + NOISE > 0)).mean())
    assert metrics["log_loss"] is None
    assert metrics["auc"] > 0.8


def test_poisson_predicts_the_exponential_of_the_score(tmp_path: Path) -> None:
    """The metrics judge e^(b + w x) in the units of the columns; the cost is half the mean deviance."""
    x, y = np.array(COLUMNS["x"]), np.random.default_rng(2).poisson(np.exp(1 + 0.5 * X)) * 1.0
    _, _, _, fields = ended(tmp_path, columns={"x": x.tolist(), "y": y.tolist()}, loss="poisson")
    parameters, metrics = fields["result"]["parameters"], fields["result"]["metrics"]["train"]
    means = np.exp(parameters["intercept"] + parameters["coefficients"]["x"] * x)
    deviance = means - y - y * np.log(means / np.where(y > 0, y, 1))
    assert fields["result"]["cost"] == pytest.approx(deviance.mean(), rel=1e-9)
    assert metrics["mse"] == pytest.approx(((means - y) ** 2).mean(), rel=1e-9)
    assert metrics["mae"] == pytest.approx(np.abs(means - y).mean(), rel=1e-9)
    assert metrics["r2"] == pytest.approx(1 - ((means - y) ** 2).mean() / y.var(), rel=1e-9)


def test_an_l1_fit_that_ends_early_says_how_far(tmp_path: Path) -> None:
    """No least cost is known there, but slope and bend tell."""
    penalty = {"name": "l1", "strength": 1.0}
    given = {"optimizer": "sgd", "learning_rate": 0.1, "scaling": "standard", "penalty": penalty}
    _, outcome, _, fields = ended(tmp_path, max_iterations=20, **given)
    least = ended(tmp_path, penalty=penalty, tolerance={"cost": 0}, max_iterations=500)[1].last.cost
    [warning] = fields["warnings"]
    assert fields["result"]["optimum"] is None
    assert f"about {outcome.last.cost - least:.3g} above the least possible" in warning["detail"]


@pytest.mark.parametrize(("rate", "worse"), [(0.9, True), (1e-4, False)], ids=["large", "small"])
def test_a_cost_above_that_of_the_start_is_said(tmp_path: Path, rate: float, worse: bool) -> None:
    """Single rows push the parameters about the optimum, where this run begins but for a hair."""
    x, y = np.array(COLUMNS["x"]), np.array(COLUMNS["y"])
    slope, intercept = np.polyfit(x, y, 1)
    given = {"initial": {"intercept": intercept + 0.02, "x": slope}, "batch_size": 1, "optimizer": "sgd"}
    _, _, _, fields = ended(tmp_path, learning_rate=rate, max_iterations=20, **given)
    found = [warning for warning in fields["warnings"] if warning["code"] == "worse_than_the_start"]
    assert bool(found) == worse
    assert all(f"ended at {fields['result']['cost']:.6g}, above" in warning["detail"] for warning in found)


def test_a_run_at_the_least_cost_needs_no_word(tmp_path: Path) -> None:
    """Whatever ended it: nothing would help."""
    _, outcome, _, fields = ended(tmp_path, tolerance={"cost": 0}, max_iterations=500, history={"every": 7})
    assert outcome.reason == "max_iterations"
    assert fields["warnings"] == []


@pytest.mark.parametrize("given", [{"gradient_clip": 1e-300}, {"averaging": True}], ids=["clip", "mean"])
def test_the_cure_is_what_the_settings_slow_down(tmp_path: Path, given: dict[str, Any]) -> None:
    [warning] = ended(tmp_path, max_iterations=4, learning_rate=0.1, tolerance={"cost": 0}, **given)[3]["warnings"]
    assert next(iter(given)) in warning["detail"]
