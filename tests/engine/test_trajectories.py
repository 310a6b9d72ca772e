"""The paths of the optimizers and the rates of the schedules are PyTorch's; data/trajectories.py asked it for them."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.batches import Batching
from engine.losses import LOSSES
from engine.method import Method
from engine.optimizers import OPTIMIZERS
from engine.problems import linear_problem
from engine.rows import rows_cost
from engine.schedules import Constant, learning_rates
from engine.stopping import Limits
from tests.engine.runs import optimizer_of, run, schedule_of

REFERENCE = json.loads((Path(__file__).parent / "data" / "trajectories.json").read_text())
DATA = {name: np.array(values) for name, values in REFERENCE["data"].items()}
UNKNOWN_TO_PYTORCH = {"lion"}


def name_of(case: dict[str, Any]) -> str:
    return f"{case['problem']}-{'-'.join(str(value) for value in case['optimizer'].values())}"


@pytest.mark.parametrize("case", REFERENCE["paths"], ids=name_of)
def test_fifty_steps_are_pytorchs(case: dict[str, Any]) -> None:
    """With the same gradients all parameters agree to 1e-10 of their size, step by step."""
    y = DATA["y" if case["problem"] == "squared" else "classes"]
    problem = linear_problem(rows_cost(DATA["X"], y, intercept=False, loss=LOSSES[case["problem"]]()))
    method = Method(optimizer_of(case["optimizer"]), Constant(case["learning_rate"]), Batching())
    points = run(problem, method, Limits(REFERENCE["kept"][-1]), DATA["initial"]).points
    found = np.array([points[step].theta for step in REFERENCE["kept"]])
    np.testing.assert_allclose(found, case["theta"], rtol=1e-10, atol=1e-12)


def test_every_optimizer_that_pytorch_has_is_compared() -> None:
    for problem in ("squared", "log_loss"):
        compared = {case["optimizer"]["name"] for case in REFERENCE["paths"] if case["problem"] == problem}
        assert compared == set(OPTIMIZERS) - UNKNOWN_TO_PYTORCH


@pytest.mark.parametrize("case", REFERENCE["rates"], ids=lambda case: "-".join(map(str, case["schedule"].values())))
def test_rates_are_pytorchs(case: dict[str, Any]) -> None:
    """Its schedulers multiply their way from step to step; ours know every step's rate at once."""
    found = learning_rates(schedule_of(case["schedule"]), np.arange(len(case["rates"])), 1)
    np.testing.assert_allclose(found, case["rates"], rtol=1e-12, atol=1e-15)
