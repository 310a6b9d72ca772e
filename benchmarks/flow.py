"""Small jobs in flow: 1,000 different 100-row CSVs by several clients, until all of them have ended.

    python -m benchmarks.flow

Nobody waits for a single job. Clients, API, workers and Redis share the machine, so the CPU time that a job costs in
each of them is printed too. The fastest of several rounds counts: what else goes on in a machine only ever adds time.
"""

import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter, sleep
from typing import NamedTuple

from benchmarks.client import connect, exchange, get, small_jobs
from benchmarks.h2o import IN_FLOW
from benchmarks.installation import Installation, cpu_seconds, installation
from benchmarks.peers import also
from benchmarks.table import Row, at_least, print_table

WARM_UP, JOBS, CLIENTS, ROUNDS = 50, 1000, 8, 3
PER_SECOND = 300
POLL = 0.05
SUCCEEDED = re.compile(rb'thalweg_jobs\{state="succeeded"\} ([0-9.e+]+)')


class Round(NamedTuple):
    """Seconds until all jobs were accepted and until all had ended, and CPU seconds of one by kind of process."""

    accepted: float
    ended: float
    used: dict[str, float]


def measure() -> list[Row]:
    """Jobs accepted and finished a second, and the CPU time of one, in the fastest round."""
    with installation() as found:
        finish(found, small_jobs("/v1/jobs", WARM_UP, seed=2), 0)
        rounds = [_round(found, k) for k in range(ROUNDS)]
    best = min(rounds, key=lambda one: one.ended)
    work = f"1,000 small jobs in flow, fastest of {ROUNDS} rounds"
    return [
        Row(f"{work}, accepted", f"{JOBS / best.accepted:.3g} jobs/s"),
        also(
            at_least(f"{work}, accepted and finished", JOBS / best.ended, PER_SECOND, "jobs/s"),
            best.ended / JOBS,
            IN_FLOW,
        ),
        Row("  all rounds", ", ".join(f"{JOBS / one.ended:.3g}" for one in rounds)),
        *_shares(best.used, best.ended / JOBS),
    ]


def _round(found: Installation, number: int) -> Round:
    requests, before = small_jobs("/v1/jobs", JOBS, seed=3 + number), cpu_seconds(found)
    accepted, ended = finish(found, requests, WARM_UP + number * JOBS)
    return Round(
        accepted, ended, {kind: (seconds - before[kind]) / JOBS for kind, seconds in cpu_seconds(found).items()}
    )


def finish(found: Installation, requests: Sequence[bytes], earlier: int) -> tuple[float, float]:
    """Seconds until all jobs were accepted, and until all had succeeded, besides those that did so earlier."""
    start = perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(lambda k: _submit(found.port, requests[k::CLIENTS]), range(CLIENTS)))
    accepted = perf_counter() - start
    with connect(found.port) as sock:
        while _succeeded(exchange(sock, get("/metrics"), 200).body) < earlier + len(requests):
            assert perf_counter() - start < 120, "the jobs do not end"
            sleep(POLL)
    return accepted, perf_counter() - start


def _submit(port: int, requests: Sequence[bytes]) -> None:
    with connect(port) as sock:
        for request in requests:
            exchange(sock, request, 202)


def _succeeded(metrics: bytes) -> int:
    found = SUCCEEDED.search(metrics)
    return int(float(found[1])) if found else 0


def _shares(used: dict[str, float], wall: float) -> list[Row]:
    total = sum(used.values())
    rows = [
        Row(f"  CPU time of one, {kind}", f"{1000 * cpu:.2f} ms", ratio=f"{cpu / total:.0%}")
        for kind, cpu in used.items()
    ]
    return [*rows, Row("  CPU time of one, all", f"{1000 * total:.2f} ms", ratio=f"{total / wall:.2f} cores busy")]


if __name__ == "__main__":
    print_table(measure())
