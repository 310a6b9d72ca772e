"""A CSV of 181 MB (1,000,000 rows, 20 features and a target) over HTTP to fitted parameters, 100 iterations.

    python -m benchmarks.big_csv

One peer is the textbook loop in NumPy on the same rows, in memory already: it is held against our descent with the
preparation that makes it fast, and against the whole way from the file to the answer. The other is H2O-3
(``benchmarks/h2o.py``). A second job on the same dataset shows what is left where nothing has to be parsed.
"""

from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
import orjson
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv

from benchmarks import h2o
from benchmarks.client import connect, exchange, get, head, read_answer, send_file
from benchmarks.installation import Installation, installation
from benchmarks.peer_scripts.textbook import descend
from benchmarks.peers import Told, beside, seconds
from benchmarks.table import Row, at_most, print_table

ROWS, FEATURES, ITERATIONS = 1_000_000, 20, 100
ROUNDS = 3
BEYOND_UPLOAD = 1.3
H2O_GOAL = 4
RATE = 0.1
SETTINGS: dict[str, Any] = {"target": "y", "max_iterations": ITERATIONS, "tolerance": {"cost": 0}}
Floats = NDArray[np.float64]


class Times(NamedTuple):
    """Seconds of the parts of one job, in the order in which they happen, and of the whole by the client's clock."""

    upload: float
    parse: float
    queue: float
    build: float
    descend: float
    finish: float
    whole: float

    @property
    def beyond_upload(self) -> float:
        """What is left where sending the file took no time."""
        return self.whole - self.upload


def measure() -> list[Row]:
    """Both ways of uploading with their parts, then the textbook loop."""
    with TemporaryDirectory(prefix="thalweg-benchmark-") as folder, installation() as found:
        path = Path(folder, "big.csv")
        X, y = generate(path)
        one = min((one_call(found, path) for _ in range(ROUNDS)), key=lambda times: times.whole)
        two = min((two_calls(found, path) for _ in range(ROUNDS)), key=lambda times: times.whole)
        again = min(second_job(found) for _ in range(ROUNDS))
        size = path.stat().st_size / 1e6
    loop = textbook(X, y)
    return [
        *_rows(f"{size:.0f} MB CSV as a form", one),
        *_rows(f"{size:.0f} MB CSV raw, then JSON", two),
        Row("  another job on the same dataset, the whole", seconds(again)),
        *_peer(loop, one),
    ]


def generate(path: Path) -> tuple[Floats, Floats]:
    """Rows (m, d) and targets (m,), written as a CSV with about eight bytes a cell."""
    rng = np.random.default_rng()
    X = rng.normal(size=(ROWS, FEATURES)).round(5)
    y = (X @ rng.normal(size=FEATURES) + rng.normal(size=ROWS)).round(5)
    names = [*(f"x{k}" for k in range(FEATURES)), "y"]
    csv.write_csv(pa.table([*X.T.copy(), y], names=names), path)
    return X, y


def one_call(found: Installation, path: Path) -> Times:
    """File and settings in one form."""
    start = perf_counter()
    with connect(found.port) as sock:
        send_file(sock, "/v1/jobs?wait=60", path, form=True, settings=SETTINGS)
        sent = perf_counter() - start
        job = read_answer(sock, 202).json()
        whole = perf_counter() - start
        return _times(sock, job, sent, whole)


def two_calls(found: Installation, path: Path) -> Times:
    """The file as a raw body, then settings with the dataset's id."""
    start = perf_counter()
    with connect(found.port) as sock:
        send_file(sock, "/v1/datasets", path, form=False)
        sent = perf_counter() - start
        job = exchange(sock, _with_dataset(read_answer(sock, 201).json()["id"]), 202).json()
        whole = perf_counter() - start
        return _times(sock, job, sent, whole)


def second_job(found: Installation) -> float:
    """Seconds of a job on the dataset that came last."""
    with connect(found.port) as sock:
        dataset = exchange(sock, get("/v1/datasets?limit=1"), 200).json()["datasets"][0]["id"]
        start = perf_counter()
        job = exchange(sock, _with_dataset(dataset), 202).json()
        assert job["state"] == "succeeded", job
        return perf_counter() - start


def _with_dataset(dataset: str) -> bytes:
    settings = orjson.dumps({**SETTINGS, "dataset": dataset})
    return head("/v1/jobs?wait=60", "application/json", len(settings)) + settings


def _times(sock: Any, job: dict[str, Any], sent: float, whole: float) -> Times:
    """From the job's own times; what they do not cover was spent on parsing."""
    assert job["state"] == "succeeded", job
    assert job["result"]["iterations"] == ITERATIONS, job
    passed = exchange(sock, get(f"/v1/jobs/{job['id']}/history"), 200).json()["seconds"]
    created, started, finished = (_seconds(job[name]) for name in ("created_at", "started_at", "finished_at"))
    queue, running = started - created, finished - started
    build, descend = passed[0], passed[-1] - passed[0]
    return Times(sent, whole - sent - queue - running, queue, build, descend, running - build - descend, whole)


def _seconds(time: str) -> float:
    return float(np.datetime64(time.rstrip("Z"), "us").astype(np.int64)) / 1e6


def _rows(work: str, times: Times) -> list[Row]:
    parts = [Row(f"  {part}", f"{1000 * took:.0f} ms") for part, took in times._asdict().items() if part != "whole"]
    return [
        beside(f"{work} to parameters, {ITERATIONS} iterations", times.whole, "H2O-3", h2o.BIG_CSV, H2O_GOAL),
        at_most("  beyond the upload", times.beyond_upload, BEYOND_UPLOAD, "s"),
        *parts,
    ]


def textbook(X: Floats, y: Floats) -> Told:
    """Full-batch descent with cost history on standardised rows, as textbooks write it."""
    start = perf_counter()
    _, _, costs = descend((X - X.mean(axis=0)) / X.std(axis=0), y, ITERATIONS, RATE)
    assert costs[-1] < costs[0]
    return Told("textbook loop", perf_counter() - start, {})


def _peer(loop: Told, ours: Times) -> list[Row]:
    return [
        beside("  descend alone", ours.descend, "", loop),
        beside("  build and descend", ours.build + ours.descend, "", loop),
        beside("  the whole, the loop's rows being in memory", ours.whole, "", loop),
    ]


if __name__ == "__main__":
    print_table(measure())
