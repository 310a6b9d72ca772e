"""Public data with default settings, model and target aside: near the least possible cost, or a word about it."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from contract.dataset import Dataset
from contract.settings import load_settings
from engine.duality import gap_bound
from engine.training import train
from tests.support.datasets import write_dataset
from tests.support.public_data import OPTIMA, ROOT, Fitted, dataset_of, fit
from worker.build import build

NEAR, NEAR_A_KINK, NEAR_WITH_NOISE = 1e-4, 1e-2, 1e-2
KINKS = ("absolute", "quantile", "hinge")
SAID = ("stopped_at_max_iterations", "settled_early", "ill_conditioned")


@pytest.fixture(scope="module")
def datasets(folder: Path) -> dict[str, Dataset]:
    return {name: dataset_of(folder, name) for name in OPTIMA["files"]}


def name_of(case: dict[str, Any]) -> str:
    return f"{case['data']}-{case['settings']['model']}-{case['settings']['loss']['name']}"


def cases() -> list[dict[str, Any]]:
    """Digits take a minute and say nothing that wines do not."""
    return [case for case in OPTIMA["cases"] if case["data"] != "digits"]


def warned(fitted: Fitted) -> dict[str, str]:
    return {warning["code"]: warning["detail"] for warning in fitted.fields["warnings"]}


@pytest.mark.parametrize("case", cases(), ids=name_of)
def test_near_the_least_cost_or_a_word_about_it(folder: Path, datasets: dict[str, Dataset], case: Any) -> None:
    """What is far away says how far, and what the condition number is; a run that says nothing is near."""
    fitted = fit(folder, datasets[case["data"]], case["settings"])
    least, cost = case["least_cost"], fitted.outcome.last.cost
    assert cost >= least - 1e-9 * abs(least)
    said = [text for code, text in warned(fitted).items() if code in SAID]
    near = NEAR_A_KINK if case["settings"]["loss"]["name"] in KINKS else NEAR
    assert cost - least <= near * least or any("above the least possible" in text for text in said)
    assert all("condition number" in text for text in said)
    check_optimum(fitted, least)


def check_optimum(fitted: Fitted, least: float) -> None:
    """What is measured is the reference: exactly, or by duality to a hundredth of the gap."""
    found = fitted.fields["result"]["optimum"]
    if found:
        assert found["cost"] <= least * (1 + 1e-8)
        assert found["cost"] >= least - 0.02 * found["optimality_gap"] - 1e-8 * fitted.outcome.last.cost


@pytest.mark.parametrize("size", [1, 16])
@pytest.mark.parametrize("name", ["absolute", "quantile", "squared", "log_cosh"])
def test_smaller_batches_are_near_or_say_so(folder: Path, datasets: dict[str, Dataset], name: str, size: int) -> None:
    """Within a hundredth where nothing is said, and the gap is measured either way."""
    [case] = [case for case in cases() if case["data"] == "diabetes" and case["settings"]["loss"]["name"] == name]
    fitted = fit(folder, datasets["diabetes"], {**case["settings"], "batch_size": size, "max_iterations": 200})
    said = [text for code, text in warned(fitted).items() if code in SAID]
    near = fitted.outcome.last.cost <= case["least_cost"] * (1 + NEAR_WITH_NOISE)
    assert near or any("above the least possible" in text for text in said)
    assert fitted.fields["result"]["optimum"] is not None
    check_optimum(fitted, case["least_cost"])


@pytest.mark.parametrize("size", [None, 16, 1])
@pytest.mark.parametrize("loss", ["absolute", {"name": "quantile", "quantile": 0.8}, "huber", "log_cosh"], ids=str)
@pytest.mark.parametrize("spread", [1.0, 1e4])
def test_targets_far_from_zero_are_reached(folder: Path, loss: Any, size: int | None, spread: float) -> None:
    """Losses that are straight lines far away begin at a constant, with steps of the size of the way."""
    rows = np.loadtxt(ROOT / "tests/engine/data/diabetes.csv", delimiter=",", skiprows=1)
    columns = {f"x{j}": rows[:, j].tolist() for j in range(10)} | {"y": (1e7 + spread * rows[:, -1]).tolist()}
    given = {"target": "y", "features": [*columns][:-1], "loss": loss, "batch_size": size, "max_iterations": 1500}
    plan = build(load_settings({**given, "dataset": write_dataset(folder, columns)}), [], folder)
    outcome = train(
        plan.problem, plan.method, plan.theta, plan.limits, observe=lambda _: None, interrupted=lambda: None
    )
    gap, measured = gap_bound(plan.problem, outcome.last.theta)
    assert measured
    assert gap <= 2e-2 * outcome.last.cost


TINY_STEPS: dict[str, dict[str, Any]] = {
    "hinge": {"data": "penguins", "loss": "hinge", "learning_rate": 1e-12},
    "absolute": {"data": "diabetes", "loss": "absolute", "learning_rate": 1e-12},
    "quantile": {"data": "diabetes", "loss": "quantile", "learning_rate": 1e-12, "batch_size": 16},
    "huber-of-lines": {"data": "diabetes", "loss": "huber", "learning_rate": 1e-12},
}


@pytest.mark.parametrize("name", TINY_STEPS)
def test_steps_that_lead_nowhere_say_how_far(folder: Path, datasets: dict[str, Dataset], name: str) -> None:
    """A cost that does not move has settled, and the whole way to the least one is measured."""
    given = dict(TINY_STEPS[name])
    wanted, loss = given.pop("data"), given["loss"]
    [case] = [one for one in cases() if one["data"] == wanted and one["settings"]["loss"]["name"] == loss]
    fitted = fit(folder, datasets[wanted], {**case["settings"], **given, "loss": case["settings"]["loss"]})
    gap = fitted.outcome.last.cost - case["least_cost"]
    assert fitted.outcome.reason == "converged"
    assert gap > 0.5 * case["least_cost"]
    assert fitted.fields["result"]["optimum"]["optimality_gap"] == pytest.approx(gap, rel=0.02)
    assert "above the least possible" in warned(fitted)["settled_early"]


def test_a_huber_loss_without_a_curve_is_measured_too(folder: Path, datasets: dict[str, Dataset]) -> None:
    """With a delta of next to nothing the loss is delta times the absolute one, and its squares are none."""
    [case] = [one for one in cases() if (one["data"], one["settings"]["loss"]["name"]) == ("diabetes", "absolute")]
    given = {**case["settings"], "loss": {"name": "huber", "delta": 1e-300}}
    fitted = fit(folder, datasets["diabetes"], given)
    assert "above the least possible" in warned(fitted)["settled_early"]
    assert fitted.fields["result"]["optimum"]["cost"] == pytest.approx(1e-300 * case["least_cost"], rel=0.05)


def test_nearly_dependent_features_are_never_passed_over(folder: Path, datasets: dict[str, Dataset]) -> None:
    """Longley's columns tell nearly the same: the cost is that of NIST, and still there is a word."""
    fitted = fit(folder, datasets["longley"], {"target": "TOTEMP"})
    assert fitted.outcome.last.cost == pytest.approx(26138.25, rel=1e-6)
    assert "condition number is 1.22e+04" in warned(fitted)["ill_conditioned"]


def test_a_cost_that_settled_far_away_says_so(folder: Path, datasets: dict[str, Dataset]) -> None:
    """A large tolerance ends the descent with a gap that is measured."""
    given = {"target": "progression", "tolerance": {"cost": 1e-2}}
    fitted = fit(folder, datasets["diabetes"], given)
    assert fitted.outcome.reason == "converged"
    assert "above the least possible, 1429.85" in warned(fitted)["settled_early"]


@pytest.mark.parametrize(
    ("scaling", "place"), [("standard", "/features"), ("minmax", "/scaling")], ids=["dependent", "apart"]
)
def test_ill_conditioned_features_point_to_their_cure(
    folder: Path, datasets: dict[str, Dataset], scaling: str, place: str
) -> None:
    """Features of one size that tell the same are too many; features of different sizes want another scaling."""
    fitted = fit(folder, datasets["longley"], {"target": "TOTEMP", "scaling": scaling})
    places = [warning["pointer"] for warning in fitted.fields["warnings"] if warning["code"] == "ill_conditioned"]
    assert places == [place]
