"""The record in Redis: the truth about every job. Each move is one atomic call by Redis' own clock.

    none --accept--> queued --claim--> running --finish--> succeeded | failed | cancelled
                       |  ^               |
                       |  +---release-----+  (orderly shutdown)  and  reconcile (lease lost, at most twice)
                       +--cancel--> cancelled

``claim`` hands out a lease and a fencing token (the fence); every later write carries the fence and is refused once
the job has moved on, so a worker that was thought dead can do no harm (M. Kleppmann, "How to do distributed
locking", 2016). The moves are Lua texts in ``contract/moves``; all key names are born here.

    thalweg:job:ID          hash    the record
    thalweg:history:ID      string  packed float64 rows (engine/history.py)
    thalweg:dataset:ID      hash    the dataset's document and times; thalweg:dataset_users:ID  set of live jobs
    thalweg:queued          zset    the pending index, by order of acceptance; running: by end of lease;
                                    succeeded, failed, cancelled: by order of ending
    thalweg:jobs            zset    all jobs by order of acceptance
    thalweg:sequence        string  the counter behind these orders; thalweg:counters  hash of what went wrong
    thalweg:workers         hash    worker id -> document; thalweg:presence  zset by when last heard of
    thalweg:expiry          zset    terminal jobs by when they go; thalweg:datasets  zset of datasets likewise
    thalweg:turn:TASK       string  somebody does the task now; gone by itself
    thalweg:ended           channel ids of jobs that ended
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, cast

import orjson
import redis

from contract.dataset import Dataset, from_json
from contract.errors import Conflict, NotFound
from contract.job import (
    LIGHT_FIELDS,
    RECORD_FORMAT,
    STATES,
    TERMINAL,
    JobRecord,
    decode_job,
    job_error,
    light_job,
    pack_fields,
    rfc3339,
)
from contract.redis_client import translated

MOVES = (
    *("accept", "add_dataset", "announce", "cancel", "claim", "expire"),
    *("finish", "history", "reconcile", "release", "report", "stats"),
)
COUNTERS = ("rescues", "refused_writes")
QUEUE = "thalweg"
INDEXES = tuple(f"thalweg:{state}" for state in STATES)
QUEUED = INDEXES[0]
JOBS, SEQUENCE, COUNTS = "thalweg:jobs", "thalweg:sequence", "thalweg:counters"
WORKERS, PRESENCE, TURN = "thalweg:workers", "thalweg:presence", "thalweg:turn:"
EXPIRY, DATASETS = "thalweg:expiry", "thalweg:datasets"
JOB, HISTORY, DATASET, USERS = "thalweg:job:", "thalweg:history:", "thalweg:dataset:", "thalweg:dataset_users:"
ENDED = "thalweg:ended"
KEYS = (*INDEXES, JOBS, SEQUENCE, COUNTS, WORKERS, PRESENCE, EXPIRY, DATASETS, JOB, HISTORY, DATASET, USERS, ENDED)
NO_JOB = "There is no job {!r:.100}; it may have expired."
NO_DATASET = "There is no dataset {!r:.100}; it may have expired. Upload the file again."
LEASES_TO_LOSE = 3
UPTIME_MARGIN = 5.0
WORKER_LOST = (
    "Three workers in a row died or fell silent while they ran this job. It may need more memory than a worker has; "
    "the workers' logs name the job."
)


class Claim(NamedTuple):
    """What a worker holds while it runs a job; ``fence`` goes into each of its writes. Bytes are JSON texts."""

    job: str
    fence: int
    attempt: int
    settings: bytes
    warnings: bytes


class Rows(NamedTuple):
    """Packed history rows and the byte offset where they belong; offset 0 replaces the whole history."""

    offset: int = 0
    packed: bytes = b""


class Stats(NamedTuple):
    """What an operator watches; ``oldest_queued`` is an age in seconds."""

    states: dict[str, int]
    oldest_queued: float
    broker_length: int
    counters: dict[str, int]


class Reconciled(NamedTuple):
    """Jobs whose lease had run out, and queued jobs (oldest first) that want another hint."""

    rescued: list[str]
    unhinted: list[str]


class Store:
    """All reads and moves of records over one Redis client; raises ``Unavailable`` while Redis is away."""

    def __init__(self, client: redis.Redis, *, lease: float, retention: float) -> None:
        self.client = client
        self._lease = lease
        self._retention = retention
        folder = Path(__file__).parent / "moves"
        prologue = (folder / "prologue.lua").read_text()
        self._moves = {name: client.register_script(prologue + (folder / f"{name}.lua").read_text()) for name in MOVES}

    def _move(self, name: str, *arguments: str | bytes | float) -> Any:
        with translated():
            return self._moves[name](keys=KEYS, args=arguments)

    # Datasets

    def add_dataset(self, dataset: Dataset) -> Dataset:
        """Record an uploaded dataset; answers it with the times that Redis gave it."""
        fields = self._move("add_dataset", dataset.id, _dump_dataset(dataset), self._retention)
        return _decode_dataset(_pairs(fields))

    def dataset(self, dataset_id: str) -> Dataset:
        """One dataset; raises ``NotFound``."""
        with translated():
            fields = self.client.hgetall(DATASET + dataset_id)
        if not fields:
            raise NotFound(NO_DATASET.format(dataset_id))
        return _decode_dataset(cast("dict[bytes, bytes]", fields))

    def has_dataset(self, dataset_id: str) -> bool:
        """Whether there is such a dataset."""
        with translated():
            return bool(self.client.exists(DATASET + dataset_id))

    # A job's life, as the API sees it

    def accept(
        self, job_id: str, dataset: Dataset, fields: Mapping[str, Any], hint: bytes, *, new_dataset: bool
    ) -> JobRecord:
        """None -> queued, with its hint and with the dataset's record where that is new; answers the record.

        Raises ``NotFound`` when the dataset has gone meanwhile and ``Conflict`` for an id that is taken.
        """
        document = _dump_dataset(dataset) if new_dataset else b""
        packed = pack_fields({"format": RECORD_FORMAT, **fields})
        answer = self._move("accept", job_id, dataset.id, document, self._retention, QUEUE, hint, *packed)
        if answer == b"no_dataset":
            raise NotFound(NO_DATASET.format(dataset.id))
        if answer == b"exists":
            raise Conflict(f"There is a job {job_id!r} already.")
        written, position = answer
        return decode_job(_pairs(written), position)

    def job(self, job_id: str) -> JobRecord:
        """One job with its place in the queue; raises ``NotFound``."""
        pipe = self.client.pipeline(transaction=False)
        pipe.hgetall(JOB + job_id)
        pipe.zrank(QUEUED, job_id)
        with translated():
            fields, position = pipe.execute()
        if not fields:
            raise NotFound(NO_JOB.format(job_id))
        return decode_job(fields, position)

    def jobs(self, limit: int, before: int | None = None) -> tuple[list[JobRecord], int | None]:
        """Light records, newest first, and where the next page begins, for ``before`` of the next call."""
        newest = "+inf" if before is None else f"({before}"
        with translated():
            found: list[tuple[bytes, float]] = self.client.zrange(  # type: ignore[assignment] # redis-py says less
                JOBS, newest, "-inf", desc=True, byscore=True, offset=0, num=limit + 1, withscores=True
            )
            pipe = self.client.pipeline(transaction=False)
            for job_id, _ in found[:limit]:
                pipe.hmget(JOB + job_id.decode(), LIGHT_FIELDS)
            records = [light_job(values) for values in pipe.execute() if values[0] is not None]
        following = int(found[limit - 1][1]) if len(found) > limit else None
        return records, following

    def job_with_history(self, job_id: str) -> tuple[JobRecord, bytes]:
        """One job and its packed history rows so far, as of one moment; raises ``NotFound``."""
        fields, rows = self._move("history", job_id)
        if not fields:
            raise NotFound(NO_JOB.format(job_id))
        return decode_job(_pairs(fields), None), rows or b""

    def cancel(self, job_id: str) -> None:
        """Queued -> cancelled; a running job is asked to stop. Raises ``NotFound``, ``Conflict`` when it has ended."""
        found = self._move("cancel", job_id, self._retention)
        if found is None:
            raise NotFound(NO_JOB.format(job_id))
        if found.decode() in TERMINAL and found != b"cancelled":
            raise Conflict(f"The job has {found.decode()}; only queued and running jobs can be cancelled.")

    # A job's life, as a worker sees it

    def claim(self, job_id: str, worker: str, version: str) -> Claim | None:
        """Queued -> running with a lease; None when the job is not queued, or too new for this worker."""
        answer = self._move("claim", job_id, worker, version, self._lease, RECORD_FORMAT)
        if answer is None:
            return None
        return Claim(job_id, *answer)

    def report(self, claim: Claim, rows: Rows, fields: Mapping[str, Any]) -> str:
        """Write progress and renew the lease; answers ``go_on``, ``cancel``, or ``stale`` when the fence is old."""
        answer = self._move(
            "report",
            claim.job,
            claim.fence,
            self._lease,
            rows.offset,
            rows.packed,
            *pack_fields(fields),
        )
        return cast("bytes", answer).decode()

    def finish(self, claim: Claim, state: str, rows: Rows, fields: Mapping[str, Any]) -> bool:
        """Running -> ``state`` (terminal); False when the fence is old and nothing was written."""
        packed = pack_fields(fields)
        return bool(
            self._move("finish", claim.job, claim.fence, state, self._retention, rows.offset, rows.packed, *packed)
        )

    def release(self, claim: Claim) -> bool:
        """Running -> queued at an orderly shutdown; False when the fence is old."""
        return bool(self._move("release", claim.job, claim.fence, self._retention))

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
                self.client.lpush(QUEUE, *hints)

    def expire(self, limit: int = 1000) -> list[str]:
        """Forget terminal jobs and unused datasets whose time is over; answers the datasets, whose files may go."""
        _, datasets = self._move("expire", self._retention, limit)
        return [dataset.decode() for dataset in datasets]

    def take_turn(self, task: str, seconds: float) -> bool:
        """Whether this worker is the one to do ``task`` now; nobody else is for a little less than ``seconds``."""
        with translated():
            return bool(self.client.set(TURN + task, 1, nx=True, px=int(900 * seconds)))

    # The workshop as a whole

    def announce(self, worker: str, document: Mapping[str, Any] | None) -> None:
        """Say that a worker is there (and what it does), or with None that it leaves."""
        self._move("announce", worker, orjson.dumps(document) if document else b"")

    def workers(self) -> list[dict[str, Any]]:
        """Workers heard of lately, with ``last_seen`` as Unix time."""
        with translated():
            seen: list[tuple[bytes, float]] = self.client.zrange(PRESENCE, 0, -1, withscores=True)  # type: ignore[assignment] # as above
            documents = self.client.hgetall(WORKERS)
        return [orjson.loads(documents[name]) | {"last_seen": at} for name, at in seen if name in documents]

    def stats(self) -> Stats:
        """Jobs by state, age of the oldest queued one, length of the broker's list, counters."""
        *counts, oldest, broker, now, counters = self._move("stats", QUEUE, *COUNTERS)
        age = float(now) - float(oldest) if oldest else 0.0
        states = dict(zip(STATES, counts, strict=True))
        return Stats(states, age, broker, {k: int(v or 0) for k, v in zip(COUNTERS, counters, strict=True)})

    def server_info(self) -> dict[str, Any]:
        """What Redis says about itself (``INFO``)."""
        with translated():
            return dict(self.client.info())


def _dump_dataset(dataset: Dataset) -> bytes:
    return orjson.dumps(dataset.to_json())


def _pairs(flat: Sequence[bytes]) -> dict[bytes, bytes]:
    return dict(zip(flat[::2], flat[1::2], strict=True))


def _decode_dataset(fields: Mapping[bytes, bytes]) -> Dataset:
    dataset = from_json(orjson.loads(fields[b"document"]))
    created, expires = (rfc3339(float(fields[name])) for name in (b"created_at", b"expires_at"))
    return dataset._replace(created_at=created, expires_at=expires)
