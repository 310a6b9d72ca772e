"""Row 28: requests while Redis is away, loads its data, or has no memory. Outages of all kinds: ``tests/e2e``."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread

import pytest

from service.redis_server import url_of
from service.standalone import free_port
from tests.bad_input.cases import Send, dataset, get, job, sweep
from tests.support.problems import files_of, problem
from tests.support.processes import redis_server, stack


@contextmanager
def away(_: Path) -> Iterator[str]:
    yield url_of(free_port())


@contextmanager
def loading(_: Path) -> Iterator[str]:
    """What a Redis says to everything while it reads its append-only file."""

    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            while self.request.recv(1 << 16):
                self.request.sendall(b"-LOADING Redis is loading the dataset in memory\r\n")

    with ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        server.daemon_threads = True
        yield url_of(server.server_address[1])
        server.shutdown()


@contextmanager
def full(folder: Path) -> Iterator[str]:
    with redis_server(folder, "--maxmemory", "1mb") as url:
        yield url


Server = Callable[[Path], AbstractContextManager[str]]
WRITING = {"dataset": dataset(), "job": job(), "sweep": sweep()}
EVERYTHING = {
    **WRITING,
    **{path: get(path) for path in ("/v1/jobs", "/v1/jobs/job_x", "/v1/sweeps", "/v1/sweeps/sweep_x", "/metrics")},
}
STATES = [
    pytest.param(away, EVERYTHING, "storage_unavailable", id="28-away"),
    pytest.param(loading, EVERYTHING, "storage_unavailable", id="28-loading"),
    pytest.param(full, WRITING, "storage_full", id="28-full"),
]


@pytest.mark.parametrize(("redis", "requests", "code"), STATES)
def test_redis_cannot_serve(tmp_path: Path, redis: Server, requests: dict[str, Send], code: str) -> None:
    """503 with the time after which to come back, and no file is left of what could not be recorded."""
    with redis(tmp_path / "redis") as url, stack(workers=0, redis_url=url) as running:
        for send in requests.values():
            answer = send(running.base)
            problem(answer, 503, code)
            assert int(answer.headers["Retry-After"]) > 0
        assert files_of(running) == set()
