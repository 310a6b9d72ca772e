"""From settings and columns to the engine, and back: what was resolved can be asked for."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from contract.dataset_file import path_of
from contract.errors import InputCorrupt
from contract.settings import Settings, load_settings
from engine.errors import DataError
from engine.optimizers import OPTIMIZERS, Momentum
from engine.schedules import SCHEDULES, Constant, InverseTime, Piecewise, Schedule
from engine.training import Outcome, train
from tests.support.datasets import write_dataset
from worker.build import Plan, build, explicit, explicit_rate

ROWS = 60
RANDOM = np.random.default_rng(5)
A, NOISE = RANDOM.normal(size=(2, ROWS)).tolist()
COLOURS = ["red", "green", "blue"] * 20
COLUMNS: dict[str, Any] = {
    "a": [100 * value for value in A],
    "k": [7.0] * ROWS,
    "colour": COLOURS,
    "y": [3 + 2 * a + 5 * (colour == "red") + 0.1 * e for a, colour, e in zip(A, COLOURS, NOISE, strict=True)],
}


@pytest.fixture(scope="module")
def dataset(folder: Path) -> str:
    return write_dataset(folder, COLUMNS)


def settings(dataset: str, **given: Any) -> Settings:
    return load_settings({"target": "y", "dataset": dataset, "features": ["a", "k", "colour"], **given})


def run(plan: Plan) -> tuple[Outcome, list[float]]:
    costs: list[float] = []
    outcome = train(
        plan.problem,
        plan.method,
        plan.theta,
        plan.limits,
        observe=lambda point: costs.append(point.cost),
        interrupted=lambda: None,
    )
    return outcome, costs


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_optimizer_as_settings_is_that_optimizer(name: str) -> None:
    optimizer = OPTIMIZERS[name]()
    loaded = load_settings({"target": "y", "optimizer": explicit(optimizer)}).optimizer
    assert loaded == {"name": name, **optimizer._asdict()}


@pytest.mark.parametrize(
    "schedule",
    [Constant(0.125), InverseTime(2.0, 8.0, "iteration"), Piecewise([5, 9], [0.5, 0.25, 0.125], warmup=3)],
    ids=repr,
)
def test_a_schedule_as_settings_is_that_schedule(schedule: Schedule) -> None:
    loaded = load_settings({"target": "y", "learning_rate": explicit_rate(schedule)}).learning_rate
    if isinstance(loaded, dict):
        assert SCHEDULES[loaded.pop("schedule")](**loaded) == schedule
    else:
        assert Constant(loaded) == schedule  # type: ignore[arg-type] # "auto" is none


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"optimizer": "momentum"},
        {"optimizer": "adam", "batch_size": 7},
        {"batch_size": 1, "sampling": "replacement", "initial": "random", "seed": 3},
        {"learning_rate": {"schedule": "inverse_time", "t0": 1, "t1": 10}, "scaling": "none"},
        {"learning_rate": {"schedule": "piecewise", "boundaries": [9], "values": [0.1, 0.01], "warmup": 4}},
        {"validation": {"fraction": 0.3}, "intercept": False},
        {"penalty": {"name": "elastic_net", "strength": 0.5}},
    ],
    ids=["auto", "momentum", "adam", "one-row", "schedule", "piecewise", "validation", "penalty"],
)
def test_what_was_resolved_repeats_the_run(folder: Path, dataset: str, given: dict[str, Any]) -> None:
    """Every "auto" as a number, posted as settings, gives the same costs bit for bit."""
    asked = settings(dataset, max_iterations=30, tolerance={"cost": 0}, **given)
    plan = build(asked, [], folder)
    resolved = plan.fields()["resolved"]
    assert "auto" not in str(resolved)
    again = build(load_settings(asked.to_json() | resolved), [], folder)
    assert again.fields()["resolved"] == resolved
    assert run(again)[1] == run(plan)[1]


def test_explicit_settings_stay_as_they_are(folder: Path, dataset: str) -> None:
    optimizer = {"name": "momentum", "beta": 0.5, "dampening": 0.25, "nesterov": True, "restart": False}
    plan = build(settings(dataset, optimizer=optimizer, learning_rate=0.01, batch_size=4), [], folder)
    assert plan.method.optimizer == Momentum(0.5, 0.25, nesterov=True)
    assert plan.method.schedule == Constant(0.01)
    assert plan.method.batching.size == 4
    assert plan.fields()["resolved"] == {
        "optimizer": optimizer,
        "learning_rate": 0.01,
        "batch_size": 4,
        "features": ["a", "k", "colour"],
        "initial": "zeros",
    }


def test_constant_columns_get_a_warning_after_the_others(folder: Path, dataset: str) -> None:
    before = [{"code": "earlier", "detail": "x", "pointer": "/"}]
    warnings = build(settings(dataset), before, folder).warnings
    assert [warning["code"] for warning in warnings] == ["earlier", "constant_columns"]
    assert "k" in warnings[1]["detail"]


@pytest.mark.parametrize("missing", ["error", "mean"])
def test_categories_of_held_out_rows_alone_are_said_with_their_rows(tmp_path: Path, missing: str) -> None:
    cells = {"c": ["a", "b", "a", "z", "b", "z"], "d": ["e"] * 5 + ["z"], "y": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]}
    asked = {"target": "y", "features": ["c", "d"], "dataset": write_dataset(tmp_path, cells), "missing": missing}
    asked["validation"] = {"fraction": 0.5, "method": "last"}
    found = {one["code"]: one for one in build(load_settings(asked), [], tmp_path).warnings}
    assert found["untrained_categories"]["detail"].startswith("2 held-out rows have a category in column 'c' ")


@pytest.mark.parametrize(
    ("second", "codes"),
    [
        ([value + 1e-9 * noise for value, noise in zip(A, NOISE, strict=True)], ["dependent_columns"]),
        ([2.0 * value for value in A], ["dependent_columns"]),
        ([value + 1e-3 * noise for value, noise in zip(A, NOISE, strict=True)], []),
    ],
    ids=["nearly", "exactly", "apart"],
)
def test_columns_that_float64_cannot_tell_apart_get_a_warning(
    folder: Path, second: list[float], codes: list[str]
) -> None:
    """The least cost is measured without what tells them apart, so that nothing else would say so."""
    given = write_dataset(folder, {"a": A, "b": second, "y": NOISE})
    asked = load_settings({"target": "y", "dataset": given, "features": ["a", "b"]})
    assert [warning["code"] for warning in build(asked, [], folder).warnings] == codes


@pytest.mark.parametrize("model", ["softmax", {"name": "network", "hidden": [2]}], ids=["softmax", "network"])
@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"validation": {"fraction": 1 / 3, "method": "last"}}, "/validation"),
        ({"weight_column": "w"}, "/weight_column"),
        ({}, None),
    ],
    ids=["held-out", "weights", "all"],
)
def test_classes_without_a_training_row_get_a_warning(
    folder: Path, model: Any, given: dict[str, Any], pointer: str | None
) -> None:
    classes, weights = ["u"] * 20 + ["v"] * 20 + ["w"] * 20, [1.0] * 40 + [0.0] * 20
    dataset = write_dataset(folder, {"a": A, "w": weights, "c": classes})
    asked = load_settings(
        {"target": "c", "dataset": dataset, "features": ["a"], "model": model, "loss": "log_loss"} | given
    )
    found = [(warning["code"], warning["pointer"]) for warning in build(asked, [], folder).warnings]
    assert found == ([("untrained_classes", pointer)] if pointer else [])


def test_initial_values_are_in_the_units_of_the_columns(folder: Path, dataset: str) -> None:
    """The first point of the history has the cost that these parameters have on the columns as they are."""
    initial = {"intercept": 1.0, "a": 0.02, "k": 0.0, "colour=green": -1.0, "colour=red": 4.0}
    plan = build(settings(dataset, initial=initial, max_iterations=1), [], folder)
    predicted = np.array(
        [1 + 0.02 * a - (c == "green") + 4 * (c == "red") for a, c in zip(COLUMNS["a"], COLOURS, strict=True)]
    )
    assert run(plan)[1][0] == pytest.approx(((predicted - COLUMNS["y"]) ** 2).mean() / 2)


def test_without_an_intercept_its_name_is_free_for_a_column(folder: Path) -> None:
    columns = {"intercept": [1.0, 2.0, 4.0], "y": [2.0, 4.0, 9.0]}
    given = {"target": "y", "dataset": write_dataset(folder, columns), "features": ["intercept"], "intercept": False}
    plan = build(load_settings({**given, "initial": {"intercept": 2.0}, "max_iterations": 1}), [], folder)
    assert run(plan)[1][0] == pytest.approx((9 - 8) ** 2 / 3 / 2)


def test_validation_rows_are_not_trained_on(folder: Path, dataset: str) -> None:
    plan = build(settings(dataset, validation={"fraction": 0.25, "method": "last"}), [], folder)
    assert plan.data.held_out is not None
    assert plan.data.train.y.tolist() == COLUMNS["y"][:45]
    assert plan.data.held_out.y.tolist() == COLUMNS["y"][45:]


@pytest.mark.parametrize("strength", [0.5, 1e6])
def test_penalties_shrink_the_coefficients_of_the_fit(folder: Path, dataset: str, strength: float) -> None:
    """The strength is that of scaled columns; the start costs what it costs without, as it has no coefficients."""
    plain, given = build(settings(dataset), [], folder), {"penalty": {"name": "l1", "strength": strength}}
    plan = build(settings(dataset, **given), [], folder)
    (free, starts), (shrunk, starts_shrunk) = run(plain), run(plan)
    assert starts_shrunk[0] == starts[0]
    sizes = [np.abs(outcome.last.theta[:-1]) for outcome in (free, shrunk)]
    assert (sizes[1] <= sizes[0]).all()
    assert sizes[1].sum() < sizes[0].sum()
    if strength > 1e3:
        assert sizes[1].tolist() == [0.0] * len(sizes[1])
        assert shrunk.last.theta[-1] == pytest.approx(np.mean(COLUMNS["y"]))


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda path: path.unlink(), id="gone"),
        pytest.param(lambda path: path.write_bytes(b""), id="empty"),
        pytest.param(lambda path: path.write_bytes(path.read_bytes()[:200]), id="cut"),
        pytest.param(lambda path: path.write_bytes(b"x" * 5000), id="something else"),
    ],
)
def test_a_damaged_file_is_input_corrupt(tmp_path: Path, damage: Any) -> None:
    dataset = write_dataset(tmp_path, COLUMNS)
    damage(path_of(tmp_path, dataset))
    with pytest.raises(InputCorrupt, match=dataset):
        build(settings(dataset), [], tmp_path)


def test_a_file_that_is_not_the_records_is_input_corrupt(folder: Path, dataset: str) -> None:
    with pytest.raises(InputCorrupt):
        build(settings(dataset, features=["b"]), [], folder)


@pytest.mark.parametrize(
    "given",
    [
        {"features": ["k"], "intercept": False},
        {"target": "colour", "features": ["a"]},
        {"target": "colour", "features": ["a"], "model": "logistic"},
        {"target": "a", "features": ["y"], "model": "softmax"},
        {"weight_column": "colour", "features": ["a"]},
    ],
    ids=["nothing-varies", "text-target", "three-classes", "fractions-as-classes", "text-weights"],
)
def test_data_that_cannot_be_fitted_is_the_engines_word(folder: Path, dataset: str, given: dict[str, Any]) -> None:
    with pytest.raises(DataError):
        build(settings(dataset, **given), [], folder)
