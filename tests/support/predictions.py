"""Jobs of every kind of model over the same columns, and rows asked of them."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import requests

from tests.support.jobs import submit

RANDOM = np.random.default_rng(5)
ROWS = 60
A, B, NOISE = RANDOM.normal(size=(3, ROWS))
COLOUR = ["red" if k % 3 else "blue" for k in range(ROWS)]
Y = 3 + 2 * A - B + np.array([c == "red" for c in COLOUR]) + 0.1 * NOISE
COLUMN_GAPS = ["" if k % 10 == 3 else f"{b:.6f}" for k, b in enumerate(B)]
JSON = "application/json"


def table(target: list[Any], b: list[str] | None = None, name: str = "y") -> str:
    """A CSV with the columns a, b, colour and the target."""
    columns = zip(A, b or [f"{one:.6f}" for one in B], COLOUR, target, strict=True)
    return f"a,b,colour,{name}\n" + "".join(f"{p:.6f},{q},{c},{t}\n" for p, q, c, t in columns)


NUMBERS = table([f"{y:.6f}" for y in Y])
COUNTS = table(np.floor(np.exp(0.4 * Y)).astype(int).tolist())
TWO = table(["yes" if y > 3.5 else "no" for y in Y])
THREE = table([("low", "mid", "top")[np.digitize(y, [2.5, 4.5])] for y in Y])
DIGITS = table(np.digitize(Y, [2.5, 4.5]).tolist())
NETWORK = {"name": "network", "hidden": [5]}
WAYS: dict[str, tuple[str, dict[str, Any]]] = {
    "linear": (NUMBERS, {}),
    "poisson": (COUNTS, {"loss": "poisson"}),
    "logistic": (TWO, {"model": "logistic"}),
    "hinge": (TWO, {"model": "logistic", "loss": "hinge"}),
    "softmax": (THREE, {"model": "softmax"}),
    "digits": (DIGITS, {"model": "softmax"}),
    "network": (NUMBERS, {"model": NETWORK}),
    "network-of-classes": (THREE, {"model": {**NETWORK, "dtype": "float32"}}),
    "mean": (table([f"{y:.6f}" for y in Y], COLUMN_GAPS), {"missing": "mean"}),
    "drop": (table([f"{y:.6f}" for y in Y], COLUMN_GAPS), {"missing": "drop"}),
}
GOOD = {"a": 0.5, "b": -1, "colour": "red"}

Job = Callable[[str], dict[str, Any]]
"""The job of a way, run once."""


def runner(base: str) -> Job:
    """What runs the jobs."""

    @cache
    def of(way: str) -> dict[str, Any]:
        text, settings = WAYS[way]
        found = submit(base, {"max_iterations": 40, **settings}, text, wait=30)
        assert found["state"] == "succeeded", found["error"]
        return found

    return of


def ask(base: str, job_id: str, body: Any, accept: str = JSON, **query: str) -> requests.Response:
    """POST rows: a text as a CSV, anything else as JSON."""
    as_csv = isinstance(body, str | bytes)
    data = body.encode() if isinstance(body, str) else body if as_csv else json.dumps(body).encode()
    headers = {"Content-Type": "text/csv" if as_csv else JSON, "Accept": accept}
    headers |= {"Content-Encoding": "gzip"} if data[:2] == b"\x1f\x8b" else {}
    return requests.post(f"{base}/v1/jobs/{job_id}/predictions", data=data, headers=headers, params=query, timeout=30)
