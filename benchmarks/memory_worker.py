"""A worker's memory: least squares on a CSV of 3 GB under a limit of 1 GB, and jobs that hold their matrix.

    python -m benchmarks.memory_worker

Each job is the first of a fresh worker. Memory is the peak of the anonymous memory of the process that runs it: the
dataset's file is mapped, and its pages are the system's. Jobs that hold their matrix are held against what they take
beyond the idle worker.
With `1` as argument the file has 1 GB.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np
import orjson
import psutil
import pyarrow as pa
from pyarrow import csv

from benchmarks.client import connect, exchange, get, head, read_answer, send_file
from benchmarks.installation import ROOT, installation
from benchmarks.table import Row, at_most, print_table
from benchmarks.upload_memory import watched

FEATURES = 20
GIGABYTES = 3
ROWS_OF_A_GIGABYTE = 5_400_000
ROWS_OF_A_MATRIX = 1_000_000
AT_ONCE = 100_000
LIMIT = 1 << 30
MIB = 1 << 20
SHARE = 1.5
PATIENCE = 1200.0
PLAIN = {"target": "y", "max_iterations": 20, "tolerance": {"cost": 0}}
HOLDING: dict[str, dict[str, Any]] = {
    "stochastic": PLAIN | {"batch_size": 1, "max_iterations": 2},
    "mini-batch 256, random 20 % held out": PLAIN
    | {"batch_size": 256, "max_iterations": 2, "validation": {"fraction": 0.2, "method": "random"}},
    "logistic, full batch": {"target": "kind", "model": "logistic", "max_iterations": 3},
}


class Memory(NamedTuple):
    """Anonymous MiB of a worker before its job, and the most during it."""

    idle: float
    most: float


def measure(gigabytes: int = GIGABYTES) -> list[Row]:
    """The large file under the limit, then jobs on a matrix of 1,000,000 rows."""
    (ROOT / "var").mkdir(exist_ok=True)
    with TemporaryDirectory(prefix="benchmark-", dir=ROOT / "var") as folder:
        large = generate(Path(folder, "large.csv"), gigabytes * ROWS_OF_A_GIGABYTE)
        size = large.stat().st_size / 1e9
        streamed = peak(large, PLAIN)
        found = [
            Row("worker's memory, idle", f"{streamed.idle:.0f} MiB"),
            at_most(f"worker's peak memory, least squares on {size:.2f} GB", streamed.most, LIMIT / MIB, "MiB"),
        ]
        large.unlink()
        path = generate(Path(folder, "rows.csv"), ROWS_OF_A_MATRIX)
        goal = SHARE * ROWS_OF_A_MATRIX * FEATURES * 8 / MIB
        held = {name: peak(path, settings) for name, settings in HOLDING.items()}
        beyond = "worker's peak memory beyond the idle"
        return found + [
            at_most(f"{beyond}, {name}, 1,000,000 x {FEATURES}", one.most - one.idle, goal, "MiB")
            for name, one in held.items()
        ]


def generate(path: Path, rows: int) -> Path:
    """A CSV of features, a linear target y and a kind of 0 or 1, about eight bytes a cell, written part by part."""
    rng = np.random.default_rng(0)
    truth = rng.normal(size=FEATURES)
    names = [*(f"x{k}" for k in range(FEATURES)), "y", "kind"]
    schema = pa.schema([(name, pa.float64()) for name in names])
    with csv.CSVWriter(path, schema) as writer:
        for start in range(0, rows, AT_ONCE):
            X = rng.normal(size=(FEATURES, min(AT_ONCE, rows - start))).round(5)
            y = (truth @ X + rng.normal(size=X.shape[1])).round(5)
            writer.write_batch(pa.RecordBatch.from_arrays([*X, y, np.float64(y > 0.0)], schema=schema))
    return path


def peak(path: Path, settings: dict[str, Any]) -> Memory:
    """Anonymous MiB of a worker under the limit that runs one job on this file."""
    limits = {"THALWEG_WORKER_MEMORY": str(LIMIT), "THALWEG_MAX_BODY": str(1 << 33), "THALWEG_BODY_TIMEOUT": "600"}
    with installation(workers=1, processes=1, **limits) as found, connect(found.port) as sock:
        sock.settimeout(PATIENCE)
        send_file(sock, "/v1/datasets", path, form=False)
        dataset = read_answer(sock, 201).json()["id"]
        features = [f"x{k}" for k in range(FEATURES)]
        body = orjson.dumps({"features": features, **settings, "dataset": dataset})
        (process,) = psutil.Process(found.workers[0].pid).children()
        with watched(process.pid) as seen:
            job = exchange(sock, head("/v1/jobs?wait=60", "application/json", len(body)) + body, 202).json()
            while job["state"] in ("queued", "running"):
                job = exchange(sock, get(f"/v1/jobs/{job['id']}?wait=60"), 200).json()
    assert job["state"] == "succeeded", job
    return Memory(seen[0], max(seen))


if __name__ == "__main__":
    print_table(measure(*map(int, sys.argv[1:])))
