"""A container engine asks whether a worker is well."""

import os
import subprocess
import sys

import pytest

from tests.support.processes import ROOT, Stack

ASK = [sys.executable, "-m", "worker.health"]


def test_a_worker_that_redis_hears_is_well(running: Stack) -> None:
    assert subprocess.run(ASK, env=running.environ, cwd=ROOT, check=False).returncode == 0


@pytest.mark.usefixtures("store")
def test_without_a_worker_it_says_so(redis_url: str) -> None:
    """The store is empty."""
    environ = {**os.environ, "REDIS_URL": redis_url}
    found = subprocess.run(ASK, env=environ, cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 1
    assert "has not heard of a worker" in found.stderr
