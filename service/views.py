"""Records as the API shows them. JSON that a worker wrote is handed on as it is."""

from typing import Any

import orjson

from contract.job import JobRecord, rfc3339
from contract.store_datasets import DatasetRow

MISSING = orjson.Fragment(b"null")


def job_view(job: JobRecord) -> dict[str, Any]:
    """The whole job (``api.md``)."""
    return {
        **_head(job),
        "parent": job.parent,
        "children": job.children,
        "sweep": job.sweep,
        "expires_at": rfc3339(job.expires_at),
        "attempt": job.attempt,
        "worker": job.worker,
        "lease_expires_at": rfc3339(job.lease_until),
        "version": job.version,
        "progress": _fragment(job.progress),
        "queue_position": job.queue_position,
        "settings": orjson.Fragment(job.settings),
        "warnings": orjson.Fragment(job.warnings),
        "resolved": _fragment(job.resolved),
        "advice": _fragment(job.advice),
        "result": _fragment(job.result),
        "error": _fragment(job.error),
        "links": _links(job),
    }


def _links(job: JobRecord) -> dict[str, str | None]:
    here = f"/v1/jobs/{job.id}"
    model = f"{here}/model" if job.result and job.dataset else None
    return {"self": here, "history": f"{here}/history", "plot": f"{here}/plot.svg", "model": model}


def light_view(job: JobRecord) -> dict[str, Any]:
    """A job as a row of a list: small, whatever the model's size."""
    progress = orjson.loads(job.progress or b"{}")
    error = orjson.loads(job.error) if job.error else {}
    cost = orjson.loads(job.costs or job.progress or b"{}").get("cost")
    row = {**_head(job), "progress": progress, "cost": cost, "error_code": error.get("code")}
    return row if job.varied is None else row | {"varied": orjson.Fragment(job.varied)}


def dataset_row(row: DatasetRow) -> dict[str, Any]:
    """A dataset as a row of a list: small, however many columns it has."""
    times = {"created_at": rfc3339(row.created_at), "expires_at": rfc3339(row.expires_at)}
    return {**orjson.loads(row.head), **times}


def _head(job: JobRecord) -> dict[str, Any]:
    return {
        "id": job.id,
        "state": job.state,
        "stop_reason": job.stop_reason,
        "name": orjson.Fragment(job.name),
        "labels": orjson.Fragment(job.labels),
        "created_at": rfc3339(job.created_at),
        "started_at": rfc3339(job.started_at),
        "finished_at": rfc3339(job.finished_at),
    }


def _fragment(text: bytes | None) -> orjson.Fragment:
    return MISSING if text is None else orjson.Fragment(text)
