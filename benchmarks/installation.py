"""A running installation to measure: Redis with its append-only file, the API, workers, in a folder of its own.

They run as in production, on free ports, and are stopped by pid. The folder is below ``var/``, where ``make serve``
keeps its data: file systems differ (where /tmp was crowded, making an empty file there took 0.9 ms, below var/ 0.03).
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, process_time, sleep
from typing import NamedTuple
from urllib.error import URLError
from urllib.request import urlopen

import psutil

from contract.redis_client import connect
from contract.store import Store
from service.redis_server import is_up, start_redis
from service.standalone import API, WORKER, free_port, own_redis_url

ROOT = Path(__file__).resolve().parent.parent
START_LIMIT = 60.0
STOP_LIMIT = 30.0
Process = subprocess.Popen


class Installation(NamedTuple):
    """What runs, and where its API listens."""

    folder: Path
    port: int
    redis_url: str
    redis: "Process[bytes]"
    api: "Process[bytes]"
    workers: "list[Process[bytes]]"

    @property
    def store(self) -> Store:
        """The records, read past the API."""
        return Store(connect(self.redis_url, connections=2), lease=30, retention=3600)


@contextmanager
def installation(workers: int = 2, processes: int = 2, **environ: str) -> Iterator[Installation]:
    """A running installation, ready for jobs; stopped, and its folder removed, at the end. `environ` configures it."""
    (ROOT / "var").mkdir(exist_ok=True)
    temporary = TemporaryDirectory(prefix="benchmark-", dir=ROOT / "var")
    with temporary as name, _running(Path(name), workers, processes, environ) as found:
        yield found


@contextmanager
def _running(folder: Path, workers: int, processes: int, own: Mapping[str, str]) -> Iterator[Installation]:
    started: list[Process[bytes]] = []
    url, port = own_redis_url(folder / "redis"), free_port()
    environ = _environ(folder, url, port) | {"THALWEG_PROCESSES": str(processes), **own}
    try:
        started.append(start_redis(folder / "redis", url))
        _wait(lambda: is_up(url), "Redis")
        started.append(_spawn(API, environ, folder))
        started += [_spawn((*WORKER, f"worker{k}@%h"), environ, folder) for k in range(workers)]
        found = Installation(folder, port, url, started[0], started[1], started[2:])
        _wait(lambda: _answers(port) and len(found.store.workshop.workers()) == workers, "the API and its workers")
        yield found
    finally:
        for process in [*started[1:], *started[:1]]:
            _stop(process)


def _environ(folder: Path, redis_url: str, port: int) -> dict[str, str]:
    own = {"REDIS_URL": redis_url, "PORT": str(port), "THALWEG_DATA_DIR": str(folder / "data")}
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("THALWEG_")}
    return {**inherited, **own, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


def _spawn(words: tuple[str, ...], environ: dict[str, str], folder: Path) -> "Process[bytes]":
    with (folder / "log").open("ab") as log:
        return Process(words, env=environ, cwd=ROOT, stdout=log, stderr=log, start_new_session=True)


def _stop(process: "Process[bytes]") -> None:
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(STOP_LIMIT)
    process.kill()
    process.wait()


def _wait(done: Callable[[], bool], what: str) -> None:
    deadline = monotonic() + START_LIMIT
    while not done():
        if monotonic() > deadline:
            sys.exit(f"benchmarks: {what} did not start within {START_LIMIT:.0f} s")
        sleep(0.05)


def _answers(port: int) -> bool:
    with suppress(URLError, ConnectionError), urlopen(f"http://127.0.0.1:{port}/healthz") as reply:
        return bool(reply.status == 200)
    return False


def serving(found: Installation) -> psutil.Process:
    """The process that answers requests, where there is one: a child of the server's first process."""
    return psutil.Process(found.api.pid).children()[0]


def cpu_seconds(found: Installation) -> dict[str, float]:
    """CPU seconds spent so far by each kind of process, and by this one, the client."""
    mains = [psutil.Process(worker.pid) for worker in found.workers]
    return {
        "API": _of_children(psutil.Process(found.api.pid)),
        "workers, main process": sum(map(_cpu, mains)),
        "workers, pool process": sum(map(_of_children, mains)),
        "Redis": _cpu(psutil.Process(found.redis.pid)),
        "client": process_time(),
    }


def _of_children(process: psutil.Process) -> float:
    """Those that live, and those that have been replaced."""
    ended = process.cpu_times()
    return sum(map(_cpu, process.children())) + float(ended.children_user + ended.children_system)


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
