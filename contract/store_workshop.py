"""The workshop as a whole: its workers, and the figures that an operator watches."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson

from contract.job import STATES
from contract.redis_client import translated
from contract.store_keys import PRESENCE, QUEUE, WORKERS
from contract.store_moves import Moves

COUNTERS = ("rescues", "refused_writes")


class Stats(NamedTuple):
    """What an operator watches; ``oldest_queued`` is an age in seconds."""

    states: dict[str, int]
    oldest_queued: float
    broker_length: int
    counters: dict[str, int]


class Workshop:
    """Who works, how much there is to do, and how Redis fares."""

    def __init__(self, moves: Moves) -> None:
        self._move = moves

    def announce(self, worker: str, document: Mapping[str, Any] | None) -> None:
        """Say that a worker is there (and what it does), or with None that it leaves."""
        self._move("announce", worker, orjson.dumps(document) if document else b"")

    def workers(self) -> list[dict[str, Any]]:
        """Workers heard of lately, with ``last_seen`` as Unix time."""
        client = self._move.client
        with translated():
            seen: list[tuple[bytes, float]] = client.zrange(PRESENCE, 0, -1, withscores=True)  # type: ignore[assignment] # redis-py says less
            documents = client.hgetall(WORKERS)
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
            return dict(self._move.client.info())
