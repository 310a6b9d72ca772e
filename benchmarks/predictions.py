"""Predictions: ten rows as JSON, and a million rows from CSV to CSV with the API's memory meanwhile.

    python -m benchmarks.predictions

A model of three classes over 20 columns, so that each row is answered with a class and three probabilities. Memory is
the peak of the API's anonymous memory, in a process of its own for each file.
"""

from http.client import HTTPConnection
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
from pyarrow import csv

from benchmarks.client import HOST, connect, exchange, head, one_call
from benchmarks.installation import Installation, installation, serving
from benchmarks.table import Row, at_most, percentile, print_table
from benchmarks.upload_memory import watched

FEATURES, FEW, MANY = 20, 10_000, 1_000_000
ASKED = 300
SETTINGS: dict[str, Any] = {"target": "y", "model": "softmax", "max_iterations": 20}
TEN_ROWS, BEYOND = 15.0, 50.0


def measure() -> list[Row]:
    """Milliseconds of ten rows, then peaks and seconds for the few and the many."""
    with TemporaryDirectory(prefix="thalweg-benchmark-") as folder:
        few, many = (generate(Path(folder, f"{rows}.csv"), rows) for rows in (FEW, MANY))
        times, (small, _), (large, taken) = ten_rows(few), peak(few), peak(many)
        size = many.stat().st_size / 1e6
    return [
        at_most("ten rows predicted, p50", percentile(times, 50), TEN_ROWS, "ms"),
        Row("  p99", f"{percentile(times, 99):.3g} ms"),
        Row(f"{MANY:,} rows from CSV ({size:.0f} MB) to CSV", f"{taken:.2f} s"),
        Row(f"  API's peak memory, {FEW:,} rows", f"{small:.0f} MiB"),
        at_most(f"  more by, {MANY:,} rows", large - small, BEYOND, "MiB"),
    ]


def generate(path: Path, rows: int) -> Path:
    """Numbers and a class of three."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(FEATURES, rows)).round(5)
    y = np.array(["low", "mid", "top"])[np.digitize(X[0] - X[1], [-1, 1])]
    csv.write_csv(pa.table([*X, y], names=[*(f"x{k}" for k in range(FEATURES)), "y"]), path)
    return path


def fitted(found: Installation, path: Path) -> str:
    """A job on the first rows of the file."""
    rows = b"".join(path.read_bytes().splitlines(keepends=True)[:2000])
    with connect(found.port) as sock:
        job = exchange(sock, one_call("/v1/jobs?wait=60", rows, SETTINGS), 202).json()
    assert job["state"] == "succeeded", job
    return f"/v1/jobs/{job['id']}/predictions"


def ten_rows(path: Path) -> list[float]:
    """Milliseconds of each request, by one client."""
    rng, times = np.random.default_rng(1), []
    with installation(workers=1) as found, connect(found.port) as sock:
        route = fitted(found, path)
        for _ in range(ASKED):
            rows = [{f"x{k}": value for k, value in enumerate(row)} for row in rng.normal(size=(10, FEATURES)).tolist()]
            body = orjson.dumps({"rows": rows})
            request, start = head(route, "application/json", len(body)) + body, perf_counter()
            answer = exchange(sock, request, 200)
            times.append(1000 * (perf_counter() - start))
            assert len(answer.json()["predictions"]) == 10
    return times


def peak(path: Path) -> tuple[float, float]:
    """Peak anonymous MiB of an API process that predicts this file, after ten rows of it, and the seconds it takes."""
    with installation(workers=1, processes=1) as found:
        route = fitted(found, path)
        streamed(found.port, route, BytesIO(b"".join(path.open("rb").readlines(4000)[:11])))
        with watched(serving(found).pid) as seen, path.open("rb") as file:
            start = perf_counter()
            lines = streamed(found.port, route, file)
            taken = perf_counter() - start
    assert lines == int(path.stem) + 1
    return max(seen), taken


def streamed(port: int, route: str, file: Any) -> int:
    """The lines of the answer to this file, none of which is kept."""
    connection = HTTPConnection(HOST, port, timeout=120)
    size = file.seek(0, 2)
    file.seek(0)
    headers = {"Content-Type": "text/csv", "Accept": "text/csv", "Content-Length": str(size)}
    connection.request("POST", route, file, headers)
    answer = connection.getresponse()
    assert answer.status == 200, answer.read()
    return sum(piece.count(b"\n") for piece in iter(lambda: answer.read(1 << 16), b""))


if __name__ == "__main__":
    print_table(measure())
