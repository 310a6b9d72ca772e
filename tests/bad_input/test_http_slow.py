"""Rows 11 and 12: hosts that are not trusted, and clients that send next to nothing for ever."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.client import HTTPResponse
from threading import Event

import pytest
import requests

from tests.support.problems import Answer, nothing_left_behind, problem
from tests.support.processes import Stack, stack

DRIP = 0.1
HEAD = "POST /v1/{} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {}\r\n{}\r\n\r\n"
FORM = '--B\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\na,b\n'


@pytest.fixture(scope="module")
def guarded() -> Iterator[Stack]:
    """An installation that does not wait long for bytes, and answers to two names; it has few threads."""
    hosts = "127.0.0.1,.example.org"
    with stack(workers=0, body_timeout="1.5", trusted_hosts=hosts, processes="1", threads="4") as installation:
        yield installation


def drip(base: str, start: str) -> Answer | None:
    """Send the start of a request at once and then a byte at a time, until there is an answer or nobody there."""
    host, port = base.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(start.encode())
        connection.settimeout(DRIP)
        found = b""
        for _ in range(300):
            with suppress(TimeoutError):
                found = connection.recv(1, socket.MSG_PEEK)
                break
            with suppress(ConnectionError):
                connection.send(b"1")
        else:
            raise AssertionError("the server still waits")
        connection.settimeout(30)
        if not found:
            return None
        reply = HTTPResponse(connection)
        reply.begin()
        return Answer(reply.status, dict(reply.headers), reply.read().decode())


STARTS = {
    "12-csv": HEAD.format("datasets", "text/csv", "Content-Length: 100000") + "a,b\n",
    "12-chunks": HEAD.format("datasets", "text/csv", "Transfer-Encoding: chunked") + "ffff\r\na,b\n",
    "12-form": HEAD.format("datasets", "multipart/form-data; boundary=B", "Content-Length: 100000") + FORM,
    "12-job": HEAD.format("jobs", "multipart/form-data; boundary=B", "Content-Length: 100000") + FORM,
    "12-settings": HEAD.format("jobs", "application/json", "Content-Length: 100000"),
}


@pytest.mark.parametrize("start", STARTS.values(), ids=STARTS)
def test_a_dripping_body_is_given_up(guarded: Stack, start: str) -> None:
    with nothing_left_behind(guarded):
        answer = drip(guarded.base, start)
        assert answer is not None
        problem(answer, 408, "body_too_slow")


@pytest.mark.parametrize("start", ["GET /heal", "GET /healthz HTTP/1.1\r\nX: "], ids=["12-line", "12-header"])
def test_dripping_headers_are_given_up(guarded: Stack, start: str) -> None:
    """Without an answer, as there is no request yet."""
    assert drip(guarded.base, start) is None


def test_12_others_are_answered_meanwhile(guarded: Stack) -> None:
    """Also while there are more slow clients than threads: each holds one for that time and no longer."""
    done = Event()

    def ask() -> int:
        asked = 0
        while not done.is_set():
            assert requests.get(f"{guarded.base}/healthz", timeout=20).status_code == 200
            asked += 1
        return asked

    with ThreadPoolExecutor(11) as pool:
        asking = pool.submit(ask)
        slow = list(pool.map(lambda _: drip(guarded.base, STARTS["12-csv"]), range(10)))
        done.set()
        assert asking.result() > 0
    for answer in slow:
        assert answer is not None
        problem(answer, 408, "body_too_slow")


def test_12_slow_but_steady_is_fast_enough(guarded: Stack) -> None:
    """What counts is each piece: a body may take as long as it needs."""
    line = b"1,2\n" * (1 << 16)

    def steady() -> Iterator[bytes]:
        yield b"a,b\n"
        for _ in range(4):
            yield line
            Event().wait(0.5)

    answer = requests.post(
        f"{guarded.base}/v1/datasets", data=steady(), headers={"Content-Type": "text/csv"}, timeout=30
    )
    assert (answer.status_code, answer.json()["rows"]) == (201, 4 << 16)


@pytest.mark.parametrize("host", ["example.org:80", "a.b.example.org", "127.0.0.1:1"], ids=lambda host: f"11-{host}")
def test_a_trusted_host_is_answered(guarded: Stack, host: str) -> None:
    assert requests.get(f"{guarded.base}/v1/jobs", headers={"Host": host}, timeout=5).status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz?pretty", "/metrics"], ids=lambda path: f"11-{path}")
def test_probes_are_answered_by_any_name(guarded: Stack, path: str) -> None:
    """A container's health check asks 127.0.0.1, an orchestrator the pod's address."""
    assert requests.get(guarded.base + path, headers={"Host": "10.1.2.3:8080"}, timeout=5).status_code == 200


@pytest.mark.parametrize("path", ["/", "/v1/jobs", "/healthz/nothing"])
@pytest.mark.parametrize(
    "host", ["example.com", "badexample.org", "example.org.evil", "x" * 2000, "a b"], ids=lambda host: f"11-{host[:20]}"
)
def test_another_host_is_refused(guarded: Stack, host: str, path: str) -> None:
    answer = requests.get(guarded.base + path, headers={"Host": host}, timeout=5)
    assert len(problem(answer, 400, "wrong_host")["detail"]) < 300
