"""Jobs for tests: small CSVs and settings whose run takes as long as the test needs."""

import time
from typing import Any

import numpy as np
import requests

# With an l1 part single rows are steps of NumPy, not of compiled code: a pass over 200 rows takes milliseconds.
LONG = {
    "batch_size": 1,
    "sampling": "sequential",
    "learning_rate": 1e-4,
    "tolerance": {"cost": 0},
    "penalty": {"name": "l1", "strength": 1e-6},
}


def line_csv(rows: int = 200, seed: int = 0) -> str:
    """Y = 3 + 2 a - b + noise."""
    random = np.random.default_rng(seed)
    a, b, noise = random.normal(size=(3, rows))
    return "a,b,y\n" + "".join(
        f"{p:.6f},{q:.6f},{3 + 2 * p - q + 0.1 * e:.6f}\n" for p, q, e in zip(a, b, noise, strict=True)
    )


def post(
    base: str, settings: dict[str, Any], csv: str | None = None, wait: float = 0, **options: str
) -> requests.Response:
    """POST a one-call job."""
    import json

    parts: dict[str, Any] = {"file": ("data.csv", csv or line_csv()), "settings": (None, json.dumps(settings))}
    parts |= {name: (None, value) for name, value in options.items()}
    return requests.post(f"{base}/v1/jobs", params={"wait": wait} if wait else None, files=parts, timeout=70)


def submit(base: str, settings: dict[str, Any], csv: str | None = None, wait: float = 0) -> dict[str, Any]:
    """POST a job that must be accepted; the job."""
    answer = post(base, {"target": "y", **settings}, csv, wait)
    assert answer.status_code == 202, answer.text
    job: dict[str, Any] = answer.json()
    return job


def post_sweep(
    base: str, document: Any, csv: str | None = None, wait: float = 0, key: str | None = None
) -> requests.Response:
    """POST a sweep with its CSV."""
    import json

    parts = {"file": ("data.csv", csv or line_csv()), "settings": (None, json.dumps(document))}
    headers = {"Idempotency-Key": key} if key else {}
    return requests.post(f"{base}/v1/sweeps", params={"wait": wait}, files=parts, headers=headers, timeout=70)


def submit_sweep(base: str, document: dict[str, Any], wait: float = 0) -> dict[str, Any]:
    """POST a sweep that must be accepted; the sweep."""
    answer = post_sweep(base, document, wait=wait)
    assert answer.status_code == 202, answer.text
    assert answer.headers["Location"] == f"/v1/sweeps/{answer.json()['id']}"
    sweep: dict[str, Any] = answer.json()
    return sweep


def show(base: str, job_id: str, wait: float = 0) -> dict[str, Any]:
    """GET a job."""
    answer = requests.get(f"{base}/v1/jobs/{job_id}", params={"wait": wait} if wait else None, timeout=70)
    assert answer.status_code == 200, answer.text
    job: dict[str, Any] = answer.json()
    return job


def ended(base: str, job_id: str, limit: float = 60) -> dict[str, Any]:
    """The job once it has ended."""
    deadline = time.monotonic() + limit
    while time.monotonic() < deadline:
        job = show(base, job_id, wait=2)
        if job["state"] in ("succeeded", "failed", "cancelled"):
            return job
    raise AssertionError(f"{job_id} did not end within {limit} s: {job['state']}")
