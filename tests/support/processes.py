"""Real processes for tests: a redis-server, workers, the API. Started on free ports, stopped by pid."""

import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import requests

from contract.redis_client import connect
from contract.store import Store
from service.redis_server import is_up, start_redis, url_of
from service.standalone import API, WORKER, free_port

ROOT = Path(__file__).resolve().parent.parent.parent
START = 180.0
"""Most seconds that a worker may take: the first one of a new version of the engine compiles it."""

CACHE = ROOT / "var" / "cache"
"""Where processes that are started in ROOT keep compiled code, which takes longer to make than most tests to run."""


def eventually(condition: Any, limit: float = 20.0, what: str = "the condition") -> Any:
    """The first true answer of ``condition`` within ``limit`` seconds."""
    deadline = monotonic() + limit
    while monotonic() < deadline:
        if answer := condition():
            return answer
        sleep(0.02)
    raise AssertionError(f"{what} did not come true within {limit} s")


def stop(process: "subprocess.Popen[bytes]", limit: float = 20.0) -> int:
    """SIGTERM, which it may have had before, then SIGKILL after ``limit`` seconds; the exit status."""
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        return process.wait(limit)
    process.kill()
    return process.wait()


@contextmanager
def redis_server(folder: Path, *options: str) -> Iterator[str]:
    """A redis-server of its own; yields its URL."""
    port = free_port()
    process = start_redis(folder, url_of(port), *options)
    try:
        eventually(lambda: is_up(url_of(port)), what="Redis")
        yield url_of(port)
    finally:
        stop(process)


def variables(settings: Mapping[str, str]) -> dict[str, str]:
    """The environment's names of settings."""
    return {f"THALWEG_{name.upper()}": value for name, value in settings.items()}


class Stack:
    """API and workers on one Redis, with short leases so that rescues take seconds."""

    def __init__(self, folder: Path, redis_url: str, **settings: str) -> None:
        self.folder = folder
        self.redis_url = redis_url
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.environ = {
            **os.environ,
            "REDIS_URL": redis_url,
            "PORT": str(self.port),
            "THALWEG_DATA_DIR": str(folder / "data"),
            "OPENBLAS_NUM_THREADS": "1",
            "OMP_NUM_THREADS": "1",
            **variables(settings),
        }
        self.api: subprocess.Popen[bytes] | None = None
        self.workers: list[subprocess.Popen[bytes]] = []
        self.http = requests.Session()

    @cached_property
    def store(self) -> Store:
        """The records, read past the API."""
        return Store(connect(self.redis_url, connections=4), lease=30, retention=3600)

    def start_api(self) -> None:
        """Start the API and wait until it answers."""
        self.api = self._spawn(API, "api")
        eventually(self._answers, what="the API")

    def start_worker(self, **settings: str) -> "subprocess.Popen[bytes]":
        """Start one worker (a main process with one pool process) and wait until it is heard of."""
        known = {worker["pid"] for worker in self.store.workshop.workers()}
        process = self._spawn((*WORKER, f"worker{len(self.workers)}@%h"), f"worker{len(self.workers)}", **settings)
        self.workers.append(process)
        eventually(lambda: {worker["pid"] for worker in self.store.workshop.workers()} - known, START, "the worker")
        return process

    def kill_workers(self) -> None:
        """SIGKILL every worker process."""
        for worker in self.workers:
            kill(worker)
        self.workers.clear()

    def close(self) -> None:
        """Stop everything."""
        self.http.close()
        processes = [*([self.api] if self.api else []), *self.workers]
        for process in processes:
            process.terminate()
        for process in processes:
            stop(process)

    def _spawn(self, words: tuple[str, ...], name: str, **settings: str) -> "subprocess.Popen[bytes]":
        environ = {**self.environ, **variables(settings)}
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(words, env=environ, cwd=ROOT, stderr=log, stdout=log, start_new_session=True)

    def _answers(self) -> bool:
        with suppress(URLError, ConnectionError), urlopen(f"{self.base}/healthz") as reply:  # noqa: S310 - our own
            return bool(reply.status == 200)
        return False


def kill(process: "subprocess.Popen[bytes]") -> None:
    """SIGKILL a process that leads a session, and its children with it, so that none finds another one gone."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def children_of(pid: int) -> list[int]:
    """The process ids of a process' children."""
    found = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False)
    return [int(child) for child in found.stdout.split()]


@contextmanager
def stack(workers: int, redis_url: str | None = None, **settings: str) -> Iterator[Stack]:
    """A running installation in a folder of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with redis_server(folder / "redis") as own:
            running = Stack(folder, redis_url or own, **settings)
            try:
                running.start_api()
                for _ in range(workers):
                    running.start_worker()
                yield running
            finally:
                running.close()
