"""A 100-row CSV over HTTP to fitted parameters, one client, one job after the other.

    python -m benchmarks.small_jobs

Each job has data of its own. What counts is the time from sending the request to the whole answer.
"""

from time import perf_counter

from benchmarks.client import connect, exchange, small_jobs
from benchmarks.h2o import SMALL_JOB
from benchmarks.installation import Installation, installation
from benchmarks.peers import also
from benchmarks.table import Row, at_most, percentile, print_table

WARM_UP, JOBS = 50, 500
P50, P99 = 10.0, 25.0


def measure() -> list[Row]:
    """Milliseconds for half and for 99 % of the jobs."""
    with installation() as found:
        times = [1000 * seconds for seconds in latencies(found)]
    p50 = percentile(times, 50)
    return [
        also(at_most("100-row CSV to parameters, one client, p50", p50, P50, "ms"), p50 / 1000, SMALL_JOB),
        at_most("100-row CSV to parameters, one client, p99", percentile(times, 99), P99, "ms"),
    ]


def latencies(found: Installation) -> list[float]:
    """Seconds of each job after the warm-up."""
    requests = small_jobs("/v1/jobs?wait=30", WARM_UP + JOBS, seed=1)
    with connect(found.port) as sock:
        times = []
        for request in requests:
            start = perf_counter()
            job = exchange(sock, request, 202).json()
            times.append(perf_counter() - start)
            assert job["state"] == "succeeded", job
    return times[WARM_UP:]


if __name__ == "__main__":
    print_table(measure())
