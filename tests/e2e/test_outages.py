"""What clients and workers see while Redis is dead, silent or full: a 503 in time, and no job lost for it."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from service.redis_server import is_up, start_redis, url_of
from service.standalone import free_port
from tests.support.jobs import LONG, ended, line_csv, post, show, submit
from tests.support.problems import left_behind, nothing_new, problem
from tests.support.processes import Stack, eventually, redis_server, stop
from tests.support.proxy import proxy

# Lost hints are replaced so late that jobs end here only by the hints that they were accepted with, and by workers that
# take up their connection again.
SETTINGS = {"reconcile_interval": "300"}
SECONDS_LONG = {"max_iterations": 1500, **LONG}
WITHIN = 3.0


class Redis:
    """A redis-server that can be killed and started again on the same port and append-only file."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._port = folder, free_port()
        self.url = url_of(self._port)
        self.start()

    def start(self) -> None:
        self._process: subprocess.Popen[bytes] = start_redis(self._folder, url_of(self._port))
        eventually(lambda: is_up(self.url), what="Redis")

    def kill(self) -> None:
        os.kill(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def close(self) -> None:
        stop(self._process)


@contextmanager
def installation(folder: Path, redis_url: str) -> Iterator[Stack]:
    """API and one worker on a Redis that the test holds in its hands."""
    running = Stack(folder, redis_url, **SETTINGS)
    try:
        running.start_api()
        running.start_worker()
        yield running
    finally:
        running.close()


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    server = Redis(tmp_path / "redis")
    yield server
    server.close()


def ask_everything(base: str, job: str, dataset: str) -> list[requests.Response]:
    """Every route that needs Redis, all at once and each three times, so that one cannot wait for the other."""
    form = {"file": ("a.csv", line_csv()), "settings": (None, '{"target": "y"}')}
    calls = [
        ("POST", "/v1/jobs", {"files": form}),
        ("POST", "/v1/jobs?wait=10", {"files": form}),
        ("POST", "/v1/jobs", {"json": {"dataset": dataset, "target": "y"}}),
        ("POST", "/v1/datasets", {"data": line_csv(), "headers": {"Content-Type": "text/csv"}}),
        ("POST", f"/v1/jobs/{job}/cancel", {}),
        *[
            ("GET", path, {})
            for path in (
                *("/v1/jobs", f"/v1/jobs/{job}", f"/v1/jobs/{job}?wait=10", f"/v1/jobs/{job}/history"),
                *(f"/v1/datasets/{dataset}", "/v1/workers", "/metrics"),
            )
        ],
    ]

    def ask(call: tuple[str, str, dict[str, object]]) -> requests.Response:
        method, path, options = call
        return requests.request(method, base + path, timeout=30, **options)  # type: ignore[arg-type] # of many types

    with ThreadPoolExecutor(40) as pool:
        return list(pool.map(ask, calls * 3))


def assert_unavailable(running: Stack, job: str) -> None:
    """503 in time for whatever needs Redis; alive and not ready."""
    dataset = "ds_x"
    for answer in ask_everything(running.base, job, dataset):
        problem(answer, 503, "storage_unavailable")
        assert int(answer.headers["Retry-After"]) > 0
        assert answer.elapsed.total_seconds() < WITHIN, answer.request.url
    alive = requests.get(f"{running.base}/healthz", timeout=5)
    assert (alive.status_code, alive.json()) == (200, {"status": "alive"})
    begun = time.monotonic()
    unready = requests.get(f"{running.base}/readyz", timeout=5)
    assert (unready.status_code, unready.json()["ready"]) == (503, False)
    assert "Redis does not answer" in unready.json()["reasons"][0]
    assert time.monotonic() - begun < WITHIN


def is_ready(running: Stack) -> bool:
    return requests.get(f"{running.base}/readyz", timeout=5).status_code == 200


def assert_undisturbed(base: str, job: str) -> None:
    """The job ended at its first attempt, and its history has neither gap nor double."""
    ending = ended(base, job)
    assert (ending["state"], ending["attempt"]) == ("succeeded", 1)
    history = requests.get(f"{base}/v1/jobs/{job}/history", timeout=10).json()
    assert history["iterations"] == list(range(SECONDS_LONG["max_iterations"] + 1))
    assert None not in history["cost"]


def computing(base: str) -> str:
    """A job that computes for some seconds and has begun to report."""
    job: str = submit(base, SECONDS_LONG)["id"]
    eventually(lambda: show(base, job)["progress"]["iteration"] > 0, what="progress")
    return job


def test_redis_is_killed_and_comes_back(tmp_path: Path, redis: Redis) -> None:
    """503 meanwhile; the running job goes on, the queued ones follow, and the API serves again by itself."""
    with installation(tmp_path, redis.url) as running, ThreadPoolExecutor(1) as client:
        job = computing(running.base)
        queued = [submit(running.base, {"seed": k})["id"] for k in range(5)]
        waiting = client.submit(post, running.base, {"target": "y"}, wait=3)
        eventually(lambda: running.store.workshop.stats().states["queued"] == 6, what="the job that is waited for")
        redis.kill()
        assert_unavailable(running, job)
        # An accepted job is answered as accepted: a 503 would make its client send it twice.
        assert (waiting.result().status_code, waiting.result().json()["state"]) == (202, "queued")
        redis.start()
        eventually(lambda: is_ready(running), what="readiness")
        assert_undisturbed(running.base, job)
        for other in [*queued, waiting.result().json()["id"]]:
            assert ended(running.base, other)["attempt"] == 1
        fresh = submit(running.base, {}, wait=20)
        assert fresh["state"] == "succeeded"
        assert running.store.workshop.stats().states == {
            "queued": 0,
            "running": 0,
            "succeeded": 8,
            "failed": 0,
            "cancelled": 0,
        }


def test_redis_falls_silent(tmp_path: Path, redis: Redis) -> None:
    """Connections that swallow everything are no reason to hang; workers take jobs again when they work or break."""
    with proxy(redis.url) as between, installation(tmp_path, between.url) as running:
        job = computing(running.base)
        between.stall()
        assert_unavailable(running, job)
        between.resume()
        eventually(lambda: is_ready(running), what="readiness")
        assert_undisturbed(running.base, job)
        between.stall()
        problem(requests.get(f"{running.base}/v1/jobs", timeout=10), 503, "storage_unavailable")
        between.reset()
        between.resume()
        eventually(lambda: is_ready(running), what="readiness")
        assert ended(running.base, submit(running.base, {})["id"], limit=60)["state"] == "succeeded"


def test_redis_is_full(tmp_path: Path) -> None:
    """No room: new work is refused as storage_full, reading goes on, and what was accepted ends once there is room."""
    with redis_server(tmp_path / "redis") as url, installation(tmp_path, url) as running:
        client = running.store.client
        job = computing(running.base)
        queued = [submit(running.base, {"seed": k})["id"] for k in range(3)]
        before = left_behind(running)
        client.config_set("maxmemory", "1mb")
        # Within a second of the last reading nobody knows yet, so Redis itself refuses; later the API does.
        refused = [post(running.base, {"target": "y"})]
        time.sleep(1.2)
        refused += [
            post(running.base, {"target": "y"}),
            requests.post(f"{running.base}/v1/jobs/{queued[0]}/cancel", timeout=5),
            requests.post(
                f"{running.base}/v1/datasets", data=line_csv(), headers={"Content-Type": "text/csv"}, timeout=5
            ),
        ]
        for answer in refused:
            problem(answer, 503, "storage_full")
            assert "Retry-After" in answer.headers
            assert answer.elapsed.total_seconds() < WITHIN
        assert nothing_new(running, before)
        assert not is_ready(running)
        for path in ("/v1/jobs", f"/v1/jobs/{job}", f"/v1/jobs/{job}/history", "/metrics", "/v1/workers"):
            assert requests.get(running.base + path, timeout=5).status_code == 200
        client.config_set("maxmemory", "0")
        assert_undisturbed(running.base, job)
        assert {ended(running.base, other)["state"] for other in queued} == {"succeeded"}
        eventually(lambda: post(running.base, {"target": "y"}).status_code == 202, what="new work")
