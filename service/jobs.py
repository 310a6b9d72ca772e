"""Jobs: submit one, follow it, read its history, stop it, delete it."""

from contextlib import nullcontext, suppress
from typing import Any

import structlog
from flask import Response, request
from werkzeug.http import unquote_etag

from contract.errors import Unavailable
from contract.job import TERMINAL, JobRecord, Revision, new_id
from service.documented import JSON, Answer, documented
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
from service.waiting import RETRY_AFTER, come_back, wait_for_end

routes = Routes("jobs", __name__, description="Gradient descent jobs.")

CSV = "text/csv"

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
    headers = {"Location": f"/v1/jobs/{job.id}", **this.headers()}
    return job_answer(when_ended(job, wait), 202, headers)


@routes.route("/v1/jobs/validate", methods=["POST"])
@documented(Answer(200, "What the job's settings would be.", VerdictSchema), body=SUBMISSION)
@routes.arguments(Query, location="query")
def validate_job(query: dict[str, Any]) -> Response:  # noqa: ARG001 - the query was checked
    """Check a submission as POST /v1/jobs does; run nothing, keep nothing."""
    with received() as body, submission(body, kept=False) as submitted:
        return answer(submitted.verdict())


@routes.route("/v1/jobs/<job_id>", methods=["GET"])
@documented(
    Answer(200, "The job.", JobSchema, ("ETag", "Retry-After")),
    Answer(304, "The job is what it was.", None, ("ETag", "Retry-After")),
    takes=("If-None-Match",),
    errors=(404,),
)
@routes.arguments(WaitQuery, location="query")
def show_job(query: dict[str, Any], job_id: str) -> Response:
    """One job; with ``wait``, as soon as it has ended."""
    store, wait = house().store, query["wait"]
    if request.if_none_match and not wait and _known(revision := store.revision(job_id)):
        return _unchanged(revision, RETRY_AFTER)
    with _watching(job_id, wait) as event:
        job = wait_for_end(store, store.job(job_id), event, wait)
    if _known(job.as_revision()):
        return _unchanged(job.as_revision(), come_back(event, wait))
    return job_answer(job, headers={"ETag": _tag(job.as_revision())}, retry_after=come_back(event, wait))


@routes.route("/v1/jobs/<job_id>", methods=["DELETE"])
@documented(Answer(204, "It is gone."), errors=(404, 409))
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
@documented(Answer(200, "The job.", JobSchema, ("Retry-After",)), errors=(404, 409))
@routes.arguments(Query, location="query")
def cancel_job(query: dict[str, Any], job_id: str) -> Response:  # noqa: ARG001 - the query was checked
    """Cancel a queued job at once; a running one stops within seconds and keeps what it has."""
    house().store.cancel(job_id)
    return job_answer(house().store.job(job_id))


def _accepted(body: Received, this: Try) -> JobRecord:
    house().admission.check()
    job_id = new_id("job")
    with submission(body) as submitted:
        fields, hint = submitted.record(), house().hint(job_id)
        new, uses = submitted.new_dataset, submitted.uses()
        job = house().store.accept(job_id, submitted.dataset, fields, hint, new_dataset=new, uses=uses, once=this.once)
    log.info("job_accepted", job_id=job_id, dataset=job.dataset)
    return job


def when_ended(job: JobRecord, wait: int) -> JobRecord:
    """An accepted job as soon as it has ended. It stays accepted, and is shown, when Redis goes away meanwhile."""
    if wait:
        with suppress(Unavailable), house().endings.watching(job.id) as event:
            return wait_for_end(house().store, house().store.job(job.id), event, wait)
    return job


def _tag(revision: Revision) -> str:
    """Weak (RFC 9110, 8.8.1): ``?pretty`` is the same job in other bytes."""
    return f'W/"{revision.state}.{revision.number}.{revision.queue_position}"'


def _known(revision: Revision) -> bool:
    return request.if_none_match.contains_weak(unquote_etag(_tag(revision))[0])


def _unchanged(revision: Revision, retry_after: str) -> Response:
    retry = {} if revision.state in TERMINAL else {"Retry-After": retry_after}
    return Response(status=304, headers={"ETag": _tag(revision), **retry})


def _watching(job_id: str, wait: int) -> Any:
    return house().endings.watching(job_id) if wait else nullcontext()


def job_answer(
    job: JobRecord, status: int = 200, headers: dict[str, str] | None = None, retry_after: str = RETRY_AFTER
) -> Response:
    """A job, with the time after which to ask for it again while it has not ended."""
    retry = {} if job.is_terminal else {"Retry-After": retry_after}
    return answer(job_view(job), status, {**(headers or {}), **retry})
