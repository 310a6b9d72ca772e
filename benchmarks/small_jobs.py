"""A 100-row CSV over HTTP to fitted parameters, one client, one job after the other.

    python -m benchmarks.small_jobs

Each job has data of its own. What counts is the time from sending the request to the whole answer, in the fastest of
several rounds: what else goes on in a machine only ever adds time.
"""

from socket import socket
from time import perf_counter

from benchmarks.client import connect, exchange, small_jobs
from benchmarks.h2o import SMALL_JOB
from benchmarks.installation import installation
from benchmarks.peers import also
from benchmarks.table import Row, at_most, percentile, print_table

WARM_UP, JOBS, ROUNDS = 50, 500, 3
P50, P99 = 10.0, 25.0


def measure() -> list[Row]:
    """Milliseconds for half and for 99 % of the jobs, in the fastest round."""
    with installation() as found, connect(found.port) as sock:
        latencies(sock, WARM_UP, seed=0)
        rounds = [latencies(sock, JOBS, seed=1 + k) for k in range(ROUNDS)]
    halves = [1000 * percentile(times, 50) for times in rounds]
    p50 = min(halves)
    p99 = 1000 * percentile(rounds[halves.index(p50)], 99)
    work = f"100-row CSV to parameters, one client, fastest of {ROUNDS} rounds"
    return [
        also(at_most(f"{work}, p50", p50, P50, "ms"), p50 / 1000, SMALL_JOB),
        at_most(f"{work}, p99", p99, P99, "ms"),
        Row("  p50 of all rounds", ", ".join(f"{half:.3g} ms" for half in halves)),
    ]


def latencies(sock: socket, jobs: int, seed: int) -> list[float]:
    """Seconds of each job, from sending its request to its whole answer."""
    times = []
    for request in small_jobs("/v1/jobs?wait=30", jobs, seed):
        start = perf_counter()
        job = exchange(sock, request, 202).json()
        times.append(perf_counter() - start)
        assert job["state"] == "succeeded", job
    return times


if __name__ == "__main__":
    print_table(measure())
