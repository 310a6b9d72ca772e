"""What a bound by duality costs and holds, so that it is begun only where it is little beside the run."""

from typing import Final

from engine.rows import PASS_NUMBERS

MOST_ROWS: Final = 1 << 19
MOST_COLUMNS: Final = 512
"""With more rows or columns a bound would hold more than a worker may beside the job: some 100 MiB."""

VECTORS: Final = 24
"""Numbers held for each row and each penalised parameter."""

SQUARES: Final = 4
"""Matrices of p² numbers: the Newton equations, the same at one size, and what solves them."""

BLOCKS: Final = 3
"""Blocks of a pass: inputs, the same weighted, and what gathers them."""

PASSES: Final = 4
"""Of a round, over the rows and their vectors, beside its products of columns."""

PRODUCT: Final = 0.1
"""What a product of two numbers is worth beside a number of a pass: they are read from a cache."""


def round_numbers(rows: int, columns: int) -> float:
    """What a round costs: as much as a pass that reads so many numbers, which takes about 1 ns for each.

    p² products for each row make the equations and p³/3 solve them.
    """
    p = columns
    return rows * (PASSES * (p + VECTORS) + PRODUCT * p**2) + PRODUCT * p**3 / 3


def held_numbers(rows: int, columns: int) -> int:
    """How many numbers are held at most; none where there are too many rows or columns for a bound."""
    if rows > MOST_ROWS or columns > MOST_COLUMNS:
        return 0
    return VECTORS * (rows + columns) + SQUARES * columns**2 + BLOCKS * PASS_NUMBERS
