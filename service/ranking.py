"""What the jobs of a sweep came to: ranked by cost, with how soon each of them reached the target cost."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import orjson

from contract.job import JobRecord
from contract.sweep import Sweep
from engine.arrays import FloatArray
from engine.history import COLUMNS

ITERATION, COST, SECONDS = (COLUMNS.index(name) for name in ("iteration", "cost", "seconds"))
ORDER = ("succeeded", "cancelled", "failed")
LAST_PART = 0.01
"""Of the way from the best job's first cost to its end cost: where this is all that is left, the target is reached."""

Histories = Callable[[str], FloatArray]


class Ended(NamedTuple):
    """A job that has ended, and the costs of its parameters where they are known."""

    job: JobRecord
    cost: float | None
    validation_cost: float | None


def ranking(sweep: Sweep, histories: Histories) -> dict[str, Any]:
    """``target_cost`` and ``ranking`` as the API shows them.

    How soon the target was reached is told once all jobs have ended; ``histories`` gives the rows of a job's history.
    """
    ranked = _ranked([_ended(job) for job in sweep.jobs if job.is_terminal])
    target: float | None = orjson.loads(sweep.record.target_cost)
    if sweep.record.is_terminal and target is None:
        target = _derived_target(ranked, histories)
    known = target if sweep.record.is_terminal else None
    return {"target_cost": target, "ranking": [_entry(ended, known, histories) for ended in ranked]}


def by_rank(jobs: Sequence[JobRecord]) -> list[JobRecord]:
    """Those that have ended as they are ranked, and then the others."""
    ranked = _ranked([_ended(job) for job in jobs if job.is_terminal])
    return [*(ended.job for ended in ranked), *(job for job in jobs if not job.is_terminal)]


def _ended(job: JobRecord) -> Ended:
    return Ended(job, **orjson.loads(job.costs)) if job.costs else Ended(job, None, None)


def _ranked(jobs: Sequence[Ended]) -> list[Ended]:
    """By their ends, then all by the same cost: on held-out rows where there are some. What is not known is last."""
    held_out = any(ended.validation_cost is not None for ended in jobs)

    def place(ended: Ended) -> tuple[int, bool, float]:
        cost = ended.validation_cost if held_out else ended.cost
        return ORDER.index(ended.job.state), cost is None, cost or 0.0

    return sorted(jobs, key=place)


def _derived_target(ranked: Sequence[Ended], histories: Histories) -> float | None:
    """Where ``LAST_PART`` of the way is left from the best job's first cost to its end cost.

    The best is the job with the least end cost of those that have not failed; None where there is none.
    """
    costs = [(ended.cost, ended.job) for ended in ranked if ended.cost is not None and ended.job.state != "failed"]
    if not costs:
        return None
    best, job = min(costs, key=lambda found: found[0])
    start = float(histories(job.id)[0, COST])
    return best + LAST_PART * (start - best)


def _entry(ended: Ended, target: float | None, histories: Histories) -> dict[str, Any]:
    iterations, seconds = (None, None) if target is None else _reached(histories(ended.job.id), target)
    return {
        "job": ended.job.id,
        "state": ended.job.state,
        "varied": orjson.Fragment(ended.job.varied or b"{}"),
        "cost": ended.cost,
        "validation_cost": ended.validation_cost,
        "iterations_to_target": iterations,
        "seconds_to_target": seconds,
    }


def _reached(rows: FloatArray, target: float) -> tuple[int | None, float | None]:
    """Iteration and seconds of the first entry whose cost is at most ``target``."""
    found = np.flatnonzero(rows[:, COST] <= target)
    return (int(rows[found[0], ITERATION]), float(rows[found[0], SECONDS])) if found.size else (None, None)
