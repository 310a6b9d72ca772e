"""Upkeep: what some worker does every few seconds, so that no job is lost and nothing is kept for ever."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, cast

import orjson

from contract.checkpoint_file import FILE
from contract.job import job_error
from contract.redis_client import translated
from contract.store_keys import CHECKPOINT, DEAD_CHECKPOINTS, QUEUE, TURN
from contract.store_moves import Moves
from contract.sweep import MOST_JOBS

LEASES_TO_LOSE = 3
UPTIME_MARGIN = 5.0
EXPIRED_AT_ONCE = 200
SWEEPS_AT_ONCE = EXPIRED_AT_ONCE // MOST_JOBS
WORKER_LOST = (
    "Three workers in a row died or fell silent while they ran this job. It may need more memory than a worker has; "
    "the workers' logs name the job."
)


class Reconciled(NamedTuple):
    """Jobs whose lease had run out, and queued jobs (oldest first) that want another hint."""

    rescued: list[str]
    unhinted: list[str]


class Upkeep:
    """Moves that concern whichever records are due."""

    def __init__(self, moves: Moves, lease: float, retention: float) -> None:
        self._move = moves
        self._lease = lease
        self._retention = retention

    def reconcile(self, limit: int = 1000) -> Reconciled:
        """Take back what dead workers hold and find what has no hint in the broker's list any more."""
        error = orjson.dumps(job_error("worker_lost", WORKER_LOST))
        uptime = self._lease + UPTIME_MARGIN
        rescued, unhinted = self._move("reconcile", uptime, LEASES_TO_LOSE, QUEUE, self._retention, limit, error)
        return Reconciled([job.decode() for job in rescued], [job.decode() for job in unhinted])

    def push_hints(self, hints: Sequence[bytes]) -> None:
        """Put hints into the broker's list, in this order."""
        if hints:
            with translated():
                self._move.client.lpush(QUEUE, *hints)

    def expire(self) -> Iterator[str]:
        """Forget terminal jobs, sweeps and unused datasets whose time is over; yields the datasets, whose files may go.

        Whatever their number, Redis does other things after every ``EXPIRED_AT_ONCE`` of each.
        """
        more = True
        while more:
            datasets, more = self._move("expire", self._retention, EXPIRED_AT_ONCE, SWEEPS_AT_ONCE)
            yield from (dataset.decode() for dataset in datasets)

    def dead_checkpoints(self) -> list[str]:
        """Names of checkpoints' files that no job has any more; each is named once, to whoever asks first."""
        with translated():
            names = cast("list[bytes] | None", self._move.client.spop(DEAD_CHECKPOINTS, EXPIRED_AT_ONCE))
        return [name.decode() for name in names or ()]

    def has_checkpoint(self, job_id: str, name: str) -> bool:
        """Whether the job's checkpoint is in the file of this name."""
        with translated():
            return self._move.client.get(CHECKPOINT + job_id) == FILE + name.encode()

    def take_turn(self, task: str, seconds: float) -> bool:
        """Whether this worker is the one to do ``task`` now; nobody else is for a little less than ``seconds``."""
        with translated():
            return bool(self._move.client.set(TURN + task, 1, nx=True, px=int(900 * seconds)))
