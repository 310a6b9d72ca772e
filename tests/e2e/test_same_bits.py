"""The same settings and rows give the same bits on one machine, however many workers, threads and jobs share it."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
import requests

from tests.support.processes import Stack, stop

ROWS, FEATURES, AT_ONCE = 30_000, 40, 4
KINDS: dict[str, dict[str, Any]] = {
    "least squares": {},
    "logistic": {"model": "logistic"},
    "softmax": {"model": "softmax"},
    "huber": {"loss": "huber", "validation": {"fraction": 0.25}},
    "lasso": {"penalty": {"name": "l1", "strength": 0.01}},
    "single rows": {"batch_size": 1},
    "small batches": {"model": "logistic", "batch_size": 32, "optimizer": "adam", "averaging": True},
    "drawn": {"batch_size": 500, "sampling": "replacement", "initial": "random", "gradient_clip": 1.0},
    "network": {"model": {"name": "network", "hidden": [8]}, "loss": "log_loss", "batch_size": 500},
}


def rows() -> str:
    """More blocks than one thread takes in a run, so that two threads share them."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(ROWS, FEATURES)).round(4)
    y = (X @ rng.normal(size=FEATURES) + rng.logistic(size=ROWS) > 0).astype(int)
    lines = (",".join(map(str, (*row, label))) for row, label in zip(X.tolist(), y.tolist(), strict=True))
    return "\n".join([",".join(f"x{k}" for k in range(FEATURES)) + ",y", *lines, ""])


@pytest.fixture(scope="module")
def dataset(base: str) -> str:
    """The rows' dataset."""
    answer = requests.post(f"{base}/v1/datasets", rows().encode(), headers={"Content-Type": "text/csv"}, timeout=60)
    return str(answer.json()["id"])


@pytest.fixture(scope="module")
def alone(base: str, dataset: str) -> dict[str, str]:
    """The answer of each kind of job, one after the other on a worker with one thread."""
    return {name: fit(base, dataset, settings)[1] for name, settings in KINDS.items()}


@pytest.fixture(scope="module")
def crowded(running: Stack, alone: dict[str, str]) -> Iterator[Stack]:  # noqa: ARG001 - they ran before
    """Three workers, of which one has two threads for a job."""
    worker = running.start_worker(job_threads="2")
    yield running
    running.workers.remove(worker)
    stop(worker)


def fit(base: str, dataset: str, settings: dict[str, Any]) -> tuple[str, str]:
    """The worker of a job, and its whole answer in digits that tell all floats apart."""
    asked = {"dataset": dataset, "target": "y", "max_iterations": 4, "tolerance": {"cost": 0}, "seed": 5, **settings}
    job = requests.post(f"{base}/v1/jobs?wait=60", json=asked, timeout=70).json()
    assert job["state"] == "succeeded", job
    history = requests.get(base + job["links"]["history"], timeout=10).json()
    shown = [job["resolved"], job["result"]["parameters"], job["result"]["metrics"]]
    return job["worker"], json.dumps([*shown, history["cost"], history["validation_cost"], history["gradient_norm"]])


@pytest.mark.parametrize("name", KINDS)
def test_same_bits(crowded: Stack, alone: dict[str, str], dataset: str, name: str) -> None:
    """One job alone, and several at once on three workers."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = list(pool.map(lambda _: fit(crowded.base, dataset, KINDS[name]), range(AT_ONCE)))
    assert {answer for _, answer in found} == {alone[name]}
    assert len({worker for worker, _ in found}) > 1
