"""Sweeps: several settings on the same rows, submitted, watched, cancelled and deleted as one."""

from contextlib import nullcontext, suppress
from typing import Any

import structlog
from flask import Response

from contract.errors import Unavailable
from contract.job import new_id
from contract.sweep import Sweep
from service.documented import Answer, documented
from service.house import house
from service.idempotency import HEADER, REPLAYED, Try, admitted_key, once
from service.preference import preferred_wait
from service.routing import Routes, answer, next_link
from service.schemas import PageQuery, Query, WaitQuery
from service.schemas_requests import SWEEP
from service.schemas_sweep import SweepListSchema, SweepSchema
from service.submission import DOCUMENT, FORM, Received, received
from service.sweep_submission import sweep_submission
from service.sweep_views import sweep_row, sweep_view
from service.waiting import RETRY_AFTER, come_back, wait_for

routes = Routes("sweeps", __name__, description="Several settings on the same rows.")

log = structlog.get_logger()

FORM_OF_SWEEP, DOCUMENT_OF_SWEEP = (
    f'{{"base": {settings}, "vary": {{"learning_rate": [0.01, 0.1]}}}}' for settings in (FORM, DOCUMENT)
)


@routes.route("/v1/sweeps", methods=["POST"])
@documented(
    Answer(202, "The sweep, accepted or already ended.", SweepSchema, ("Location", "Retry-After", REPLAYED)),
    takes=("Prefer", HEADER),
    body=SWEEP,
    errors=(409,),
)
@routes.arguments(WaitQuery, location="query")
def create_sweep(query: dict[str, Any]) -> Response:
    """Submit a sweep: a form with a CSV and the sweep as its settings, or JSON with the id of a dataset in base."""
    wait, key, sweeps = query["wait"] or preferred_wait(), admitted_key(), house().store.sweeps
    with received(FORM_OF_SWEEP, DOCUMENT_OF_SWEEP) as body, once("sweeps", key, body.asked()) as this:
        sweep = this.again(sweeps.get) or _accepted(body, this)
    headers = {"Location": f"/v1/sweeps/{sweep.record.id}", **this.headers()}
    return _sweep_answer(_when_ended(sweep, wait), 202, headers)


@routes.route("/v1/sweeps", methods=["GET"])
@documented(Answer(200, "A page of sweeps.", SweepListSchema, ("Link",)))
@routes.arguments(PageQuery, location="query")
def list_sweeps(query: dict[str, Any]) -> Response:
    """Sweeps without their jobs, newest first."""
    records, following = house().store.sweeps.newest(query["limit"], query["cursor"])
    cursor = None if following is None else str(following)
    link = next_link("/v1/sweeps", {"limit": query["limit"]}, "cursor", cursor)
    return answer({"sweeps": [sweep_row(record) for record in records], "next": cursor}, headers=link)


@routes.route("/v1/sweeps/<sweep_id>", methods=["GET"])
@documented(Answer(200, "The sweep.", SweepSchema, ("Retry-After",)), errors=(404,))
@routes.arguments(WaitQuery, location="query")
def show_sweep(query: dict[str, Any], sweep_id: str) -> Response:
    """One sweep with its jobs and their ranking; with ``wait``, as soon as all of them have ended."""
    store, wait = house().store, query["wait"]
    with house().endings.watching(sweep_id) if wait else nullcontext() as event:
        sweep = wait_for(store.sweeps.get(sweep_id), lambda _: store.sweeps.get(sweep_id), _has_ended, event, wait)
    return _sweep_answer(sweep, retry_after=come_back(event, wait))


@routes.route("/v1/sweeps/<sweep_id>", methods=["DELETE"])
@documented(Answer(204, "It is gone."), errors=(404, 409))
@routes.arguments(Query, location="query")
def delete_sweep(query: dict[str, Any], sweep_id: str) -> Response:  # noqa: ARG001 - the query was checked
    """Delete a sweep that has ended, with its jobs; their dataset stays."""
    house().store.sweeps.delete(sweep_id)
    return Response(status=204)


@routes.route("/v1/sweeps/<sweep_id>/cancel", methods=["POST"])
@documented(Answer(200, "The sweep.", SweepSchema, ("Retry-After",)), errors=(404, 409))
@routes.arguments(Query, location="query")
def cancel_sweep(query: dict[str, Any], sweep_id: str) -> Response:  # noqa: ARG001 - the query was checked
    """Cancel all jobs of a sweep that have not ended: queued ones at once, running ones within seconds."""
    house().store.sweeps.cancel(sweep_id)
    return _sweep_answer(house().store.sweeps.get(sweep_id))


def _accepted(body: Received, this: Try) -> Sweep:
    house().admission.check()
    sweep_id = new_id("sweep")
    with sweep_submission(body) as found:
        jobs, first = found.new_jobs(house().hint), found.first
        new, uses = first.new_dataset, first.uses()
        sweep = house().store.sweeps.accept(
            sweep_id, found.record(), first.dataset, jobs, new_dataset=new, uses=uses, once=this.once
        )
    log.info("sweep_accepted", sweep_id=sweep_id, jobs=len(jobs), dataset=first.dataset and first.dataset.id)
    return sweep


def _when_ended(sweep: Sweep, wait: int) -> Sweep:
    """An accepted sweep as soon as it has ended; as it was accepted, where Redis goes away meanwhile."""
    if wait:
        get, sweep_id = house().store.sweeps.get, sweep.record.id
        with suppress(Unavailable), house().endings.watching(sweep_id) as event:
            return wait_for(get(sweep_id), lambda _: get(sweep_id), _has_ended, event, wait)
    return sweep


def _has_ended(sweep: Sweep) -> bool:
    return sweep.record.is_terminal


def _sweep_answer(
    sweep: Sweep, status: int = 200, headers: dict[str, str] | None = None, retry_after: str = RETRY_AFTER
) -> Response:
    retry = {} if sweep.record.is_terminal else {"Retry-After": retry_after}
    return answer(sweep_view(house().store, sweep), status, {**(headers or {}), **retry})
