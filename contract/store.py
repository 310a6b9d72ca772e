"""The record in Redis: the truth about every job. Each move is one atomic call by Redis' own clock.

    none --accept--> queued --claim--> running --finish--> succeeded | failed | cancelled
                       |  ^               |
                       |  +---release-----+  (orderly shutdown)  and  reconcile (lease lost, at most twice)
                       +--cancel--> cancelled                            terminal --delete, expire--> none

``claim`` hands out a lease and a fencing token (the fence); every later write carries the fence and is refused once
the job has moved on, so a worker that was thought dead can do no harm (M. Kleppmann, "How to do distributed
locking", 2016). The moves are Lua texts in ``contract/moves``; key names are born in ``store_keys.py``.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple, cast

import redis

from contract.config import Config
from contract.dataset import Dataset
from contract.errors import Conflict, NotFound
from contract.job import PLAIN_FORMAT, RECORD_FORMAT, TERMINAL, JobRecord, Revision, decode_job, pack_fields
from contract.redis_client import translated
from contract.store_datasets import Datasets, dump_dataset, refuse_lacking
from contract.store_keys import CHECKPOINT, INDEXES, JOB, MODEL, QUEUE
from contract.store_lists import Lists
from contract.store_moves import Moves, pairs
from contract.store_replays import NOT_ONCE, Once, Replays, refuse
from contract.store_sweeps import Sweeps
from contract.store_upkeep import Upkeep
from contract.store_workshop import Workshop

MOST_CHILDREN = 100
NO_JOB = "There is no job {!r:.100}; it may have expired."
NOT_KEPT = (
    "No state of this job was kept to go on from: it was larger than THALWEG_MAX_CHECKPOINT allows, or the disk had no "
    "room. Post the job again with more iterations."
)
PART_OF_A_SWEEP = "The job is part of the sweep {!r}, which keeps all its jobs: delete the sweep."

STANDING: Final = {
    "queued": "is queued",
    "running": "is running",
    "succeeded": "has succeeded",
    "failed": "has failed",
    "cancelled": "was cancelled",
}


def no_job(job_id: str) -> NotFound:
    """That there is no such job."""
    return NotFound(NO_JOB.format(job_id), "job", job_id)


class Claim(NamedTuple):
    """What a worker holds while it runs a job; ``fence`` goes into each of its writes. Bytes are JSON texts.

    But for a job that continues another one: ``checkpoint`` is what Redis holds of where it goes on, ``base`` are the
    packed history rows before, ``resolved`` is what that job's settings came to.
    """

    job: str
    fence: int
    attempt: int
    settings: bytes
    warnings: bytes
    checkpoint: bytes = b""
    base: bytes = b""
    resolved: bytes = b""


class Origin(NamedTuple):
    """The job that a new one continues, and what Redis holds of its checkpoint for the new one."""

    parent: str = ""
    checkpoint: bytes = b""


class Entries(NamedTuple):
    """Packed entries of a history and the byte offset where they belong; offset 0 replaces the whole history."""

    offset: int = 0
    packed: bytes = b""


NO_ORIGIN = Origin()


class Store:
    """One job's reads and moves over one Redis client; raises ``Unavailable`` while Redis is away.

    What concerns other things than one job is reached through its parts.
    """

    def __init__(self, client: redis.Redis, *, lease: float, retention: float) -> None:
        self.client = client
        self._lease = lease
        self._retention = retention
        self._move = moves = Moves(client)
        self.datasets = Datasets(moves, retention)
        self.lists = Lists(moves)
        self.replays = Replays(moves)
        self.sweeps = Sweeps(moves, retention)
        self.upkeep = Upkeep(moves, lease, retention)
        self.workshop = Workshop(moves)

    @classmethod
    def of(cls, config: Config, client: redis.Redis) -> "Store":
        """The records of the installation that is configured so."""
        return cls(client, lease=config.lease, retention=config.retention)

    # A job's life, as the API sees it

    def accept(
        self,
        job_id: str,
        dataset: Dataset | None,
        fields: Mapping[str, Any],
        hint: bytes,
        *,
        new_dataset: bool,
        uses: Sequence[str] = (),
        once: Once = NOT_ONCE,
        origin: Origin = NO_ORIGIN,
    ) -> JobRecord:
        """None -> queued, with its hint and with the dataset's record where there is a new one; answers the record.

        ``uses`` are datasets beside the job's own; none of them goes while the job lives. Raises ``NotFound`` when a
        dataset has gone meanwhile, ``Conflict`` for an id that is taken, and as ``refuse`` does for ``once``.
        """
        parts = dump_dataset(dataset) if dataset and new_dataset else (b"", b"")
        packed = pack_fields({"format": RECORD_FORMAT if origin.parent else PLAIN_FORMAT, **fields})
        place = (job_id, dataset.id if dataset else "", *parts, " ".join(uses), self._retention)
        answer = self._move("accept", *place, *once.binding(), QUEUE, hint, *origin, MOST_CHILDREN, *packed)
        refuse(answer)
        if answer == b"exists":
            raise Conflict(f"There is a job {job_id!r} already.")
        if answer == b"no_parent":
            raise no_job(origin.parent)
        if answer == b"too_many":
            raise Conflict(f"{MOST_CHILDREN} jobs continue this one already; delete some, or continue one of them.")
        refuse_lacking(answer)
        written, position = answer
        return decode_job(pairs(written), position)

    def job(self, job_id: str) -> JobRecord:
        """One job with its place in the queue; raises ``NotFound``."""
        pipe = self.client.pipeline(transaction=False)
        pipe.hgetall(JOB + job_id)
        pipe.zrank(INDEXES["queued"], job_id)
        with translated():
            fields, position = pipe.execute()
        if not fields:
            raise no_job(job_id)
        return decode_job(fields, position)

    def revision(self, job_id: str) -> Revision:
        """What changes whenever the job does, without reading the job; raises ``NotFound``."""
        pipe = self.client.pipeline(transaction=False)
        pipe.hmget(JOB + job_id, "revision", "state")
        pipe.zrank(INDEXES["queued"], job_id)
        with translated():
            (number, state), position = pipe.execute()
        if state is None:
            raise no_job(job_id)
        return Revision(int(number or 0), state.decode(), position)

    def job_with_history(self, job_id: str) -> tuple[JobRecord, bytes]:
        """One job and its packed history rows so far, as of one moment; raises ``NotFound``."""
        fields, rows = self._move("history", job_id)
        if not fields:
            raise no_job(job_id)
        return decode_job(pairs(fields), None), rows or b""

    def model(self, job_id: str) -> bytes:
        """The packed model of a job; raises ``NotFound``, and ``Conflict`` where there is none."""
        pipe = self.client.pipeline(transaction=False)
        pipe.hget(JOB + job_id, "state")
        pipe.get(MODEL + job_id)
        with translated():
            state, packed = pipe.execute()
        if state is None:
            raise no_job(job_id)
        if packed is None:
            standing = STANDING.get(state.decode(), "is there")
            raise Conflict(f"The job {standing} and has no model; one is there once a job over data has a result.")
        return bytes(packed)

    def checkpoint(self, job_id: str) -> bytes:
        """What Redis holds of the checkpoint that a job can be continued from; raises ``Conflict`` without one."""
        with translated():
            held = cast("bytes | None", self.client.get(CHECKPOINT + job_id))
        if held is None:
            raise Conflict(NOT_KEPT)
        return held

    def cancel(self, job_id: str) -> None:
        """Queued -> cancelled; a running job is asked to stop. Raises ``NotFound``, ``Conflict`` when it has ended."""
        found = self._move("cancel", job_id, self._retention)
        if found is None:
            raise no_job(job_id)
        if found.decode() in TERMINAL and found != b"cancelled":
            raise Conflict(f"The job has {found.decode()}; only queued and running jobs can be cancelled.")

    def delete(self, job_id: str) -> None:
        """Terminal -> none. Raises ``NotFound``, ``Conflict`` for a job that has not ended or is part of a sweep."""
        found, sweep = self._move("delete_job", job_id)
        if found is None:
            raise no_job(job_id)
        if sweep is not None:
            raise Conflict(PART_OF_A_SWEEP.format(sweep.decode()))
        if found.decode() not in TERMINAL:
            raise Conflict(f"The job is {found.decode()}; only jobs that have ended can be deleted. Cancel it first.")

    # A job's life, as a worker sees it

    def claim(self, job_id: str, worker: str, version: str) -> Claim | None:
        """Queued -> running with a lease; None when the job is not queued, or too new for this worker."""
        answer = self._move("claim", job_id, worker, version, self._lease, RECORD_FORMAT)
        if answer is None:
            return None
        return Claim(job_id, *answer)

    def report(self, claim: Claim, rows: Entries, fields: Mapping[str, Any]) -> str:
        """Write progress and renew the lease; answers ``go_on``, ``cancel``, or ``stale`` when the fence is old."""
        packed = pack_fields(fields)
        answer = self._move("report", claim.job, claim.fence, self._lease, rows.offset, rows.packed, *packed)
        return cast("bytes", answer).decode()

    def finish(
        self,
        claim: Claim,
        state: str,
        rows: Entries,
        fields: Mapping[str, Any],
        model: bytes = b"",
        checkpoint: bytes = b"",
    ) -> bool:
        """Running -> ``state`` (terminal), with its model and what Redis holds of its checkpoint.

        False when the fence is old and nothing was written.
        """
        place = (claim.job, claim.fence, state, self._retention, rows.offset, rows.packed, model, checkpoint)
        return bool(self._move("finish", *place, *pack_fields(fields)))

    def release(self, claim: Claim) -> bool:
        """Running -> queued at an orderly shutdown; False when the fence is old."""
        return bool(self._move("release", claim.job, claim.fence, self._retention))
