"""A shuffled pass of single rows over 1,000,000 rows and 20 features, squared loss, the engine against scikit-learn.

    python -m benchmarks.stochastic

Ours also evaluates the cost on all rows after each pass.
"""

from benchmarks.least_squares import FEATURES, ROWS, standardised
from benchmarks.peers import Told, ask, beside, handed_over, ours
from benchmarks.table import Row, print_table

PASSES, RATE, GOAL = 3, 0.001, 2


def measure() -> list[Row]:
    """One row."""
    X, y = standardised(ROWS, FEATURES)
    with handed_over(X=X, y=y) as folder:
        mine = ours("stochastic", folder=folder, passes=PASSES, rate=RATE)
        told = ask("scikit_learn", "stochastic", folder=folder, passes=PASSES, rate=RATE)
    check(mine, told)
    return [beside(f"stochastic pass, {ROWS:,} x {FEATURES} (engine)", mine.seconds, "scikit-learn", told, GOAL)]


def check(mine: Told, told: Told | None) -> None:
    """Both must have come equally far: they are the same descent on rows in another order."""
    assert told is None or abs(mine.more["cost"] / told.more["cost"] - 1) < 0.05, (mine, told)


if __name__ == "__main__":
    print_table(measure())
