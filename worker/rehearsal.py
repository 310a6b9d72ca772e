"""Small jobs that a worker runs for itself before it takes any: what the first job of a kind loads is loaded then.

Code is imported at its first use, memory first touched, linear algebra set up: that took the first job of a worker some
50 ms more than the tenth.
"""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from contract.dataset_file import DatasetWriter, path_of
from contract.settings import load_settings
from engine.training import train
from worker.build import Means, build
from worker.result import ending_of

DATASET = "ds_rehearsal"
ROWS = 24
JOBS: tuple[dict[str, Any], ...] = (
    {"target": "y"},
    {"target": "y", "batch_size": 1, "validation": {"fraction": 0.25, "method": "random"}},
    {"target": "kind", "model": "logistic"},
    {"target": "kind", "model": "softmax"},
    {"target": "kind", "model": {"name": "network", "hidden": [2]}, "loss": "log_loss", "batch_size": 8},
    {"target": "y", "features": ["x"], "model": {"name": "formula", "expression": "a*x"}, "initial": {"a": 1}},
)


def rehearse(means: Means) -> None:
    """Run each kind of job on a dataset of a few rows, from its file to its result."""
    with TemporaryDirectory(prefix="thalweg-") as name:
        folder = Path(name)
        _write(folder)
        for job in JOBS:
            _run({"dataset": DATASET, "features": ["x", "colour"], "max_iterations": 3} | job, folder, means)


def _write(folder: Path) -> None:
    x, kinds = np.arange(ROWS, dtype=np.float64), np.arange(ROWS, dtype=np.int32) % 2
    types = {"x": "number", "y": "number", "colour": "category", "kind": "category"}
    with DatasetWriter(path_of(folder, DATASET), types) as writer:  # type: ignore[arg-type] # two literals
        writer.write(np.array([x, x + kinds]), [kinds, kinds])
        writer.finish({"colour": ["red", "blue"], "kind": ["yes", "no"]})


def _run(document: dict[str, Any], folder: Path, means: Means) -> None:
    plan = build(load_settings(document), [], folder, means)
    outcome = train(
        plan.problem, plan.method, plan.theta, plan.limits, observe=lambda _point: None, interrupted=lambda: None
    )
    ending_of(plan, outcome, 0.0)
