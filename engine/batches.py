"""Which rows each step of a pass reads."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final, Literal, NamedTuple

import numpy as np

from engine.arrays import IntArray
from engine.errors import BatchError
from engine.randomness import ORDER, generator

Sampling = Literal["shuffle", "sequential", "replacement", "subset"]

SUBSETS_A_WINDOW: Final = 256
ROWS_A_WINDOW: Final = 1 << 16
"""Of draws with replacement: 512 KiB.

What is drawn is drawn while it is used, so that a pass of millions goes on at once, and pauses. A window begins anew
from its number: whoever goes on in the midst of a pass draws no more than one to get there.
"""


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
    if batching.sampling in ("replacement", "subset"):
        draw = _subsets if batching.sampling == "subset" else _draws
        yield from _regrouped(draw(size, rows, seed, iteration, first, steps), at_once * size)
        return
    order = generator(seed, ORDER, iteration).permutation(rows) if batching.sampling == "shuffle" else np.arange(rows)
    for start in range(first, steps, at_once):
        yield order[start * size : (start + at_once) * size]


def drawing_time(batching: Batching, rows: int) -> int:
    """About how many nanoseconds it takes to draw a step's rows beside using them: for a subset, each has a call.

    NumPy makes a set of few rows, and shuffles a list of all where they are more than one in fifty.
    """
    if batching.sampling != "subset" or batching.size is None:
        return 0
    return 20_000 + 60 * batching.size + 2 * min(rows, 50 * batching.size)


def _draws(size: int, rows: int, seed: int, iteration: int, first: int, steps: int) -> Iterator[IntArray]:
    """Independent rows of the batches from number `first` to before `steps`, in arrays of whole batches."""
    many = max(1, ROWS_A_WINDOW // size)
    for window in range(first - first % many, steps, many):
        drawn = generator(seed, ORDER, iteration, window).integers(0, rows, min(many, steps - window) * size)
        yield drawn[max(0, first - window) * size :]


def _subsets(size: int, rows: int, seed: int, iteration: int, first: int, steps: int) -> Iterator[IntArray]:
    """Subsets (size,) from number `first` to before `steps`; no more than a window is drawn to reach the first."""
    for window in range(first - first % SUBSETS_A_WINDOW, steps, SUBSETS_A_WINDOW):
        random = generator(seed, ORDER, iteration, window)
        many = min(SUBSETS_A_WINDOW, steps - window)
        drawn = (random.choice(rows, size, replace=False) for _ in range(many))
        yield from islice(drawn, max(0, first - window), None)


def _regrouped(arrays: Iterable[IntArray], length: int) -> Iterator[IntArray]:
    """The same numbers in arrays (length,), the last one possibly shorter; none is asked for before it is needed."""
    held: list[IntArray] = []
    missing = length
    for numbers in arrays:
        rest = numbers
        while rest.size:
            piece, rest = rest[:missing], rest[missing:]
            held.append(piece)
            missing -= piece.size
            if not missing:
                yield held[0] if len(held) == 1 else np.concatenate(held)
                held, missing = [], length
    if held:
        yield np.concatenate(held)


def _refuse_impossible(batching: Batching, size: int, rows: int) -> None:
    if batching.sampling == "subset" and size > rows:
        raise BatchError(f"A subset of {size} rows without repeats cannot be drawn from {rows} training rows.")
    whole_pass = batching.steps in (None, -(-rows // size))
    if batching.sampling in ("shuffle", "sequential") and not whole_pass:
        raise BatchError(
            f"A pass with {batching.sampling!r} reads all rows once: the number of steps follows from the "
            "batch size. Choose 'replacement' or 'subset' to set it."
        )
