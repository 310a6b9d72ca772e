"""The records of sweeps, and the moves of all jobs of a sweep at once."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

import orjson

from contract.dataset import Dataset
from contract.errors import Conflict, NotFound, Unavailable
from contract.job import LIGHT_FIELDS, PLAIN_FORMAT, TERMINAL, decode_job, pack_fields
from contract.redis_client import translated
from contract.store_datasets import dump_dataset, refuse_lacking
from contract.store_keys import QUEUE, SWEEP, SWEEP_OPEN, SWEEPS
from contract.store_moves import Moves, newest_ids, pairs
from contract.store_replays import NOT_ONCE, Once, refuse
from contract.sweep import FIELDS_OF_JOBS, Sweep, SweepRecord, decode_sweep

NO_SWEEP = "There is no sweep {!r:.100}; it may have expired."
OF_JOBS = tuple(name.encode() for name in (*LIGHT_FIELDS, *FIELDS_OF_JOBS))
NAMES = orjson.dumps([*LIGHT_FIELDS, *FIELDS_OF_JOBS])
OF_LISTS = tuple(name.encode() for name in SweepRecord._fields if name not in ("finished", "ranking"))


def no_sweep(sweep_id: str) -> NotFound:
    """That there is no such sweep."""
    return NotFound(NO_SWEEP.format(sweep_id), "sweep", sweep_id)


class NewJob(NamedTuple):
    """A job of a sweep that is to be accepted: its id, its hint, the fields of its record."""

    id: str
    hint: bytes
    fields: Mapping[str, Any]


class Sweeps:
    """Reads and moves of sweeps; each move is one atomic call."""

    def __init__(self, moves: Moves, retention: float) -> None:
        self._move = moves
        self._client = moves.client
        self._retention = retention

    def accept(
        self,
        sweep_id: str,
        fields: Mapping[str, Any],
        dataset: Dataset | None,
        jobs: Sequence[NewJob],
        *,
        new_dataset: bool,
        uses: Sequence[str] = (),
        once: Once = NOT_ONCE,
    ) -> Sweep:
        """None -> queued: the sweep with all its jobs and their hints, and the dataset's record where that is new.

        Jobs have fields of the same names. ``uses`` are datasets beside the jobs' own. Raises ``NotFound`` when a
        dataset has gone meanwhile, and as ``refuse`` does for ``once``.
        """
        parts = dump_dataset(dataset) if dataset and new_dataset else (b"", b"")
        own = pack_fields({**fields, "total": len(jobs)})
        each = [[job.id, job.hint, *_job_fields(sweep_id, job)] for job in jobs]
        place = (
            sweep_id,
            dataset.id if dataset else "",
            *parts,
            " ".join(uses),
            self._retention,
            *once.binding(),
            QUEUE,
        )
        counts = (len(own), len(each[0]))
        answer = self._move("accept_sweep", *place, NAMES, *counts, *own, *(part for parts in each for part in parts))
        refuse(answer)
        refuse_lacking(answer)
        return _decode(answer)

    def get(self, sweep_id: str) -> Sweep:
        """One sweep with its jobs; raises ``NotFound``."""
        answer = self._move("sweep", sweep_id, NAMES)
        if not answer[0]:
            raise no_sweep(sweep_id)
        return _decode(answer)

    def refuse_unknown(self, sweep_id: str) -> None:
        """Raise ``NotFound`` where there is no such sweep."""
        with translated():
            if not self._client.exists(SWEEP + sweep_id):
                raise no_sweep(sweep_id)

    def newest(self, limit: int, before: int | None = None) -> tuple[list[SweepRecord], int | None]:
        """Records, newest first, and where the next page begins, for ``before`` of the next call."""
        with translated():
            ids, following = newest_ids(self._client, SWEEPS, limit, before)
            pipe = self._client.pipeline(transaction=False)
            for sweep_id in ids:
                pipe.hmget(SWEEP + sweep_id, OF_LISTS)
                pipe.scard(SWEEP_OPEN + sweep_id)
            answers = pipe.execute()
        rows = ((_written(OF_LISTS, cells), unfinished) for cells, unfinished in zip(*[iter(answers)] * 2, strict=True))
        records = [decode_sweep(fields, unfinished) for fields, unfinished in rows if fields]
        return records, following

    def cancel(self, sweep_id: str) -> None:
        """Queued jobs -> cancelled, running ones are asked to stop. Raises ``NotFound``, ``Conflict`` when it ended."""
        found = self._state_found("cancel_sweep", sweep_id, self._retention)
        if found in TERMINAL and found != "cancelled":
            raise Conflict(f"The sweep has {found}; only queued and running sweeps can be cancelled.")

    def delete(self, sweep_id: str) -> None:
        """The sweep and its jobs -> none. Raises ``NotFound``, ``Conflict`` for a sweep that has not ended."""
        found = self._state_found("delete_sweep", sweep_id)
        if found not in TERMINAL:
            raise Conflict(f"The sweep is {found}; only sweeps that have ended can be deleted. Cancel it first.")

    def keep_ranking(self, sweep_id: str, ranking: bytes) -> None:
        """Keep what the jobs of an ended sweep came to; where Redis cannot, it is found again the next time."""
        with suppress(Unavailable):
            self._move("keep_ranking", sweep_id, ranking)

    def _state_found(self, move: str, sweep_id: str, *more: float) -> str:
        found: bytes | None = self._move(move, sweep_id, *more)
        if found is None:
            raise no_sweep(sweep_id)
        return found.decode()


def _job_fields(sweep_id: str, job: NewJob) -> list[str | bytes | float]:
    return pack_fields({"format": PLAIN_FORMAT, "sweep": sweep_id, **job.fields})


def _decode(answer: Sequence[Any]) -> Sweep:
    record, unfinished, position, jobs = answer
    found = [decode_job(_written(OF_JOBS, cells), None) for cells in jobs]
    return Sweep(decode_sweep(pairs(record), unfinished), found, position)


def _written(names: Sequence[bytes], cells: Sequence[bytes | None]) -> dict[bytes, bytes]:
    return {name: cell for name, cell in zip(names, cells, strict=True) if cell is not None}
