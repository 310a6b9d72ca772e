"""Whether clients that wait slow down those who submit: POST with and without 500 clients in GET …?wait=30.

    python -m benchmarks.waiting

The 500 wait for a job that nobody runs (there are no workers here, so only the API is measured). More than the API has
seats for are told to come back, and do so after the time that ``Retry-After`` says. They are a process of their own.
"""

import re
import selectors
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from heapq import heappop, heappush
from time import monotonic, perf_counter, sleep

from benchmarks.client import connect, exchange, get, small_jobs, whole_answer
from benchmarks.installation import Installation, installation
from benchmarks.table import Row, at_most, percentile, print_table

CLIENTS, WARM_UP, JOBS = 500, 50, 500
SETTLE = 12.0
MOST = 1.25
RETRY = re.compile(rb"\r\nretry-after: *(\d+)", re.IGNORECASE)


def measure() -> list[Row]:
    """Milliseconds of a POST alone and beside the crowd, and how much longer it takes beside it."""
    with installation(workers=0) as found:
        posts(found, WARM_UP, seed=4)
        alone = posts(found, JOBS, seed=5)
        with crowd(found):
            beside = posts(found, JOBS, seed=6)
    return [row for percent in (50, 99) for row in _rows(alone, beside, percent)]


def posts(found: Installation, count: int, seed: int) -> list[float]:
    """Seconds of each POST of a small job that is accepted."""
    times = []
    with connect(found.port) as sock:
        for request in small_jobs("/v1/jobs", count, seed):
            start = perf_counter()
            exchange(sock, request, 202)
            times.append(perf_counter() - start)
    return times


def _rows(alone: list[float], beside: list[float], percent: float) -> list[Row]:
    few, many = percentile(alone, percent), percentile(beside, percent)
    return [
        Row(f"POST alone, p{percent}", f"{1000 * few:.3g} ms"),
        Row(f"POST beside {CLIENTS} waiting clients, p{percent}", f"{1000 * many:.3g} ms"),
        at_most("  longer by a factor of", many / few, MOST, ""),
    ]


@contextmanager
def crowd(found: Installation) -> Iterator[None]:
    """500 clients that wait for a queued job while the block runs."""
    with connect(found.port) as sock:
        job = exchange(sock, small_jobs("/v1/jobs", 1, seed=7)[0], 202).json()["id"]
    command = [sys.executable, "-m", "benchmarks.waiting", str(found.port), job]
    process = subprocess.Popen(command)
    try:
        sleep(SETTLE)
        yield
        assert process.poll() is None, "the waiting clients gave up"
    finally:
        process.kill()
        process.wait()


def wait_for(port: int, job: str) -> None:
    """What the crowd's process does until it is killed: ask, and ask again when told to come back."""
    request = get(f"/v1/jobs/{job}?wait=30")
    selector, due = selectors.DefaultSelector(), list[tuple[float, int, socket.socket]]()
    for k in range(CLIENTS):
        sock = connect(port)
        heappush(due, (monotonic() + k / CLIENTS, k, sock))
        selector.register(sock, selectors.EVENT_READ, [k, b""])
    while True:
        while due and due[0][0] <= monotonic():
            heappop(due)[2].sendall(request)
        for key, _ in selector.select(max(due[0][0] - monotonic(), 0.0) if due else None):
            _take(key, due)


def _take(key: selectors.SelectorKey, due: list[tuple[float, int, socket.socket]]) -> None:
    sock = key.fileobj
    assert isinstance(sock, socket.socket)
    key.data[1] += sock.recv(1 << 16) or sys.exit("the server closed a waiting connection")
    answer = whole_answer(key.data[1])
    if answer:
        retry = RETRY.search(answer.head)
        assert retry, answer
        key.data[1] = b""
        heappush(due, (monotonic() + int(retry[1]), key.data[0], sock))


if __name__ == "__main__":
    wait_for(int(sys.argv[1]), sys.argv[2]) if len(sys.argv) > 1 else print_table(measure())
