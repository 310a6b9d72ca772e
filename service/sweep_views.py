"""Sweeps as the API shows them."""

from typing import Any

import orjson

from contract.job import rfc3339
from contract.recorded import recorded
from contract.store import Store
from contract.sweep import Sweep, SweepRecord
from service.json_codec import dump
from service.ranking import ranking
from service.views import light_view


def sweep_view(store: Store, sweep: Sweep) -> dict[str, Any]:
    """The whole sweep (``api.md``)."""
    return {
        **sweep_row(sweep.record),
        "queue_position": sweep.queue_position if sweep.record.state == "queued" else None,
        "jobs": [light_view(job) for job in sweep.jobs],
        **_ranking(store, sweep),
        "links": _links(sweep.record.id),
    }


def _links(sweep_id: str) -> dict[str, str]:
    here = f"/v1/sweeps/{sweep_id}"
    return {"self": here, "jobs": f"/v1/jobs?sweep={sweep_id}", "plot": f"{here}/plot.svg"}


def sweep_row(record: SweepRecord) -> dict[str, Any]:
    """A sweep as a row of a list."""
    return {
        "id": record.id,
        "state": record.state,
        "name": orjson.Fragment(record.name),
        "labels": orjson.Fragment(record.labels),
        "created_at": rfc3339(record.created_at),
        "started_at": rfc3339(record.started_at),
        "finished_at": rfc3339(record.finished_at),
        "expires_at": rfc3339(record.expires_at),
        "progress": {"finished": record.finished, "total": record.total},
    }


def _ranking(store: Store, sweep: Sweep) -> dict[str, Any]:
    """What the jobs came to. Of a sweep that has ended it is found once, for it takes reading all histories."""
    if sweep.record.ranking:
        kept: dict[str, Any] = orjson.loads(sweep.record.ranking)
        return kept
    found = ranking(sweep, lambda job_id: recorded(*store.job_with_history(job_id)).rows)
    if sweep.record.is_terminal:
        store.sweeps.keep_ranking(sweep.record.id, dump(found))
    return found
