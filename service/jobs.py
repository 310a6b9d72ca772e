"""Jobs: submit one, follow it, read its history, stop it, delete it."""

from typing import Any

import structlog
from flask import Response, request

from contract.job import JobRecord, new_id
from service.documented import CSV, JSON, Answer, documented
from service.followed import answer_accepted, answer_changed, answer_thing, unchanged
from service.history import history_csv, history_view
from service.house import house
from service.idempotency import HEADER, REPLAYED, Try, admitted_key, once
from service.preference import preferred_wait
from service.routing import Routes, answer
from service.schemas import HistoryQuery, Query, WaitQuery
from service.schemas_history import HISTORY_CSV, HistorySchema
from service.schemas_job import JobSchema
from service.schemas_requests import SUBMISSION
from service.schemas_verdict import VerdictSchema
from service.submission import Received, received, submission
from service.views import job_view

routes = Routes("jobs", __name__, description="Gradient descent jobs.")

log = structlog.get_logger()


@routes.route("/v1/jobs", methods=["POST"])
@documented(
    Answer(202, "The job, accepted or already ended.", JobSchema, ("Location", "Retry-After", REPLAYED)),
    takes=("Prefer", HEADER),
    body=SUBMISSION,
    errors=(409,),
)
@routes.arguments(WaitQuery, location="query")
def create_job(query: dict[str, Any]) -> Response:
    """Submit a job: a form with a CSV and settings, or JSON settings with the id of a dataset."""
    wait, key, store = query["wait"] or preferred_wait(), admitted_key(), house().store
    with received() as body, once("jobs", key, body.asked()) as this:
        job = this.again(store.job) or _accepted(body, this)
    return answer_accepted("jobs", job, store.job, job_view, wait=wait, headers=this.headers())


@routes.route("/v1/jobs/validate", methods=["POST"])
@documented(Answer(200, "What the job's settings would be.", VerdictSchema), body=SUBMISSION)
@routes.arguments(Query, location="query")
def validate_job(query: dict[str, Any]) -> Response:  # noqa: ARG001 - the query was checked
    """Check a submission as POST /v1/jobs does; run nothing, keep nothing."""
    with received() as body, submission(body, kept=False) as submitted:
        return answer({"valid": True, **submitted.verdict(), "dataset": submitted.about_dataset()})


@routes.route("/v1/jobs/<job_id>", methods=["GET"])
@documented(
    Answer(200, "The job.", JobSchema, ("ETag", "Retry-After")),
    unchanged("The job is what it was."),
    takes=("If-None-Match",),
    errors=(404,),
)
@routes.arguments(WaitQuery, location="query")
def show_job(query: dict[str, Any], job_id: str) -> Response:
    """One job; with ``wait``, as soon as it has ended."""
    store = house().store
    return answer_changed(job_id, store.job, job_view, query["wait"], glance=store.revision)


@routes.route("/v1/jobs/<job_id>", methods=["DELETE"])
@documented(Answer(204, "It is gone."), errors=(403, 404, 409))
@routes.arguments(Query, location="query")
def delete_job(query: dict[str, Any], job_id: str) -> Response:  # noqa: ARG001 - the query was checked
    """Delete a job that has ended; its dataset stays."""
    house().store.delete(job_id)
    return Response(status=204)


@routes.route("/v1/jobs/<job_id>/history", methods=["GET"])
@documented(
    Answer(200, "The history.", HistorySchema), Answer(200, "The history.", HISTORY_CSV, media=CSV), errors=(404,)
)
@routes.arguments(HistoryQuery, location="query")
def show_history(query: dict[str, Any], job_id: str) -> Response:
    """The cost history so far, as JSON or as CSV, whichever ``Accept`` prefers."""
    job, packed = house().store.job_with_history(job_id)
    points, since = query["points"], query["since_iteration"]
    if request.accept_mimetypes.best_match([JSON, CSV]) == CSV:
        return Response(history_csv(job, packed, points, since), content_type=f"{CSV}; charset=utf-8")
    return answer(history_view(job, packed, points, since))


@routes.route("/v1/jobs/<job_id>/cancel", methods=["POST"])
@documented(Answer(200, "The job.", JobSchema, ("Retry-After",)), errors=(403, 404, 409))
@routes.arguments(Query, location="query")
def cancel_job(query: dict[str, Any], job_id: str) -> Response:  # noqa: ARG001 - the query was checked
    """Cancel a queued job at once; a running one stops within seconds and keeps what it has."""
    house().store.cancel(job_id)
    return answer_thing(house().store.job(job_id), job_view)


def _accepted(body: Received, this: Try) -> JobRecord:
    house().admission.check()
    job_id = new_id("job")
    with submission(body) as submitted:
        fields, hint = submitted.record(), house().hint(job_id)
        new, uses = submitted.new_dataset, submitted.uses()
        job = house().store.accept(job_id, submitted.dataset, fields, hint, new_dataset=new, uses=uses, once=this.once)
    log.info("job_accepted", job_id=job_id, dataset=job.dataset)
    return job
