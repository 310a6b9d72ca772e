"""Work on many blocks of rows shared by threads, for NumPy and compiled code leave the interpreter's lock to others."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from itertools import islice
from typing import Final, TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")

BLOCKS_A_RUN: Final = 2
"""Fewer, of some 300 µs each, are done before a thread has started."""


def in_order(
    work: Callable[[Item], Answer], items: Iterable[Item], threads: int = 1, run: int = BLOCKS_A_RUN
) -> Iterator[Answer]:
    """work(item) of every item in their order, a thread taking `run` neighbours at a time; one thread starts none.

    Where threads share the work, at most (threads + 1) * run answers that were not yet asked for are kept.
    """
    if threads == 1:
        return map(work, items)
    known = list(items)
    if len(known) <= run:
        return map(work, known)
    return _shared(work, [known[first : first + run] for first in range(0, len(known), run)], threads)


def _shared(work: Callable[[Item], Answer], runs: list[list[Item]], threads: int) -> Iterator[Answer]:
    """One run more than there are threads is under way, so that none waits for whoever takes the answers."""
    with ThreadPoolExecutor(min(threads, len(runs))) as pool:

        def begun(run: list[Item]) -> Future[list[Answer]]:
            # A thread of its own would not know which warnings of NumPy are off here.
            return pool.submit(copy_context().run, lambda: [work(item) for item in run])

        waiting = iter(runs)
        under_way = deque(begun(run) for run in islice(waiting, threads + 1))
        while under_way:
            yield from under_way.popleft().result()
            under_way.extend(begun(run) for run in islice(waiting, 1))
