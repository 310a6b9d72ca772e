"""Jobs: submit one, follow it, read its history, stop it."""

import re
from contextlib import nullcontext, suppress
from random import randint
from typing import Any

import structlog
from flask import Response, request

from contract.errors import Unavailable
from contract.job import JobRecord, new_id
from contract.store_lists import Selection
from service.documented import Answer, documented
from service.history import history_view
from service.house import house
from service.routing import Routes, answer
from service.schemas import MAX_WAIT, HistoryQuery, PageQuery, Query, WaitQuery
from service.schemas_history import HistorySchema
from service.schemas_job import JobListSchema, JobSchema
from service.schemas_requests import SUBMISSION
from service.schemas_verdict import VerdictSchema
from service.submission import submission
from service.views import job_view, light_view
from service.waiting import wait_for_end

routes = Routes("jobs", __name__, description="Gradient descent jobs.")

RETRY_AFTER = "1"
# For who asked to wait and found all seats taken: hundreds who come back every second, or all at once, are a load.
NO_SEAT = (4, 12)
PREFER_WAIT = re.compile(r"\bwait=([0-9]{1,6})\b", re.ASCII)

log = structlog.get_logger()


@routes.route("/v1/jobs", methods=["POST"])
@documented(
    Answer(202, "The job, accepted or already ended.", JobSchema, ("Location", "Retry-After")),
    takes=("Prefer",),
    body=SUBMISSION,
)
@routes.arguments(WaitQuery, location="query")
def create_job(query: dict[str, Any]) -> Response:
    """Submit a job: a form with a CSV and settings, or JSON settings with the id of a dataset."""
    wait, job_id = query["wait"] or _preferred_wait(), new_id("job")
    with submission() as submitted:
        fields, hint = submitted.record(), house().hint(job_id)
        new, uses = submitted.new_dataset, submitted.uses()
        job = house().store.accept(job_id, submitted.dataset, fields, hint, new_dataset=new, uses=uses)
    log.info("job_accepted", job_id=job_id, dataset=job.dataset)
    return _job_answer(_when_ended(job, wait), 202, {"Location": f"/v1/jobs/{job_id}"})


@routes.route("/v1/jobs/validate", methods=["POST"])
@documented(Answer(200, "What the job's settings would be.", VerdictSchema), body=SUBMISSION)
@routes.arguments(Query, location="query")
def validate_job(query: dict[str, Any]) -> Response:  # noqa: ARG001 - the query was checked
    """Check a submission as POST /v1/jobs does; run nothing, keep nothing."""
    with submission(kept=False) as submitted:
        return answer(submitted.verdict())


@routes.route("/v1/jobs", methods=["GET"])
@documented(Answer(200, "A page of jobs.", JobListSchema, ("Link",)))
@routes.arguments(PageQuery, location="query")
def list_jobs(query: dict[str, Any]) -> Response:
    """Light rows of jobs, newest first."""
    records, position, more = house().store.lists.newest(Selection(), query["limit"], query["cursor"])
    cursor = str(position) if more else None
    link = {"Link": f"</v1/jobs?limit={query['limit']}&cursor={cursor}>; rel=next"} if cursor else {}
    return answer({"jobs": [light_view(record) for record in records], "next": cursor}, headers=link)


@routes.route("/v1/jobs/<job_id>", methods=["GET"])
@documented(Answer(200, "The job.", JobSchema, ("Retry-After",)), errors=(404,))
@routes.arguments(WaitQuery, location="query")
def show_job(query: dict[str, Any], job_id: str) -> Response:
    """One job; with ``wait``, as soon as it has ended."""
    with _watching(job_id, query["wait"]) as event:
        job = wait_for_end(house().store, house().store.job(job_id), event, query["wait"])
    again = RETRY_AFTER if event or not query["wait"] else str(randint(*NO_SEAT))  # noqa: S311 - no secret
    return _job_answer(job, retry_after=again)


@routes.route("/v1/jobs/<job_id>/history", methods=["GET"])
@documented(Answer(200, "The history.", HistorySchema), errors=(404,))
@routes.arguments(HistoryQuery, location="query")
def show_history(query: dict[str, Any], job_id: str) -> Response:
    """The cost history so far."""
    job, packed = house().store.job_with_history(job_id)
    return answer(history_view(job, packed, query["points"], query["since_iteration"]))


@routes.route("/v1/jobs/<job_id>/cancel", methods=["POST"])
@documented(Answer(200, "The job.", JobSchema, ("Retry-After",)), errors=(404, 409))
@routes.arguments(Query, location="query")
def cancel_job(query: dict[str, Any], job_id: str) -> Response:  # noqa: ARG001 - the query was checked
    """Cancel a queued job at once; a running one stops within seconds and keeps what it has."""
    house().store.cancel(job_id)
    return _job_answer(house().store.job(job_id))


def _preferred_wait() -> int:
    """``Prefer: wait=N`` (RFC 7240)."""
    found = PREFER_WAIT.search(request.headers.get("Prefer", ""))
    return min(int(found[1]), MAX_WAIT) if found else 0


def _when_ended(job: JobRecord, wait: int) -> JobRecord:
    """An accepted job as soon as it has ended. It stays accepted, and is shown, when Redis goes away meanwhile."""
    if wait:
        with suppress(Unavailable), house().endings.watching(job.id) as event:
            return wait_for_end(house().store, house().store.job(job.id), event, wait)
    return job


def _watching(job_id: str, wait: int) -> Any:
    return house().endings.watching(job_id) if wait else nullcontext()


def _job_answer(
    job: JobRecord, status: int = 200, headers: dict[str, str] | None = None, retry_after: str = RETRY_AFTER
) -> Response:
    retry = {} if job.is_terminal else {"Retry-After": retry_after}
    return answer(job_view(job), status, {**(headers or {}), **retry})
