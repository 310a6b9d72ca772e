"""Formula jobs in the worker: what is resolved, which rows and columns are read, and how they end badly."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from contract.settings import load_settings
from engine.errors import InitialError
from engine.training import train
from tests.support.datasets import write_dataset
from worker.build import Plan, build
from worker.result import ending_of

ROWS = 60
RANDOM = np.random.default_rng(11)
X = RANDOM.uniform(0.0, 5.0, ROWS)
COLUMNS: dict[str, Any] = {
    "x": X.tolist(),
    "gaps": np.where(np.arange(ROWS) % 10 == 3, np.nan, X).tolist(),
    "same": [2.0] * ROWS,
    "weight": RANDOM.integers(0, 3, ROWS).astype(float).tolist(),
    "colour": ["red", "blue"] * (ROWS // 2),
    "y": (5.0 * np.exp(-0.7 * X) + 1.0 + 0.05 * RANDOM.normal(size=ROWS)).tolist(),
}
DECAY = {"name": "formula", "expression": "a*exp(-b*x) + c"}
START = {"a": 1, "b": 1, "c": 1}


@pytest.fixture(scope="module")
def dataset(folder: Path) -> str:
    return write_dataset(folder, COLUMNS)


def plan_of(folder: Path, dataset: str, **given: Any) -> Plan:
    fixed = {"dataset": dataset, "target": "y", "features": ["x"], "model": DECAY, "initial": START}
    return build(load_settings({**fixed, **given}), [], folder)


def ran(plan: Plan) -> tuple[list[tuple[float, ...]], str, dict[str, Any]]:
    """The history, and how the job ended."""
    rows: list[tuple[float, ...]] = []
    outcome = train(
        plan.problem,
        plan.method,
        plan.theta,
        plan.limits,
        observe=lambda point: rows.append((point.cost, *point.theta)),
        interrupted=lambda: None,
    )
    return rows, *ending_of(plan, outcome, 0.0)


WAYS: dict[str, dict[str, Any]] = {
    "full": {},
    "rows": {"batch_size": 1},
    "subsets": {"batch_size": 7, "sampling": "subset", "steps_per_iteration": 3},
    "l1": {"penalty": {"name": "l1", "strength": 0.01}},
    "l2-in-batches": {"penalty": {"name": "l2", "strength": 0.01}, "batch_size": 8},
    "poisson": {"loss": "poisson"},
    "absolute": {"loss": "absolute"},
    "momentum": {"optimizer": {"name": "momentum", "nesterov": True}},
    "adadelta": {"optimizer": "adadelta", "batch_size": 8},
    "weights-and-validation": {"weight_column": "weight", "validation": {"fraction": 0.2}},
    "unscaled": {"scaling": "none", "optimizer": "adam"},
}


@pytest.mark.parametrize("way", WAYS)
def test_what_was_resolved_repeats_the_run(folder: Path, dataset: str, way: str) -> None:
    """Posted back, every "auto" as a number gives the same bits, and the cost falls on the way."""
    given = {"max_iterations": 20, "tolerance": {"cost": 0}, **WAYS[way]}
    plan = plan_of(folder, dataset, **given)
    resolved = plan.fields()["resolved"]
    assert "auto" not in str(resolved)
    history, state, _ = ran(plan)
    assert history == ran(plan_of(folder, dataset, **{**given, **resolved}))[0]
    assert (state, history[-1][0] < history[0][0]) == ("succeeded", True)


def test_parameters_are_those_of_the_expression(folder: Path, dataset: str) -> None:
    _, state, fields = ran(plan_of(folder, dataset))
    result = fields["result"]
    assert (state, list(result["parameters"])) == ("succeeded", ["a", "b", "c"])
    assert list(result["parameters"].values()) == pytest.approx([5.0, 0.7, 1.0], rel=0.05)
    assert result["metrics"]["train"]["mse"] == pytest.approx(2 * result["cost"], rel=1e-12)
    assert result["standard_errors"].keys() == result["parameters"].keys()
    assert ran(plan_of(folder, dataset, loss="huber"))[2]["result"]["standard_errors"] is None


@pytest.mark.parametrize(("missing", "rows"), [("drop", 54), ("mean", 60)])
def test_missing_cells_go_or_are_filled(folder: Path, dataset: str, missing: str, rows: int) -> None:
    """As in every model; filled with the training mean, in the units of the column."""
    model = {"name": "formula", "expression": "a*exp(-b*gaps) + c"}
    plan = plan_of(folder, dataset, model=model, features=["gaps"], missing=missing)
    assert plan.problem.rows == rows
    fill = plan.data.preparation.features[0].fill
    assert fill == (None if missing == "drop" else pytest.approx(np.nanmean(COLUMNS["gaps"]), rel=1e-12))


def test_a_constant_column_is_a_number_like_any_other(folder: Path, dataset: str) -> None:
    model = {"name": "formula", "expression": "a*x**same + b"}
    plan = plan_of(folder, dataset, model=model, features=["x", "same"], initial={"a": 1, "b": 1})
    expected = 0.5 * np.mean((X**2 + 1.0 - np.array(COLUMNS["y"])) ** 2)
    assert ran(plan)[0][0][0] == pytest.approx(expected, rel=1e-12)
    assert plan.warnings == []


def test_a_row_without_a_number_is_named_by_its_place_in_the_csv(folder: Path, dataset: str) -> None:
    """Also where rows before it are held out."""
    model = {"name": "formula", "expression": "a*log(x - b) + c"}
    last = {"fraction": 0.5, "method": "random"}
    with pytest.raises(InitialError) as raised:
        plan_of(folder, dataset, model=model, validation=last)
    row = int(str(raised.value).split()[1]) - 1
    assert f"x = {X[row]:g}" in str(raised.value)
    assert X[row] <= 1.0


def test_a_divergence_says_when_and_suggests_less(folder: Path, dataset: str) -> None:
    """None where a hundredth of the rate diverges as well, since steps grow threefold."""
    model = {"name": "formula", "expression": "b*x - log(a)"}
    wild = {"name": "rprop", "grow": 3}
    _, state, fields = ran(plan_of(folder, dataset, model=model, initial={"a": 1, "b": 0.001}, optimizer=wild))
    assert (state, fields["error"]["code"], fields["error"]["iteration"]) == ("failed", "diverged", 3)
    assert fields["error"]["suggested_learning_rate"] is None


def test_the_rate_suggested_after_a_divergence_does_not_diverge(folder: Path, dataset: str) -> None:
    _, state, fields = ran(plan_of(folder, dataset, optimizer="sgd", learning_rate=1e3))
    assert state == "failed"
    rate = fields["error"]["suggested_learning_rate"]
    assert ran(plan_of(folder, dataset, optimizer="sgd", learning_rate=rate))[1] == "succeeded"


@pytest.mark.parametrize("size", [1e-12, 1e12])
def test_a_formula_that_fits_worse_than_the_mean_says_so(folder: Path, dataset: str, size: float) -> None:
    _, state, fields = ran(plan_of(folder, dataset, initial=dict.fromkeys(START, size)))
    assert state == "succeeded"
    assert ("worse_than_a_constant" in [one["code"] for one in fields["warnings"]]) == (
        fields["result"]["metrics"]["train"]["r2"] < -0.01
    )
    assert fields["result"]["metrics"]["train"]["r2"] < 0


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"max_iterations": 8}, "stopped_at_max_iterations"),
        ({"tolerance": {"cost": 0.05}}, "settled_early"),
        ({"tolerance": {"cost": 0.05}, "optimizer": "adam", "batch_size": 20}, "settled_early"),
        ({"tolerance": {"cost": 1e-9}}, None),
        ({"max_iterations": 1000, "tolerance": {"cost": 0}}, None),
    ],
    ids=["broken-off", "loose", "batches", "settled", "at-rest"],
)
def test_a_formula_that_ends_before_its_cost_has_settled_says_by_how_much(
    folder: Path, dataset: str, given: dict[str, Any], code: str | None
) -> None:
    """The number is about that to the cost of a long run; one that has settled is silent."""
    _, _, fields = ran(plan_of(folder, dataset, **given))
    assert [one["code"] for one in fields["warnings"]] == ([] if code is None else [code])
    if code is not None:
        least = ran(plan_of(folder, dataset, max_iterations=5000, tolerance={"cost": 0}))[2]["result"]["cost"]
        detail = fields["warnings"][0]["detail"]
        said = re.search(r"By a Gauss-Newton step, .* about (\S+) above the least nearby\.", detail)
        assert said is not None, detail
        assert float(said[1]) == pytest.approx(fields["result"]["cost"] - least, rel=0.3)
