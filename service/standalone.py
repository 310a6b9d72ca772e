"""Redis, workers and API on one machine: ``python -m service.standalone``, stopped by Ctrl-C or SIGTERM.

Processes start in the order in which they need each other and stop in the reverse one. One that dies is started
again, as an operator's supervisor would.
"""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from threading import Event
from time import monotonic, sleep
from typing import NamedTuple
from urllib.error import URLError
from urllib.request import urlopen

from contract.config import Config, read_config
from contract.redis_client import connect
from contract.store import Store
from service.redis_server import LOG, is_up, start_redis, url_of, url_within

START_LIMIT = 60.0
STOP_LIMIT = 45.0
WATCH = 0.5

API = (sys.executable, "-m", "gunicorn", "-c", "python:service.gunicorn_config", "service.wsgi:app")
WORKER = (
    *(sys.executable, "-m", "celery", "-A", "worker.app", "--quiet", "worker", "--concurrency", "1"),
    *("--without-gossip", "--without-mingle", "--without-heartbeat", "--hostname"),
)

SESSION = """
Thalweg serves http://{address} with {workers} workers. Ctrl-C stops it. In another terminal, from this folder:

  curl -F file=@{example} -F 'settings={{"target":"{target}"}}' '{address}/v1/jobs?wait=30&pretty'
  curl '{address}/v1/jobs?limit=5&pretty'
  curl '{address}/readyz'
"""
EXAMPLE, TARGET = "examples/data/cars.csv", "mpg"


class Child(NamedTuple):
    """A process to keep running: how it is started, and it itself."""

    start: Callable[[], "subprocess.Popen[bytes]"]
    process: "subprocess.Popen[bytes]"


def main() -> int:
    """Run until told to stop; the exit status says whether everything could be started."""
    stopping = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    children: list[Child] = []
    try:
        _start_all(children, stopping)
        while not stopping.wait(WATCH):
            children[:] = [_kept_alive(child) for child in children]
    except (RuntimeError, OSError) as error:
        print(f"thalweg: {error}", file=sys.stderr)
        return 1
    finally:
        _stop_all(children)
    return 0


def _start_all(children: list[Child], stopping: Event) -> None:
    config, count = _configuration(), _worker_count()
    _refuse_taken(config)
    url = os.environ.get("REDIS_URL") or _own_redis(config, children, stopping)
    environ = {**_one_thread_a_core(count), "REDIS_URL": url}
    for number in range(count):
        _add(children, (*WORKER, f"worker{number + 1}@%h"), environ)
    _add(children, API, environ)
    _wait(lambda: _is_ready(config, url, count), "the API and its workers", stopping)
    if not stopping.is_set():
        address = f"{config.bind}:{config.port}"
        print(SESSION.format(address=address, workers=count, example=EXAMPLE, target=TARGET), flush=True)


def _configuration() -> Config:
    try:
        return read_config()
    except ValueError as error:  # environs says in a sentence which variable is wrong, and how
        raise RuntimeError(str(error)) from None


def _worker_count() -> int:
    text = os.environ.get("WORKERS", "2")
    if not (text.isascii() and text.isdigit()):
        raise RuntimeError(f"WORKERS must be a whole number, not {text!r}.")
    return int(text)


def _one_thread_a_core(workers: int) -> dict[str, str]:
    """The environment, in which the workers' threads share the cores; a BLAS with its own would fight them."""
    share = max(1, (os.cpu_count() or 1) // max(1, workers))
    mine = {"THALWEG_JOB_THREADS": str(share), **os.environ}
    return {**mine, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


def _own_redis(config: Config, children: list[Child], stopping: Event) -> str:
    folder = config.data_dir / "redis"
    url = own_redis_url(folder)

    def start() -> "subprocess.Popen[bytes]":
        return start_redis(folder, url)

    def answers() -> bool:
        if children[0].process.poll() is not None:
            raise RuntimeError(f"Redis ended at once; {folder / LOG} says why.")
        return is_up(url)

    children.append(Child(start, start()))
    _wait(answers, "Redis", stopping)
    return url


def _add(children: list[Child], words: tuple[str, ...], environ: Mapping[str, str]) -> None:
    root = Path(__file__).resolve().parent.parent

    def start() -> "subprocess.Popen[bytes]":
        # A session of its own: Ctrl-C reaches only this process, which stops the others in order.
        return subprocess.Popen(words, env=environ, cwd=root, start_new_session=True)

    children.append(Child(start, start()))


def _kept_alive(child: Child) -> Child:
    return child if child.process.poll() is None else Child(child.start, child.start())


def _stop_all(children: list[Child]) -> None:
    """Stop the API, then the workers together, then Redis, to which all of them still write."""
    redis = children[:1] if children and "redis" in str(children[0].process.args) else []
    for group in ([child for child in children[::-1] if child not in redis], redis):
        for child in group:
            child.process.terminate()
        for child in group:
            with suppress(subprocess.TimeoutExpired):
                child.process.wait(STOP_LIMIT)
            child.process.kill()


def own_redis_url(folder: Path) -> str:
    """Where a Redis of this folder is to listen: on a socket in it, or on a free port where that cannot be."""
    return url_within(folder) or url_of(free_port())


def free_port() -> int:
    """A port of the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _refuse_taken(config: Config) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((config.bind, config.port))
        except OSError as error:
            cure = "does Thalweg run there already? Stop it, or set PORT to another one."
            raise RuntimeError(f"port {config.port} cannot be used ({error}): {cure}") from None


def _is_ready(config: Config, url: str, workers: int) -> bool:
    with suppress(URLError, ConnectionError), urlopen(f"http://{config.bind}:{config.port}/readyz") as reply:
        store = Store.of(config, connect(url, connections=1))
        return bool(reply.status == 200) and len(store.workshop.workers()) >= workers
    return False


def _wait(done: Callable[[], bool], what: str, stopping: Event) -> None:
    deadline = monotonic() + START_LIMIT
    while not done() and not stopping.is_set():
        if monotonic() > deadline:
            raise RuntimeError(f"{what} did not start within {START_LIMIT:.0f} s; the lines above say why.")
        sleep(0.1)


if __name__ == "__main__":
    sys.exit(main())
