"""The one table that all benchmarks print."""

import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from platform import machine, python_version
from statistics import median
from time import perf_counter
from typing import NamedTuple


class Row(NamedTuple):
    """One line of the table; a goal that was missed says so in the last column."""

    work: str
    ours: str
    peer: str = ""
    ratio: str = ""
    goal: str = ""
    verdict: str = ""


HEAD = Row(*Row._fields)
ADDITIONS = 3_000_000


def at_most(work: str, value: float, goal: float, unit: str) -> Row:
    """A figure that should not be larger than its goal."""
    return _held(work, f"{value:.3g} {unit}", f"≤ {goal:.4g} {unit}", value <= goal, value / goal)


def at_least(work: str, value: float, goal: float, unit: str) -> Row:
    """A figure that should not be smaller than its goal."""
    return _held(work, f"{value:.3g} {unit}", f"≥ {goal:.4g} {unit}", value >= goal, value / goal)


def _held(work: str, value: str, goal: str, reached: bool, share: float) -> Row:
    return Row(work, value, goal=goal, verdict=f"{'reached' if reached else 'MISSED'}, {share:.2f} of the goal")


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that at least this part of all values does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -int(-len(ordered) * percent // 100) - 1)]


def pace() -> float:
    """Seconds of a fixed loop in Python, by which figures of one machine at different hours can be compared."""
    start, total = perf_counter(), 0
    for number in range(ADDITIONS):
        total += number
    return perf_counter() - start


def pace_together() -> float:
    """Seconds of the loop while every core runs it: longer than alone where two cores of the table share one."""
    count = os.cpu_count() or 1
    with ProcessPoolExecutor(count) as pool:
        return max(pool.map(_usual_pace, range(count)))


def _usual_pace(_: int) -> float:
    return median(pace() for _ in range(9))


def print_table(rows: Iterable[Row]) -> None:
    """Print the machine and the table, its columns aligned."""
    table = [HEAD, *rows]
    widths = [max(len(row[k]) for row in table) for k in range(len(HEAD))]
    print(f"{os.cpu_count()} cores, {machine()}, Python {python_version()}\n")
    table.insert(1, Row(*("-" * width for width in widths)))
    for row in table:
        print(" | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
