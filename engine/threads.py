"""Work on many blocks of rows shared by threads, for NumPy and compiled code leave the interpreter's lock to others."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from itertools import chain
from typing import Final, TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")

BLOCKS_A_THREAD: Final = 8
"""Fewer, of some 100 µs each, are done before a thread has started."""


def in_order(
    work: Callable[[Item], Answer], items: Iterable[Item], threads: int = 1, fewest: int = BLOCKS_A_THREAD
) -> Iterator[Answer]:
    """work(item) of every item in their order, each thread with a run of at least `fewest`; one thread starts none."""
    if threads == 1:
        return map(work, items)
    known = list(items)
    share = max(fewest, -(-len(known) // threads))
    runs = [known[first : first + share] for first in range(0, len(known), share)]
    if len(runs) < 2:
        return map(work, known)
    # A thread of its own would not know which warnings of NumPy are off here.
    contexts = [copy_context() for _ in runs]
    with ThreadPoolExecutor(len(runs)) as pool:
        answers = [
            pool.submit(context.run, lambda run=run: [work(item) for item in run])
            for context, run in zip(contexts, runs, strict=True)
        ]
        return chain.from_iterable([answer.result() for answer in answers])
