"""What was resolved, posted as explicit settings, gives the same history bit for bit, whatever was asked."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from contract.choices import FITTING_LOSSES
from contract.settings import load_settings
from engine.descent import Point
from engine.optimizers import FULL_BATCH_ONLY, OPTIMIZERS
from engine.training import train
from tests.support.datasets import write_dataset
from worker.build import Plan, build

ROWS = 60
X = np.random.default_rng(8).normal(size=(ROWS, 3)) * [1.0, 50.0, 0.01]
SCORE = X @ [1.0, 0.02, -80.0] + np.random.default_rng(9).normal(size=ROWS)
CELLS = ["low", "middle", "high"]
COLUMNS: dict[str, Any] = {
    **{f"x{j}": X[:, j].tolist() for j in range(3)},
    "linear": np.rint(np.exp(SCORE)).tolist(),
    "logistic": [CELLS[int(score > 0)] for score in SCORE],
    "softmax": [CELLS[int(score > -0.5) + int(score > 0.5)] for score in SCORE],
}
FITS = [(model, loss) for model, losses in FITTING_LOSSES.items() if model in COLUMNS for loss in losses]
PENALTIES = [
    {"name": "none"},
    {"name": "l1", "strength": 0.05},
    {"name": "l2", "strength": 0.05},
    {"name": "elastic_net", "strength": 0.05},
]
BATCHES = [
    {},
    {"batch_size": 1},
    {"batch_size": 7},
    {"batch_size": 7, "sampling": "replacement", "steps_per_iteration": 3},
]


@pytest.fixture(scope="module")
def dataset(folder: Path) -> str:
    return write_dataset(folder, COLUMNS)


def asked() -> Iterator[dict[str, Any]]:
    """Optimizer "auto" with every penalty and kind of batch, and every named one with full and smaller batches."""
    for penalty, batches in product(PENALTIES, BATCHES):
        yield {"penalty": penalty, **batches}
    for name, batches in product(OPTIMIZERS, BATCHES[::2]):
        if not batches or OPTIMIZERS[name] not in FULL_BATCH_ONLY:
            yield {"optimizer": name, **batches}
    yield {"optimizer": {"name": "momentum", "nesterov": True, "restart": True}, "penalty": PENALTIES[2]}
    yield {"averaging": True, "batch_size": 7}
    yield {"learning_rate": 1e-3}
    yield {"gradient_clip": 0.1}


def history(plan: Plan) -> list[tuple[float, ...]]:
    points: list[Point] = []
    train(plan.problem, plan.method, plan.theta, plan.limits, observe=points.append, interrupted=lambda: None)
    return [(point.iteration, point.cost, point.learning_rate or 0.0, *point.theta) for point in points]


@pytest.mark.parametrize(("model", "loss"), FITS, ids=lambda value: str(value))
def test_what_was_resolved_repeats_every_run(folder: Path, dataset: str, model: str, loss: str) -> None:
    fixed = {"dataset": dataset, "target": model, "features": ["x0", "x1", "x2"], "model": model, "loss": loss}
    for given in asked():
        settings = load_settings({**fixed, "max_iterations": 8, "tolerance": {"cost": 0}, **given})
        plan = build(settings, [], folder)
        resolved = plan.fields()["resolved"]
        assert "auto" not in str(resolved), given
        again = build(load_settings(settings.to_json() | resolved), [], folder)
        assert again.fields()["resolved"] == resolved, given
        assert history(again) == history(plan), given
