"""Sweeps: several settings on the same rows, submitted, watched, cancelled and deleted as one."""

from typing import Any

import structlog
from flask import Response

from contract.job import new_id
from contract.sweep import Sweep
from service.documented import Answer, documented
from service.followed import answer_accepted, answer_changed, answer_thing, unchanged
from service.house import house
from service.idempotency import HEADER, REPLAYED, Try, admitted_key, once
from service.preference import preferred_wait
from service.routing import Routes, answer, answer_page
from service.schemas import PageQuery, Query, WaitQuery
from service.schemas_requests import SWEEP
from service.schemas_sweep import SweepListSchema, SweepSchema
from service.schemas_verdict import SweepVerdictSchema
from service.submission import DOCUMENT, FORM, Received, received
from service.sweep_submission import sweep_submission
from service.sweep_views import sweep_row, sweep_view

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
    return answer_accepted("sweeps", sweep, sweeps.get, _view, wait=wait, headers=this.headers())


@routes.route("/v1/sweeps/validate", methods=["POST"])
@documented(Answer(200, "What the sweep's jobs would be.", SweepVerdictSchema), body=SWEEP)
@routes.arguments(Query, location="query")
def validate_sweep(query: dict[str, Any]) -> Response:  # noqa: ARG001 - the query was checked
    """Check a sweep as POST /v1/sweeps does; run nothing, keep nothing."""
    with received(FORM_OF_SWEEP, DOCUMENT_OF_SWEEP) as body, sweep_submission(body, kept=False) as found:
        return answer(found.verdict())


@routes.route("/v1/sweeps", methods=["GET"])
@documented(Answer(200, "A page of sweeps.", SweepListSchema, ("Link",)))
@routes.arguments(PageQuery, location="query")
def list_sweeps(query: dict[str, Any]) -> Response:
    """Sweeps without their jobs, newest first."""
    records, following = house().store.sweeps.newest(query["limit"], query["cursor"])
    return answer_page("sweeps", [sweep_row(record) for record in records], query, following)


@routes.route("/v1/sweeps/<sweep_id>", methods=["GET"])
@documented(
    Answer(200, "The sweep.", SweepSchema, ("ETag", "Retry-After")),
    unchanged("The sweep is what it was."),
    takes=("If-None-Match",),
    errors=(404,),
)
@routes.arguments(WaitQuery, location="query")
def show_sweep(query: dict[str, Any], sweep_id: str) -> Response:
    """One sweep with its jobs and their ranking; with ``wait``, as soon as all of them have ended."""
    return answer_changed(sweep_id, house().store.sweeps.get, _view, query["wait"])


@routes.route("/v1/sweeps/<sweep_id>", methods=["DELETE"])
@documented(Answer(204, "It is gone."), errors=(403, 404, 409))
@routes.arguments(Query, location="query")
def delete_sweep(query: dict[str, Any], sweep_id: str) -> Response:  # noqa: ARG001 - the query was checked
    """Delete a sweep that has ended, with its jobs; their dataset stays."""
    house().store.sweeps.delete(sweep_id)
    return Response(status=204)


@routes.route("/v1/sweeps/<sweep_id>/cancel", methods=["POST"])
@documented(Answer(200, "The sweep.", SweepSchema, ("Retry-After",)), errors=(403, 404, 409))
@routes.arguments(Query, location="query")
def cancel_sweep(query: dict[str, Any], sweep_id: str) -> Response:  # noqa: ARG001 - the query was checked
    """Cancel all jobs of a sweep that have not ended: queued ones at once, running ones within seconds."""
    house().store.sweeps.cancel(sweep_id)
    return answer_thing(house().store.sweeps.get(sweep_id), _view)


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


def _view(sweep: Sweep) -> dict[str, Any]:
    return sweep_view(house().store, sweep)
