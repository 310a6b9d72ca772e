"""Full-batch logistic regression on 1,000,000 rows and 20 features, the engine against the textbook's loop.

    python -m benchmarks.logistic

Both read every row in every iteration, and both keep the cost history.
"""

import numpy as np

from benchmarks.least_squares import FEATURES, ROWS, apart, standardised
from benchmarks.peers import ask, beside, handed_over, ours
from benchmarks.table import Row, print_table

ITERATIONS, RATE, GOAL = 10, 1.0, 3


def measure() -> list[Row]:
    """One row."""
    X, y = standardised(ROWS, FEATURES)
    with handed_over(X=X, y=(y > 0).astype(np.float64)) as folder:
        mine = ours("logistic", folder=folder, iterations=ITERATIONS, rate=RATE)
        told = ask("textbook", "logistic", folder=folder, iterations=ITERATIONS, rate=RATE)
    work = f"logistic, {ROWS:,} x {FEATURES}, full batch, {ITERATIONS} iterations (engine; {apart(mine, told)})"
    return [beside(work, mine.seconds, "textbook loop", told, GOAL)]


if __name__ == "__main__":
    print_table(measure())
