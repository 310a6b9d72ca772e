"""A job's history as columns: all of it, what is new, or about as many points as a screen shows."""

from itertools import pairwise
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from contract.job import JobRecord
from engine.history import COLUMNS

NAMES = {"iteration": "iterations"}
WHERE_KNOWN = ("validation_cost", "optimality_gap", "accuracy", "validation_accuracy")
"""Columns that not every job has: null without a number."""


def history_view(job: JobRecord, packed: bytes, points: int | None, since: int | None) -> dict[str, Any]:
    """The history object of ``api.md``; a number that is not finite or not known is null."""
    rows = _selected(packed, points, since)
    counts = orjson.loads(job.history) if job.history else {"total": 0, "stride": 1}
    return {
        "job": job.id,
        **counts,
        **{NAMES.get(name, name): _column(name, rows[:, k]) for k, name in enumerate(COLUMNS)},
    }


def history_csv(packed: bytes, points: int | None, since: int | None) -> str:
    """The same rows as CSV with a header; a number that is not finite or not known is an empty cell."""
    table = np.where(np.isfinite(rows := _selected(packed, points, since)), rows, np.nan).tolist()
    lines = (f"{row[0]:.0f}," + ",".join("" if cell != cell else repr(cell) for cell in row[1:]) for row in table)
    return "\n".join([",".join(COLUMNS), *lines, ""])


def _selected(packed: bytes, points: int | None, since: int | None) -> NDArray[np.float64]:
    """The rows (n, columns) that were asked for."""
    rows = np.frombuffer(packed, "<f8").reshape(-1, len(COLUMNS))
    if since is not None:
        rows = rows[rows[:, 0] > since]
    if points is not None and len(rows) > points:
        rows = rows[chosen_rows(rows[:, 1], points)]
    return rows


def _column(name: str, values: NDArray[np.float64]) -> list[Any] | NDArray[Any] | None:
    if name == "iteration":
        return values.astype(np.int64)
    if name in WHERE_KNOWN and np.isnan(values).all():
        return None
    return np.ascontiguousarray(values)


def chosen_rows(costs: NDArray[np.float64], points: int) -> NDArray[np.int64]:
    """Rows that keep first, last, least and greatest cost, and of each stretch between them its extremes.

    At most ``points`` rows, but never fewer than those four. The extremes of a stretch keep spikes visible, which
    every k-th row would lose. Where they coincide, as on a cost that only falls, evenly spaced rows take their places.
    """
    size = len(costs)
    finite = np.where(np.isfinite(costs), costs, 0.0)
    kept = {0, size - 1, int(finite.argmin()), int(finite.argmax())}
    edges = np.linspace(0, size, max((points - len(kept)) // 2, 0) + 1).astype(np.int64)
    for first, end in pairwise(edges.tolist()):
        stretch = finite[first:end]
        kept |= {int(first + stretch.argmin()), int(first + stretch.argmax())} if stretch.size else set()
    spare = max(points - len(kept), 0)
    kept |= set(np.linspace(0, size - 1, spare + 2).astype(np.int64)[1:-1].tolist())
    return np.array(sorted(kept), np.int64)
