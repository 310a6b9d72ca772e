"""Which rows each step of a pass reads."""

from collections.abc import Iterator
from itertools import islice
from typing import Final, Literal, NamedTuple

import numpy as np

from engine.arrays import IntArray
from engine.errors import BatchError
from engine.randomness import ORDER, generator

Sampling = Literal["shuffle", "sequential", "replacement", "subset"]

SUBSETS_A_WINDOW: Final = 256
"""Each subset costs a call, so they are drawn while they are used: a pass of millions goes on at once, and pauses."""


class Batching(NamedTuple):
    """`size` rows a batch (None: all rows in one step), `steps` batches a pass (None: ceil(m / size)).

    shuffle: a new permutation each pass; sequential: rows in their order; both end with a short batch where
    size does not divide m. replacement: each row drawn independently; subset: each batch drawn without
    repeats, independently of the others; both have full batches only.
    """

    size: int | None = None
    sampling: Sampling = "shuffle"
    steps: int | None = None


def steps_per_pass(batching: Batching, rows: int) -> int:
    """Steps of one pass over `rows` training rows. Raises BatchError where the batches cannot be drawn."""
    if batching.size is None:
        return 1
    _refuse_impossible(batching, batching.size, rows)
    return batching.steps or -(-rows // batching.size)


def rows_in_turn(
    batching: Batching, rows: int, seed: int, iteration: int, first: int = 0, at_once: int = 1
) -> Iterator[IntArray]:
    """Rows of one pass from batch number `first` on, those of `at_once` batches at a time, batch after batch.

    Each but the last array is (at_once * size,).
    """
    size, steps = batching.size or rows, steps_per_pass(batching, rows)
    if batching.sampling == "subset":
        subsets = islice(_subsets(size, rows, seed, iteration, first), steps - first)
        while taken := list(islice(subsets, at_once)):
            yield np.concatenate(taken)
        return
    order = _order(batching, rows, seed, iteration)
    for start in range(first, steps, at_once):
        yield order[start * size : (start + at_once) * size]


def _order(batching: Batching, rows: int, seed: int, iteration: int) -> IntArray:
    """All rows of one pass, batch after batch."""
    if batching.sampling == "sequential":
        return np.arange(rows)
    random = generator(seed, ORDER, iteration)
    if batching.sampling == "shuffle":
        return random.permutation(rows)
    return random.integers(0, rows, steps_per_pass(batching, rows) * (batching.size or rows))


def _subsets(size: int, rows: int, seed: int, iteration: int, first: int) -> Iterator[IntArray]:
    """Subsets (size,) without end, from number `first` on, which takes no more than a window of drawing to reach."""
    while True:
        window = first - first % SUBSETS_A_WINDOW
        random = generator(seed, ORDER, iteration, window)
        drawn = (random.choice(rows, size, replace=False) for _ in range(SUBSETS_A_WINDOW))
        yield from islice(drawn, first - window, None)
        first = window + SUBSETS_A_WINDOW


def _refuse_impossible(batching: Batching, size: int, rows: int) -> None:
    if batching.sampling == "subset" and size > rows:
        raise BatchError(f"A subset of {size} rows without repeats cannot be drawn from {rows} training rows.")
    whole_pass = batching.steps in (None, -(-rows // size))
    if batching.sampling in ("shuffle", "sequential") and not whole_pass:
        raise BatchError(
            f"A pass with {batching.sampling!r} reads all rows once: the number of steps follows from the "
            "batch size. Choose 'replacement' or 'subset' to set it."
        )
