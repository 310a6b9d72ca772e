"""Lists of jobs: light records, page by page."""

from contract.job import LIGHT_FIELDS, JobRecord, light_job
from contract.redis_client import translated
from contract.store_keys import JOB, JOBS
from contract.store_moves import Moves


class Lists:
    """Reads of many records at a time."""

    def __init__(self, moves: Moves) -> None:
        self._client = moves.client

    def newest(self, limit: int, before: int | None = None) -> tuple[list[JobRecord], int | None]:
        """Light records, newest first, and where the next page begins, for ``before`` of the next call."""
        newest = "+inf" if before is None else f"({before}"
        with translated():
            found: list[tuple[bytes, float]] = self._client.zrange(  # type: ignore[assignment] # redis-py says less
                JOBS, newest, "-inf", desc=True, byscore=True, offset=0, num=limit + 1, withscores=True
            )
            pipe = self._client.pipeline(transaction=False)
            for job_id, _ in found[:limit]:
                pipe.hmget(JOB + job_id.decode(), LIGHT_FIELDS)
            records = [light_job(values) for values in pipe.execute() if values[0] is not None]
        following = int(found[limit - 1][1]) if len(found) > limit else None
        return records, following
