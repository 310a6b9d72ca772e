"""The job record: its states, its fields, and how it stands in Redis.

Times are Unix seconds by Redis' clock. Fields that hold JSON stay as the bytes that were written: the API hands
them on without reading them, so a poll costs no parsing.
"""

import secrets
from base64 import b32encode
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import orjson

STATES = ("queued", "running", "succeeded", "failed", "cancelled")
TERMINAL = frozenset({"succeeded", "failed", "cancelled"})


class Revision(NamedTuple):
    """Equal for two looks at a job only where it was the same at both; ``number`` rises with each write."""

    number: int
    state: str
    queue_position: int | None


class JobRecord(NamedTuple):
    """One job as Redis holds it; bytes are JSON texts, None is a field that was not written yet."""

    id: str
    state: str
    sequence: int
    revision: int
    dataset: str
    sweep: str | None
    varied: bytes | None
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
    costs: bytes | None
    error: bytes | None
    history: bytes | None
    parent: str | None
    children: tuple[str, ...]
    queue_position: int | None

    def as_revision(self) -> Revision:
        """What of the job changes whenever it does."""
        return Revision(self.revision, self.state, self.queue_position)

    @property
    def is_terminal(self) -> bool:
        """Whether the job has ended for good."""
        return self.state in TERMINAL


class Field(NamedTuple):
    """How a field of the record is read, what stands for it until it is written, and whether lists show it."""

    read: Callable[[bytes], Any]
    light: bool = False
    unwritten: Any = None


# A worker leaves jobs of a newer format alone: raise it with a field that an older worker must not overlook.
# Beside these the hash holds what only the moves read: format, fence, leases_lost, cancel, uses, first_progress,
# first_warnings, parent_resolved.
RECORD_FORMAT = 3
PLAIN_FORMAT = 2  # of a job that begins at its start, and does not go on from another one's state
FIELDS: Mapping[str, Field] = {
    "id": Field(bytes.decode, light=True),
    "state": Field(bytes.decode, light=True),
    "sequence": Field(int, unwritten=0),
    "revision": Field(int, unwritten=0),
    "dataset": Field(bytes.decode, unwritten=""),
    "sweep": Field(bytes.decode),
    "varied": Field(bytes, light=True),
    "created_at": Field(float, light=True),
    "started_at": Field(float, light=True),
    "finished_at": Field(float, light=True),
    "expires_at": Field(float),
    "stop_reason": Field(bytes.decode, light=True),
    "name": Field(bytes, light=True),
    "labels": Field(bytes, light=True),
    "attempt": Field(int, unwritten=0),
    "worker": Field(bytes.decode),
    "version": Field(bytes.decode),
    "lease_until": Field(float),
    "progress": Field(bytes, light=True),
    "settings": Field(bytes, unwritten=b"{}"),
    "warnings": Field(bytes, unwritten=b"[]"),
    "resolved": Field(bytes),
    "advice": Field(bytes),
    "result": Field(bytes),
    "costs": Field(bytes, light=True),
    "error": Field(bytes, light=True),
    "history": Field(bytes),
    "parent": Field(bytes.decode),
    "children": Field(lambda ids: tuple(ids.decode().split()), unwritten=()),
}
# Nothing in a list grows with the model or its settings.
LIGHT_FIELDS = tuple(name for name, field in FIELDS.items() if field.light)


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


def result_fields(result: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of the record that hold a result: it, and its costs, for who need not read all its parameters."""
    return {"result": result, "costs": {name: result.get(name) for name in ("cost", "validation_cost")}}


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
    found = {name: _value(field, fields.get(name.encode())) for name, field in FIELDS.items()}
    return JobRecord(**found, queue_position=queue_position)


def light_job(values: Sequence[bytes | None]) -> JobRecord:
    """A record of the light fields alone, from their values in the order of ``LIGHT_FIELDS``."""
    known = zip(LIGHT_FIELDS, values, strict=True)
    return decode_job({name.encode(): value for name, value in known if value is not None}, None)


def _value(field: Field, stored: bytes | None) -> Any:
    return field.unwritten if stored is None else field.read(stored)


def _plain(value: Any) -> str | bytes | float:
    return value if isinstance(value, str | bytes | int | float) else orjson.dumps(value)
