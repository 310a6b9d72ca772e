"""Full-batch least squares on 1,000,000 rows and 20 features, the engine against the textbook's loop.

    python -m benchmarks.least_squares

Both start from the same standardised matrix in memory, and both keep the cost history. Ours includes gathering the
moments, after which an iteration costs d² numbers instead of m·d: the rows say so, and how far apart the iterates end.
"""

import numpy as np
from numpy.typing import NDArray

from benchmarks.peers import Told, ask, beside, handed_over, ours
from benchmarks.table import Row, print_table

ROWS, FEATURES, RATE = 1_000_000, 20, 0.1
GOALS = {100: 50, 1000: 500}


def measure() -> list[Row]:
    """One row for each number of iterations, with data of its own."""
    return [_row(iterations, goal) for iterations, goal in GOALS.items()]


def _row(iterations: int, goal: float) -> Row:
    X, y = standardised(ROWS, FEATURES)
    with handed_over(X=X, y=y) as folder:
        mine = ours("least_squares", folder=folder, iterations=iterations, rate=RATE)
        told = ask("textbook", "least_squares", folder=folder, iterations=iterations, rate=RATE)
    same = f"engine; {apart(mine, told)}, at d² an iteration"
    work = f"least squares, {ROWS:,} x {FEATURES}, {iterations} iterations ({same})"
    return beside(work, mine.seconds, "textbook loop", told, goal)


def apart(mine: Told, told: Told | None) -> str:
    """How far the last parameters of both are apart; more than rounding is a defect."""
    if told is None:
        return "iterates not compared"
    most = np.abs(np.subtract(mine.more["theta"], told.more["theta"])).max()
    assert most < 1e-9, most
    return f"same iterates to {most:.0e}"


def standardised(rows: int, features: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Rows (m, d) with means 0 and standard deviations 1, and a target (m,) of them with noise."""
    rng = np.random.default_rng()
    X = rng.normal(size=(rows, features))
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    return X, X @ rng.normal(size=features) + rng.normal(size=rows)


if __name__ == "__main__":
    print_table(measure())
