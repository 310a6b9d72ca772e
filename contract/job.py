"""The job record: its states, its fields, and how it stands in Redis.

Times are Unix seconds by Redis' clock. Fields that hold JSON stay as the bytes that were written: the API hands
them on without reading them, so a poll costs no parsing.
"""

import secrets
from base64 import b32encode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import orjson

RECORD_FORMAT = 1
STATES = ("queued", "running", "succeeded", "failed", "cancelled")
# What lists show: nothing that grows with the model or its settings.
LIGHT_FIELDS = (
    *("id", "state", "sequence", "dataset", "created_at", "started_at", "finished_at", "expires_at", "stop_reason"),
    *("name", "labels", "attempt", "worker", "progress", "error"),
)
TERMINAL = frozenset({"succeeded", "failed", "cancelled"})


class JobRecord(NamedTuple):
    """One job as Redis holds it; bytes are JSON texts, None is a field that was not written yet."""

    id: str
    state: str
    sequence: int
    dataset: str
    created_at: float
    started_at: float | None
    finished_at: float | None
    expires_at: float | None
    stop_reason: str | None
    name: bytes
    labels: bytes
    attempt: int
    worker: str | None
    version: str | None
    lease_until: float | None
    progress: bytes | None
    settings: bytes
    warnings: bytes
    resolved: bytes | None
    advice: bytes | None
    result: bytes | None
    error: bytes | None
    history: bytes | None
    queue_position: int | None

    @property
    def is_terminal(self) -> bool:
        """Whether the job has ended for good."""
        return self.state in TERMINAL


def new_id(kind: str) -> str:
    """A fresh id: ``kind`` and 128 random bits as 26 lower-case base32 characters."""
    return f"{kind}_{b32encode(secrets.token_bytes(16)).decode().rstrip('=').lower()}"


def pack_fields(fields: Mapping[str, Any]) -> list[str | bytes | float]:
    """Record fields as Redis arguments: text, bytes and numbers as they are, everything else as JSON."""
    return [part for name, value in fields.items() for part in (name, _plain(value))]


def job_error(
    code: str, detail: str, iteration: int | None = None, suggested_learning_rate: float | None = None
) -> dict[str, Any]:
    """``error`` of a failed job as the API shows it."""
    return {
        "code": code,
        "detail": detail,
        "iteration": iteration,
        "suggested_learning_rate": suggested_learning_rate,
    }


def progress(iteration: int, max_iterations: int, cost: float | None, eta: float | None) -> dict[str, Any]:
    """``progress`` as the API shows it; ``eta_seconds`` is None while unknown."""
    return {
        "iteration": iteration,
        "max_iterations": max_iterations,
        "fraction": iteration / max_iterations,
        "cost": cost,
        "eta_seconds": eta,
    }


def rfc3339(seconds: float | None) -> str | None:
    """Unix seconds as an RFC 3339 time in UTC."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


def decode_job(fields: Mapping[bytes, bytes], queue_position: int | None) -> JobRecord:
    """The record from the hash that Redis answers."""
    return JobRecord(
        id=fields[b"id"].decode(),
        state=fields[b"state"].decode(),
        sequence=int(fields[b"sequence"]),
        dataset=fields[b"dataset"].decode(),
        created_at=float(fields[b"created_at"]),
        started_at=_time(fields, b"started_at"),
        finished_at=_time(fields, b"finished_at"),
        expires_at=_time(fields, b"expires_at"),
        stop_reason=_text(fields, b"stop_reason"),
        name=fields[b"name"],
        labels=fields[b"labels"],
        attempt=int(fields[b"attempt"]),
        worker=_text(fields, b"worker"),
        version=_text(fields, b"version"),
        lease_until=_time(fields, b"lease_until"),
        progress=fields.get(b"progress"),
        settings=fields.get(b"settings", b"{}"),
        warnings=fields.get(b"warnings", b"[]"),
        resolved=fields.get(b"resolved"),
        advice=fields.get(b"advice"),
        result=fields.get(b"result"),
        error=fields.get(b"error"),
        history=fields.get(b"history"),
        queue_position=queue_position,
    )


def light_job(values: Sequence[bytes | None]) -> JobRecord:
    """A record of the light fields alone, from their values in the order of ``LIGHT_FIELDS``."""
    known = zip(LIGHT_FIELDS, values, strict=True)
    return decode_job({name.encode(): value for name, value in known if value is not None}, None)


def _plain(value: Any) -> str | bytes | float:
    return value if isinstance(value, str | bytes | int | float) else orjson.dumps(value)


def _text(fields: Mapping[bytes, bytes], name: bytes) -> str | None:
    value = fields.get(name)
    return None if value is None else value.decode()


def _time(fields: Mapping[bytes, bytes], name: bytes) -> float | None:
    value = fields.get(name)
    return None if value is None else float(value)
