"""Connections on which bytes must come and go in time."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Timer

import pytest

from service.patience import PIECE, PatientSocket
from tests.support.processes import eventually, stack


@pytest.fixture
def ends() -> Iterator[tuple[PatientSocket, socket.socket]]:
    """A connection that is patient for a tenth of a second, and its other end."""
    near, far = socket.socketpair()
    with PatientSocket(near.detach(), 0.1) as patient, far:
        yield patient, far


def test_what_comes_in_time_is_read(ends: tuple[PatientSocket, socket.socket]) -> None:
    patient, far = ends
    far.sendall(b"abc")
    assert (patient.recv(100), patient.late) == (b"abc", False)


def test_what_does_not_come_ends_like_a_closed_connection(ends: tuple[PatientSocket, socket.socket]) -> None:
    """And it stays ended, whatever comes later and whichever request begins."""
    patient, far = ends
    assert (patient.recv(100), patient.late) == (b"", True)
    far.sendall(b"abc")
    patient.next_request()
    assert patient.recv(100) == b""


def test_dripping_is_no_way_around_it(ends: tuple[PatientSocket, socket.socket]) -> None:
    """The time is that of a piece and not that of a byte: some bytes come in time, the rest does not."""
    patient, far = ends
    drops = [Timer(0.04 * k, far.send, [b"x"]) for k in range(30)]
    for drop in drops:
        drop.start()
    read = b"".join(patient.recv(1) for _ in drops)
    for drop in drops:
        drop.join()
    assert patient.late
    assert len(read) < len(drops)


@pytest.mark.parametrize("how", ["a whole piece", "a new request"])
def test_the_time_begins_anew(ends: tuple[PatientSocket, socket.socket], how: str) -> None:
    """What was waited before no longer counts."""
    patient, far = ends
    patient._waited = 0.1
    if how == "a whole piece":
        far.sendall(b"x" * 1000)
        patient._received = PIECE - 1000
        patient.recv(1000)
    else:
        patient.next_request()
    assert patient._waited == 0


def test_a_client_that_reads_nothing_counts_as_gone(ends: tuple[PatientSocket, socket.socket]) -> None:
    patient, _ = ends
    with pytest.raises(BrokenPipeError):
        patient.sendall(b"x" * 10_000_000)
    assert patient.late


def test_the_server_s_own_waiting_is_its_own(ends: tuple[PatientSocket, socket.socket]) -> None:
    """Where gunicorn sets a time of its own, or does not wait at all, this holds and nobody is late."""
    patient, _ = ends
    for seconds, error in ((0.01, TimeoutError), (0, BlockingIOError)):
        patient.settimeout(seconds)
        with pytest.raises(error):
            patient.recv(100)
    assert not patient.late


def test_a_busy_client_keeps_nobody_from_a_thread() -> None:
    """Six clients ask without a pause, of a server with four threads; who comes later is served in turn."""
    with stack(workers=0, processes="1", threads="4") as running, ThreadPoolExecutor(6) as pool:
        address, done, asked = ("127.0.0.1", running.port), Event(), [0] * 6
        for k in range(6):
            pool.submit(_ask_on, address, done, asked, k)
        try:
            eventually(lambda: min(asked) > 0, what="the six clients")
            before = sum(asked)
            with socket.create_connection(address) as late:
                for _ in range(30):
                    _ask(late)
            assert sum(asked) - before < 30 * 6 * 5
        finally:
            done.set()


def _ask(client: socket.socket) -> None:
    client.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
    answer = b""
    while not answer.endswith(b"}\n"):
        answer += client.recv(10_000)
    assert answer.startswith(b"HTTP/1.1 200")


def _ask_on(address: tuple[str, int], done: Event, asked: list[int], k: int) -> None:
    with socket.create_connection(address) as client:
        while not done.is_set():
            _ask(client)
            asked[k] += 1
