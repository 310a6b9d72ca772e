"""The record of a sweep: several jobs on the same rows, which are accepted, watched, cancelled and deleted together.

Fields that hold JSON stay as the bytes that were written, and times are Unix seconds, as in a job's record.
"""

from collections.abc import Mapping
from typing import NamedTuple

from contract.job import TERMINAL, JobRecord, Revision

MOST_JOBS = 64


class SweepRecord(NamedTuple):
    """A sweep is queued until the first of its jobs begins or ends, and runs until the last has ended.

    Then it is cancelled if it was cancelled before all of its jobs had ended otherwise (or if each of them was),
    succeeded if any of them has, and failed else. ``finished`` counts the jobs that have ended, of ``total``.
    """

    id: str
    state: str
    name: bytes
    labels: bytes
    created_at: float
    started_at: float | None
    finished_at: float | None
    expires_at: float | None
    total: int
    finished: int
    target_cost: bytes
    ranking: bytes | None

    @property
    def is_terminal(self) -> bool:
        """Whether all of its jobs have ended."""
        return self.state in TERMINAL


class Sweep(NamedTuple):
    """A sweep with its jobs in the order of the request, as of one moment.

    ``queue_position`` counts the jobs before the first of its queued ones, None where none is queued.
    """

    record: SweepRecord
    jobs: list[JobRecord]
    queue_position: int | None

    @property
    def id(self) -> str:
        """The sweep's."""
        return self.record.id

    @property
    def is_terminal(self) -> bool:
        """Whether all of its jobs have ended."""
        return self.record.is_terminal

    def as_revision(self) -> Revision:
        """What of the sweep changes whenever it does: each of its moves writes one of its jobs."""
        return Revision(sum(job.revision for job in self.jobs), self.record.state, self.queue_position)


# What of a job the sweep's document is made from, beside the light fields: nothing that grows with the model.
FIELDS_OF_JOBS = ("revision",)


def decode_sweep(fields: Mapping[bytes, bytes], unfinished: int) -> SweepRecord:
    """The record from the hash that Redis answers, and the number of its jobs that have not ended."""
    started, finished, expires = (
        None if (at := fields.get(name)) is None else float(at)
        for name in (b"started_at", b"finished_at", b"expires_at")
    )
    return SweepRecord(
        id=fields[b"id"].decode(),
        state=fields[b"state"].decode(),
        name=fields[b"name"],
        labels=fields[b"labels"],
        created_at=float(fields[b"created_at"]),
        started_at=started,
        finished_at=finished,
        expires_at=expires,
        total=int(fields[b"total"]),
        finished=int(fields[b"total"]) - unfinished,
        target_cost=fields[b"target_cost"],
        ranking=fields.get(b"ranking"),
    )
