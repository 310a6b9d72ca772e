"""Which rows each step of a pass reads."""

from typing import Literal, NamedTuple

import numpy as np

from engine.arrays import IntArray
from engine.errors import BatchError
from engine.randomness import ORDER, generator

Sampling = Literal["shuffle", "sequential", "replacement", "subset"]


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


def row_order(batching: Batching, rows: int, seed: int, iteration: int) -> IntArray:
    """Rows of one pass, batch after batch; batch k is [k * size, (k + 1) * size) of it, cut at the end."""
    if batching.sampling == "sequential":
        return np.arange(rows)
    random = generator(seed, ORDER, iteration)
    if batching.sampling == "shuffle":
        return random.permutation(rows)
    size = batching.size or rows
    steps = steps_per_pass(batching, rows)
    if batching.sampling == "replacement":
        return random.integers(0, rows, steps * size)
    return np.concatenate([random.choice(rows, size, replace=False) for _ in range(steps)])


def _refuse_impossible(batching: Batching, size: int, rows: int) -> None:
    if batching.sampling == "subset" and size > rows:
        raise BatchError(f"A subset of {size} rows without repeats cannot be drawn from {rows} training rows.")
    whole_pass = batching.steps in (None, -(-rows // size))
    if batching.sampling in ("shuffle", "sequential") and not whole_pass:
        raise BatchError(
            f"A pass with {batching.sampling!r} reads all rows once: the number of steps follows from the "
            "batch size. Choose 'replacement' or 'subset' to set it."
        )
