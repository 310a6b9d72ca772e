"""Lists of jobs: which ones, in which order, page by page. A list never asks Redis for much at a time.

Every state and every label has an index, all in order of acceptance. A list goes along the shortest of those that it
selects by and asks the others for membership. It ends after ``MOST_LOOKED_AT`` jobs, and the next page goes on there.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from contract.job import LIGHT_FIELDS, JobRecord, light_job
from contract.redis_client import translated
from contract.store_keys import ENDINGS, INDEXES, JOB, JOBS, LABEL, SWEEP_JOBS
from contract.store_moves import Moves

STEP = 1000
MOST_LOOKED_AT = 20 * STEP
DELETED_AT_ONCE = 200
MOST_DELETED = 100 * DELETED_AT_ONCE


class Selection(NamedTuple):
    """Jobs in this state, with all of these labels (``key:value``), of this sweep or of none."""

    state: str | None = None
    labels: Sequence[str] = ()
    sweep: str | None = None

    def indexes(self) -> list[str]:
        """The indexes whose common jobs these are."""
        state = [INDEXES[self.state]] if self.state else []
        everywhere = JOBS if self.sweep is None else SWEEP_JOBS + self.sweep
        return [everywhere, *state, *(LABEL + label for label in self.labels)]


class Page(NamedTuple):
    """Light records, the order of the last job that was looked at, and whether there may be more beyond it."""

    records: list[JobRecord]
    position: int
    more: bool


class Lists:
    """Reads and deletions of many records at a time."""

    def __init__(self, moves: Moves) -> None:
        self._move = moves
        self._client = moves.client

    def newest(self, selection: Selection, limit: int, before: int | None = None) -> Page:
        """Selected jobs, newest first, from the position ``before`` of the page before on."""
        first, *others = self._by_length(selection.indexes())
        return self._page(first, others, limit, "+inf" if before is None else f"({before}", rising=False)

    def ended(self, selection: Selection, limit: int, after: int) -> Page:
        """Selected jobs in the order in which they ended, oldest first, from the position ``after`` on."""
        page = self._page(ENDINGS, selection.indexes(), limit, f"({after}", rising=True)
        return page._replace(position=max(page.position, after))

    def delete(self, selection: Selection, finished_before: float | None = None) -> int:
        """Delete selected jobs that have ended (before a Unix time); answers how many. Redis is never busy for long.

        Nor is the caller: once ``MOST_DELETED`` are gone the rest stays for the next call, which answers 0 at the end.
        """
        first, *others = self._by_length([ENDINGS, *selection.indexes()])
        before, deleted = "" if finished_before is None else finished_before, 0
        for chunk in self._chunks(first, "-inf", DELETED_AT_ONCE, rising=True):
            if ids := self._common(chunk, others):
                deleted += self._move("delete_jobs", before, *ids)
            if deleted >= MOST_DELETED:
                break
        return deleted

    def _page(self, index: str, others: Sequence[str], limit: int, start: str, *, rising: bool) -> Page:
        size = STEP if others else limit + 1
        found, position, looked_at = list[str](), 0, 0
        for chunk in self._chunks(index, start, size, rising=rising):
            common = set(self._common(chunk, others))
            for count, (job_id, order) in enumerate(chunk, 1):
                position = order
                found += [job_id] if job_id in common else []
                if len(found) == limit:
                    return Page(self._light(found), position, count < len(chunk) or len(chunk) == size)
            looked_at += len(chunk)
            if looked_at >= MOST_LOOKED_AT:
                return Page(self._light(found), position, more=True)
        return Page(self._light(found), position, more=False)

    def _chunks(self, index: str, start: str, size: int, *, rising: bool) -> Iterator[list[tuple[str, int]]]:
        """Ids and orders along an index, ``size`` at a time; what is deleted meanwhile does not matter."""
        end = "+inf" if rising else "-inf"
        while True:
            with translated():
                chunk: list[tuple[bytes, float]] = self._client.zrange(  # type: ignore[assignment] # redis-py says less
                    index, start, end, desc=not rising, byscore=True, offset=0, num=size, withscores=True
                )
            if chunk:
                yield [(job_id.decode(), int(order)) for job_id, order in chunk]
            if len(chunk) < size:
                return
            start = f"({int(chunk[-1][1])}"

    def _common(self, chunk: Sequence[tuple[str, int]], others: Sequence[str]) -> list[str]:
        ids = [job_id for job_id, _ in chunk]
        if not others:
            return ids
        pipe = self._client.pipeline(transaction=False)
        for index in others:
            pipe.zmscore(index, ids)
        with translated():
            scores = zip(*pipe.execute(), strict=True)
        return [job_id for job_id, held in zip(ids, scores, strict=True) if None not in held]

    def _by_length(self, indexes: list[str]) -> list[str]:
        if len(indexes) == 1:
            return indexes
        pipe = self._client.pipeline(transaction=False)
        for index in indexes:
            pipe.zcard(index)
        with translated():
            lengths = dict(zip(indexes, pipe.execute(), strict=True))
        return sorted(lengths, key=lambda index: lengths[index])

    def _light(self, ids: Sequence[str]) -> list[JobRecord]:
        pipe = self._client.pipeline(transaction=False)
        for job_id in ids:
            pipe.hmget(JOB + job_id, LIGHT_FIELDS)
        with translated():
            return [light_job(values) for values in pipe.execute() if values[0] is not None]
