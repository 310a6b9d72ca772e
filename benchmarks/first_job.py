"""The first job after a start beside the tenth, for several kinds of jobs.

    python -m benchmarks.first_job

Each kind meets a fresh installation of one worker, several times; what counts is the least of the first job's times and
of the tenth's, from sending the request to the whole answer.
"""

from time import perf_counter
from typing import Any

import numpy as np

from benchmarks.client import connect, exchange, one_call
from benchmarks.installation import installation
from benchmarks.table import Row, at_most, print_table

STARTS = 3
TENTH = 10
GOAL = 20.0
KINDS: dict[str, dict[str, Any]] = {
    "least squares": {"target": "y"},
    "single rows": {"target": "y", "batch_size": 1, "max_iterations": 5},
    "adam, batches of 10, random split": {
        "target": "y",
        "optimizer": {"name": "adam"},
        "batch_size": 10,
        "max_iterations": 5,
        "validation": {"fraction": 0.2, "method": "random"},
    },
    "logistic": {"target": "kind", "model": "logistic", "max_iterations": 100},
    "softmax": {"target": "kind", "model": "softmax", "max_iterations": 100},
}


def measure() -> list[Row]:
    """By how many milliseconds the first job is slower."""
    return [row for kind, settings in KINDS.items() for row in _rows(kind, settings)]


def _rows(kind: str, settings: dict[str, Any]) -> list[Row]:
    starts = [latencies(settings, seed) for seed in range(STARTS)]
    first, tenth = (1000 * min(times[k] for times in starts) for k in (0, -1))
    return [
        at_most(f"first job after a start, {kind}: beyond the tenth", first - tenth, GOAL, "ms"),
        Row("  the tenth", f"{tenth:.3g} ms"),
    ]


def latencies(settings: dict[str, Any], seed: int) -> list[float]:
    """Seconds of the first jobs after a start, each with data of its own."""
    rng = np.random.default_rng(seed)
    requests = [one_call("/v1/jobs?wait=30", _csv(rng), settings) for _ in range(TENTH)]
    times = []
    with installation(workers=1, processes=1) as found, connect(found.port) as sock:
        for request in requests:
            start = perf_counter()
            job = exchange(sock, request, 202).json()
            times.append(perf_counter() - start)
            assert job["state"] == "succeeded", job
    return times


def _csv(rng: np.random.Generator) -> bytes:
    """100 rows of three numbers, a colour, a number to predict and a class."""
    x, colours = rng.normal(size=(100, 3)), rng.choice(["red", "green", "blue"], size=100)
    y = x.sum(axis=1) + rng.normal(size=100)
    kinds = np.where(y > 0.0, "high", "low")
    rows = zip(x.round(6).tolist(), colours, y.round(6).tolist(), kinds, strict=True)
    lines = (",".join(map(str, (*numbers, colour, target, kind))) for numbers, colour, target, kind in rows)
    return ("a,b,c,colour,y,kind\n" + "\n".join(lines) + "\n").encode()


if __name__ == "__main__":
    print_table(measure())
