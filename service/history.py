"""A job's history as columns: all of it, what is new, or about as many points as a screen shows."""

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from contract.job import JobRecord
from contract.recorded import recorded
from engine.history import COLUMNS
from service.csv_header import header_line

NAMES = {"iteration": "iterations"}
WHERE_KNOWN = ("validation_cost", "optimality_gap", "accuracy", "validation_accuracy")
"""Columns that not every job has: null without a number."""


def history_view(job: JobRecord, packed: bytes, points: int | None, since: int | None) -> dict[str, Any]:
    """The history object of ``api.md``; a number that is not finite or not known is null."""
    total, stride, names, start, kept = recorded(job, packed)
    rows = _selected(kept, points, since)
    return {
        "job": job.id,
        "total": total,
        "stride": stride,
        "start": start,
        **{NAMES.get(name, name): _column(name, rows[:, k]) for k, name in enumerate(COLUMNS)},
        "parameters": {name: np.ascontiguousarray(rows[:, len(COLUMNS) + k]) for k, name in enumerate(names)} or None,
    }


def history_csv(job: JobRecord, packed: bytes, points: int | None, since: int | None) -> str:
    """The same rows as CSV with a header; a number that is not finite or not known is an empty cell."""
    found = recorded(job, packed)
    rows = _selected(found.rows, points, since)
    table = np.where(np.isfinite(rows), rows, np.nan).tolist()
    lines = (f"{row[0]:.0f}," + ",".join("" if cell != cell else repr(cell) for cell in row[1:]) for row in table)
    header = header_line([*COLUMNS, *(f"parameters.{name}" for name in found.parameters)])
    return header + "\n".join([*lines, ""])


def _selected(rows: NDArray[np.float64], points: int | None, since: int | None) -> NDArray[np.float64]:
    """The rows (n, columns) that were asked for."""
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
    every k-th row would lose. Stretches are shorter at the beginning, where most happens, as on a logarithmic axis.
    Where rows coincide evenly spaced ones take their places.
    """
    size = len(costs)
    finite = np.where(np.isfinite(costs), costs, 0.0)
    kept = {0, size - 1, int(finite.argmin()), int(finite.argmax())}
    for first, end in pairwise(_edges(size, max((points - len(kept)) // 2, 0))):
        stretch = finite[first:end]
        kept |= {int(first + stretch.argmin()), int(first + stretch.argmax())}
    spare = max(points - len(kept), 0)
    kept |= set(np.linspace(0, size - 1, spare + 2).astype(np.int64)[1:-1].tolist())
    return np.array(sorted(kept), np.int64)


def _edges(size: int, stretches: int) -> list[int]:
    """The ends of at most so many stretches of rows: every second one as on a linear, or else a logarithmic axis."""
    if not stretches:
        return []
    even = np.linspace(0, size, stretches // 2 + 1)
    early = np.geomspace(1, size, stretches - stretches // 2 + 1)[:-1]
    return [int(edge) for edge in np.unique(np.concatenate([even, early, [0, size]]).astype(np.int64))]
