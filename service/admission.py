"""When new work is refused: better a 503 now than a job that is lost when Redis has no room for its result."""

from collections.abc import Mapping
from threading import Lock
from time import monotonic
from typing import Any

from contract.errors import StorageFull
from contract.store import Store

FRESH = 1.0


class Admission:
    """The latest reading of Redis' memory; read again at most once a second, whatever the number of requests."""

    def __init__(self, store: Store, share: float) -> None:
        self._store = store
        self._share = share
        self._lock = Lock()
        self._read_at = float("-inf")
        self._full = ""

    def check(self) -> None:
        """Raise ``StorageFull`` while Redis is fuller than it may be for new work."""
        # Whoever finds another one reading goes by the reading before: nobody queues for a Redis that is silent.
        if monotonic() - self._read_at > FRESH and self._lock.acquire(blocking=False):
            try:
                self._full = _too_full(self._store.workshop.server_info(), self._share)
                self._read_at = monotonic()
            finally:
                self._lock.release()
        if self._full:
            raise StorageFull(self._full)


def unready(info: Mapping[str, Any], share: float) -> list[str]:
    """Why this Redis cannot be trusted with jobs, as sentences; none when it can."""
    reasons = [_too_full(info, share)]
    if info.get("maxmemory_policy") != "noeviction":
        reasons.append(f"Redis evicts records (maxmemory-policy {info.get('maxmemory_policy')}); set noeviction.")
    if not info.get("aof_enabled"):
        reasons.append("Redis does not write an append-only file, so a restart loses jobs; set appendonly yes.")
    if info.get("aof_last_write_status", "ok") != "ok":
        reasons.append("Redis cannot write its append-only file and takes no jobs; its disk may be full.")
    return [reason for reason in reasons if reason]


def unbounded(info: Mapping[str, Any]) -> list[str]:
    """What to say of a Redis that may take all memory of its machine, as sentences."""
    if int(info["maxmemory"]):
        return []
    return ["Redis has no maxmemory, so work is taken until its machine has no memory left; set one."]


def _too_full(info: Mapping[str, Any], share: float) -> str:
    used, limit = int(info["used_memory"]), int(info["maxmemory"])
    if not limit or used <= share * limit:
        return ""
    percent = 100 * used // limit
    return f"Redis uses {percent} % of its maxmemory, more than {share:.0%}; delete old jobs or give it more memory."
