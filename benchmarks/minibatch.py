"""A shuffled pass of Adam with batches of 256 over 1,000,000 rows and 20 features, the engine against PyTorch.

    python -m benchmarks.minibatch

Ours computes in float64 and also evaluates the cost on all rows after each pass; PyTorch computes in float32.
"""

from benchmarks.least_squares import FEATURES, ROWS, standardised
from benchmarks.peers import ask, beside, handed_over, ours
from benchmarks.stochastic import check
from benchmarks.table import Row, print_table

PASSES, SIZE, RATE, GOAL = 3, 256, 0.01, 20


def measure() -> list[Row]:
    """One row."""
    X, y = standardised(ROWS, FEATURES)
    with handed_over(X=X, y=y) as folder:
        mine = ours("small_batches", folder=folder, passes=PASSES, size=SIZE, rate=RATE)
        told = ask("pytorch", "small_batches", folder=folder, passes=PASSES, size=SIZE, rate=RATE)
    check(mine, told)
    work = f"pass of Adam with batches of {SIZE}, {ROWS:,} x {FEATURES} (engine)"
    return [beside(work, mine.seconds, "PyTorch", told, GOAL)]


if __name__ == "__main__":
    print_table(measure())
