"""The demonstration behind ``make demo``: a real installation, a real CSV, two jobs over HTTP, nothing left running.

The first job has default settings; the second descends stochastically for a few seconds and shows its progress.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

ROOT = Path(__file__).resolve().parent.parent
CSV = Path("examples/data/cars.csv")
TARGET = "mpg"
STOCHASTIC = {"target": TARGET, "batch_size": 1, "max_iterations": 2500, "tolerance": {"cost": 0}}

sys.path.insert(0, str(ROOT))


def main() -> None:
    """Start everything, run both jobs, stop everything."""
    with installation() as base:
        job = submit(base, {"target": TARGET})
        show_result(base, job)
        job = submit(base, STOCHASTIC, wait=0)
        show_result(base, follow(base, job))
    print("Everything is stopped again.")


@contextmanager
def installation() -> Iterator[str]:
    """Redis, two workers and the API on a free port, in a temporary folder; yields the API's address."""
    from service.standalone import free_port

    with tempfile.TemporaryDirectory() as folder:
        base = f"http://127.0.0.1:{free_port()}"
        settings = {"PORT": base.rsplit(":", 1)[1], "THALWEG_DATA_DIR": folder, "THALWEG_LOG_LEVEL": "ERROR"}
        words = [sys.executable, "-m", "service.standalone"]
        process = subprocess.Popen(words, cwd=ROOT, env=os.environ | settings, stdout=subprocess.PIPE, text=True)
        try:
            wait_until_ready(process)
            print(f"Redis, two workers and the API are up at {base}.")
            yield base
        finally:
            process.terminate()
            process.wait(60)


def wait_until_ready(process: "subprocess.Popen[str]") -> None:
    """Read what the installation says until it serves; exits with its words where it does not."""
    for line in process.stdout or ():
        if line.startswith("Thalweg serves"):
            return
    sys.exit(f"The installation did not start (exit status {process.wait()}); its words stand above.")


def submit(base: str, settings: dict[str, Any], wait: int = 30) -> dict[str, Any]:
    """POST the CSV with settings, as the printed curl line does."""
    text = json.dumps(settings)
    print(f"\n$ curl -F file=@{CSV} -F 'settings={text}' '{base}/v1/jobs?wait={wait}'")
    with (ROOT / CSV).open("rb") as file:
        parts = {"file": (CSV.name, file), "settings": (None, text)}
        return checked(requests.post(f"{base}/v1/jobs", params={"wait": wait}, files=parts, timeout=90))


def follow(base: str, job: dict[str, Any]) -> dict[str, Any]:
    """Print the job's progress until it has ended."""
    while job["state"] in ("queued", "running"):
        progress = job["progress"]
        if progress["cost"] is not None:
            print(f"  {job['state']}: iteration {progress['iteration']:5d}, cost {progress['cost']:.6f}")
        time.sleep(0.3)
        job = checked(requests.get(f"{base}/v1/jobs/{job['id']}", timeout=90))
    return job


def checked(answer: requests.Response) -> dict[str, Any]:
    """The JSON of a good answer; exits with the problem's words for any other."""
    if not answer.ok:
        sys.exit(f"{answer.status_code}: {answer.text}")
    document: dict[str, Any] = answer.json()
    return document


def show_result(base: str, job: dict[str, Any]) -> None:
    """Print what a person wants to know: parameters by column, how well they fit, where the history is."""
    if job["state"] != "succeeded":
        sys.exit(f"The job ended as {job['state']}: {job['error']}")
    result = job["result"]
    print(f"{job['state']} ({job['stop_reason']}) on {job['worker']} after {result['iterations']} iterations")
    print(f"  {'intercept':>16} {result['parameters']['intercept']:14.6f}")
    for name, value in result["parameters"]["coefficients"].items():
        print(f"  {name:>16} {value:14.6f}")
    metrics = ", ".join(f"{name} {value:.4f}" for name, value in result["metrics"]["train"].items())
    print(f"  {metrics}; {result['optimum']['optimality_gap']:.2g} above the least possible cost")
    points = checked(requests.get(f"{base}{job['links']['history']}?points=8", timeout=30))
    costs = zip(points["iterations"], points["cost"], strict=True)
    print(f"  history: {base}{job['links']['history']}")
    print(f"           {', '.join(f'cost {cost:.5g} at {iteration}' for iteration, cost in costs)}")


if __name__ == "__main__":
    main()
