"""A pass of SGD with batches of 32 over 60,000 images of 784 pixels, 128 hidden units and ten classes, against PyTorch.

    python -m benchmarks.network

Both sides compute in float32 and in their usual number of threads. Ours keeps and moves the parameters in float64 and
also evaluates cost and accuracy of all rows after each pass. The images are made up: ten shapes with noise.
"""

import numpy as np

from benchmarks.peers import ask, beside, handed_over, ours
from benchmarks.table import Row, print_table

ROWS, PIXELS, CLASSES, HIDDEN = 60_000, 784, 10, 128
PASSES, SIZE, RATE, GOAL = 3, 32, 0.01, 2
ACCURACY = 0.9


def measure() -> list[Row]:
    """One row."""
    random = np.random.default_rng()
    y = random.integers(0, CLASSES, ROWS)
    X = random.random((CLASSES, PIXELS))[y] + random.normal(0, 0.3, (ROWS, PIXELS))
    with handed_over(X=X.astype(np.float32), y=y) as folder:
        same = {"folder": folder, "hidden": HIDDEN, "passes": PASSES, "size": SIZE, "rate": RATE}
        mine, told = ours("network", **same), ask("pytorch", "network", **same)
    for side in (mine, told):
        assert side is None or side.more["accuracy"] > ACCURACY, f"{side.name} has not learnt the classes"
    work = f"pass of SGD with batches of {SIZE}, {ROWS:,} images, network {PIXELS}-{HIDDEN}-{CLASSES} (engine)"
    return [beside(work, mine.seconds, "PyTorch", told, GOAL)]


if __name__ == "__main__":
    print_table(measure())
