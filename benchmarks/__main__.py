"""All benchmarks in a fixed order and one table: ``python -m benchmarks``; names as arguments select some."""

import sys

from benchmarks import (
    big_csv,
    csv_reading,
    first_job,
    flow,
    least_squares,
    logistic,
    memory_worker,
    minibatch,
    network,
    predictions,
    small_jobs,
    stochastic,
    upload_memory,
    waiting,
)
from benchmarks.table import ADDITIONS, pace, pace_together, print_table

ALL = {
    "small_jobs": small_jobs,
    "flow": flow,
    "first_job": first_job,
    "waiting": waiting,
    "least_squares": least_squares,
    "logistic": logistic,
    "stochastic": stochastic,
    "minibatch": minibatch,
    "network": network,
    "big_csv": big_csv,
    "upload_memory": upload_memory,
    "memory_worker": memory_worker,
    "predictions": predictions,
    "csv_reading": csv_reading,
}


def main(names: list[str]) -> int:
    """Run the benchmarks that are named, or all; the exit status says whether the names were known."""
    unknown = [name for name in names if name not in ALL]
    if unknown:
        print(f"benchmarks: there is no {', '.join(unknown)}; there are: {', '.join(ALL)}", file=sys.stderr)
        return 2
    rows, paces = [], [pace()]
    for name in names or ALL:
        print(f"benchmarks: {name} …", file=sys.stderr, flush=True)
        rows += ALL[name].measure()
        paces.append(pace())
    print_table(rows)
    alone = f"alone between the benchmarks {min(paces):.3f} to {max(paces):.3f} s"
    print(f"\n{ADDITIONS:,} additions in Python: {alone}; on all cores at once {pace_together():.3f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
