"""What a job takes in a worker is foreseen before it is accepted."""

import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from contract.checks.memory import PROCESS, estimate
from contract.settings import load_settings
from engine.split import held_out_rows
from engine.training import train
from tests.support.datasets import write_dataset
from worker.build import build
from worker.result import ending_of

LONG = 1_500
"""Iterations after which what is said of an answer is little beside the run."""


def peak(settings: dict[str, Any], folder: Path) -> int:
    """The most bytes that NumPy and Python hold while the job is built, run and brought to its end."""
    tracemalloc.start()
    try:
        plan = build(load_settings(settings), [], folder)
        outcome = train(
            plan.problem, plan.method, plan.theta, plan.limits, observe=lambda _: None, interrupted=lambda: None
        )
        ending_of(plan, outcome._replace(iterations=LONG), 1.0)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("rows", "columns", "settings"),
    [
        (40_000, 20, {}),
        (40_000, 20, {"validation": {"fraction": 0.3}}),
        (40_000, 20, {"batch_size": 1000}),
        (40_000, 20, {"batch_size": 1000, "validation": {"fraction": 0.3}, "weight_column": "w"}),
        (40_000, 3, {"batch_size": 100, "weight_column": "w", "missing": "mean"}),
        (40_000, 20, {"target": "class", "model": "softmax"}),
        (40_000, 20, {"target": "class", "model": "logistic"}),
        (40_000, 20, {"target": "class", "model": "logistic", "batch_size": 1000}),
        (40_000, 10, {"loss": "huber", "validation": {"fraction": 0.3}}),
        (3_000, 100, {"loss": "absolute"}),
        (2_000, 500, {}),
        (1_000, 1_200, {}),
        (1_500, 1_000, {"validation": {"fraction": 0.5}}),
    ],
    ids=str,
)
def test_a_job_takes_no_more_than_was_foreseen(
    tmp_path: Path, rows: int, columns: int, settings: dict[str, Any]
) -> None:
    """The estimate holds, and is not so large that it refuses what fits easily."""
    random = np.random.default_rng(1)
    cells: dict[str, Any] = {f"x{k}": random.normal(size=rows) for k in range(columns)}
    cells |= {"w": random.uniform(1, 2, size=rows), "y": random.normal(size=rows)}
    cells["class"] = random.choice(["a", "b"], size=rows).tolist()
    dataset, features = write_dataset(tmp_path, cells, 7_000), [f"x{k}" for k in range(columns)]
    given: dict[str, Any] = {"target": "y", "dataset": dataset, "features": features, "max_iterations": 2} | settings
    scores = 2 if settings.get("model") == "softmax" else 1
    aside = held_out_rows(rows, given.get("validation", {}).get("fraction", 0.0))
    foreseen = estimate(load_settings(given), (rows - aside, aside), columns + 1, scores) - PROCESS
    assert foreseen / 3 < peak(given, tmp_path) < foreseen
