"""The least cost of every loss, and where it lies, are those that scikit-learn and SciPy find.

`data/loss_optima.py` made the reference and says how each is comparable.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.batches import Batching
from engine.class_weights import class_factors, weigh_classes
from engine.losses import LOSSES, CrossEntropy, Loss
from engine.method import Method
from engine.optimizers import Adam, Momentum
from engine.penalties import L2, NO_PENALTY
from engine.problems import LinearProblem, linear_problem
from engine.rows import rows_cost
from engine.schedules import Constant, InverseTime
from engine.stopping import Limits
from tests.engine.runs import run

HERE = Path(__file__).parent / "data"
ENTRIES: list[dict[str, Any]] = json.loads((HERE / "loss_optima.json").read_text())["entries"]
ROWS = np.loadtxt(HERE / "diabetes.csv", delimiter=",", skiprows=1)
X = np.ascontiguousarray((ROWS[:, :-1] - ROWS[:, :-1].mean(axis=0)) / ROWS[:, :-1].std(axis=0))
Y = ROWS[:, -1]
TARGETS = {
    "progression": Y,
    "count": np.floor(Y / 20),
    "high": (Y > 200) * 1.0,
    "third": np.searchsorted(np.quantile(Y, [1 / 3, 2 / 3]), Y) * 1.0,
}
WEIGHTS = 1.0 + np.arange(Y.size) % 3

HEAVY = Momentum(0.97, nesterov=True)
STRAIGHT = {"absolute": 50.0, "quantile": 50.0, "hinge": 1.0}
"""Losses of straight lines, with the size of their parameters: steps must shrink to come near the least cost."""
RATES = {"log_cosh": 2.5, "poisson": 0.02}
"""Where the bound on the second derivative is none, or far above what it is near the optimum; 1/L else."""
PEERS_DIGITS = {"huber": 1e-4, "log_loss": 1e-5}
"""Parameters agree to 1e-7 of the largest but where the peer, which stops at a gradient of its own, is further off."""


def named(entry: dict[str, Any]) -> str:
    parts = [*map(str, entry["loss"].values()), entry["target"], "weighted" * entry["weighted"], "l2" * ("l2" in entry)]
    return "-".join([*filter(None, parts), *([str(entry["class_weight"])] if entry.get("class_weight") else [])])


def loss_of(entry: dict[str, Any]) -> Loss:
    fields = {name: value for name, value in entry["loss"].items() if name != "name"}
    return CrossEntropy(3) if entry["target"] == "third" else LOSSES[entry["loss"]["name"]](**fields)


def problem_of(entry: dict[str, Any]) -> LinearProblem:
    weights = WEIGHTS if entry["weighted"] else None
    penalised = "l2" in entry
    data = rows_cost(X, TARGETS[entry["target"]], weights, intercept=not penalised, loss=loss_of(entry))
    if entry.get("class_weight"):
        names = ("0", "1", "2") if entry["target"] == "third" else ("0", "1")
        data = weigh_classes(data, class_factors(entry["class_weight"], data, names))
    return linear_problem(data, penalty=L2(entry["l2"]) if penalised else NO_PENALTY)


@pytest.mark.parametrize("entry", ENTRIES, ids=named)
def test_the_cost_is_the_peers(entry: dict[str, Any]) -> None:
    cost, _ = problem_of(entry).cost_and_gradient(np.array(entry["parameters"]).ravel())
    assert cost == pytest.approx(entry["cost"], rel=1e-12)


@pytest.mark.parametrize("entry", [one for one in ENTRIES if one["loss"]["name"] not in STRAIGHT], ids=named)
def test_descent_finds_the_peers_optimum(entry: dict[str, Any]) -> None:
    """Softmax parameters are compared as they differ between the classes: the data fix no more."""
    problem, name = problem_of(entry), entry["loss"]["name"]
    rate = RATES.get(name) or 1.0 / problem.curvature().largest
    last = run(problem, Method(HEAVY, Constant(rate), Batching()), Limits(3000)).outcome.last
    assert last.cost == pytest.approx(entry["cost"], rel=1e-8)
    expected, found = np.array(entry["parameters"]), last.theta.reshape(len(entry["parameters"]), -1)
    if len(expected) > 1:
        expected, found = expected - expected.mean(axis=0), found - found.mean(axis=0)
    np.testing.assert_allclose(found, expected, rtol=0, atol=PEERS_DIGITS.get(name, 1e-7) * np.abs(expected).max())


@pytest.mark.parametrize("entry", [one for one in ENTRIES if one["loss"]["name"] in STRAIGHT], ids=named)
def test_descent_comes_near_the_optimum_of_straight_lines(entry: dict[str, Any]) -> None:
    """And never below it."""
    size = STRAIGHT[entry["loss"]["name"]]
    method = Method(Adam(), InverseTime(6.0 * size, 300.0), Batching())
    last = run(problem_of(entry), method, Limits(3000)).outcome.last
    assert -1e-12 <= last.cost / entry["cost"] - 1.0 < 2e-3
