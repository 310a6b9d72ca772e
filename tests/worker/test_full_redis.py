"""A Redis that has room for a lease and not for a job's history: the job waits at its worker, and is not lost."""

import time
from collections.abc import Iterator
from ctypes import c_byte
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
from structlog.testing import capture_logs

from contract.any_settings import first_fields
from contract.config import Config, read_config
from contract.function_settings import load_function_settings
from contract.job import new_id
from contract.redis_client import connect
from contract.store import Store
from contract.store_keys import LEASES
from engine.descent import Point
from engine.history import LIMIT
from tests.support.processes import eventually, redis_server
from tests.support.records import HINT
from worker.report import Reporter
from worker.running import Running
from worker.tasks import Workshop

ROOM = 200_000
"""Bytes that Redis may still take: some for a lease, too few for 10,000 entries of a history."""

LEASE = 2.0
# The rate is so small that no iteration is the last one before the limit.
SETTINGS = {
    "function": {"expression": "x**2"},
    "initial": {"x": 1.0},
    "learning_rate": 1e-9,
    "max_iterations": 2 * LIMIT,
}


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Config]:
    """An installation with short leases on a Redis of its own."""
    with redis_server(tmp_path / "redis") as url:
        own = {"LEASE": LEASE, "REPORT_INTERVAL": LEASE / 2, "HEARTBEAT": LEASE / 2, "DATA_DIR": tmp_path / "data"}
        monkeypatch.setenv("REDIS_URL", url)
        for name, value in own.items():
            monkeypatch.setenv(f"THALWEG_{name}", str(value))
        yield read_config()


@pytest.fixture
def store(config: Config) -> Iterator[Store]:
    with connect(config.redis_url, connections=4) as client:
        yield Store.of(config, client)


def accepted(store: Store) -> str:
    """A queued job whose history is larger than the room."""
    job = new_id("job")
    store.accept(job, None, first_fields(load_function_settings(SETTINGS), [], 2 * LIMIT), HINT(job), new_dataset=False)
    return job


def fill(store: Store) -> None:
    store.client.config_set("maxmemory", int(store.workshop.server_info()["used_memory"]) + ROOM)


def test_a_job_that_cannot_be_written_keeps_its_worker(
    config: Config, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others look for lost leases all the time and find none; once there is room it ends at its first attempt."""
    monkeypatch.setattr("contract.store_upkeep.UPTIME_MARGIN", -LEASE)
    workshop, job = Workshop(config), accepted(store)
    workshop.open()
    fill(store)
    worker = Thread(target=workshop.run_job, args=(job,), daemon=True)
    with capture_logs() as said:
        worker.start()
        eventually(lambda: any(line["event"] == "finish_waits_for_redis" for line in said), what="the refusal")
    until = time.monotonic() + 2 * LEASE
    while time.monotonic() < until:
        assert store.upkeep.reconcile().rescued == []
        time.sleep(0.1)
    assert (store.job(job).state, store.job(job).attempt) == ("running", 1)
    store.client.config_set("maxmemory", 0)
    worker.join(20)
    workshop.close()
    record, rows = store.job_with_history(job)
    assert (record.state, record.attempt, len(rows) > ROOM) == ("succeeded", 1, True)
    assert store.workshop.stats().counters == {"rescues": 0, "refused_writes": 0}


def test_a_running_job_without_room_for_its_history_keeps_its_lease(config: Config, store: Store) -> None:
    """And hears that it was cancelled; what it has computed is sent once there is room."""
    held = store.claim(accepted(store), "host:1", "0.1.0")
    assert held is not None
    job, reporter = Running(held, load_function_settings(SETTINGS), c_byte(0)), Reporter(config, store)
    for iteration in range(LIMIT):
        job.observe(Point(iteration, np.zeros(1), 1.0, None, 1.0))
    fill(store)
    store.cancel(held.job)
    store.client.zadd(LEASES, {held.job: 0})
    reporter._report(job)
    assert job.cancelled
    assert store.client.zscore(LEASES, held.job) > time.time()
    assert store.job_with_history(held.job)[1] == b""
    store.client.config_set("maxmemory", 0)
    reporter._report(job)
    assert store.job_with_history(held.job)[1] == job._recording.history.rows().tobytes()
