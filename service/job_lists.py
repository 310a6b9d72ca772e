"""Jobs in numbers: listed, followed as they end, deleted."""

from contextlib import nullcontext
from typing import Any

from flask import Response

from contract.errors import BadRequest
from contract.store_lists import Page, Selection
from service.documented import Answer, documented
from service.house import house
from service.routing import Routes, answer, answer_page
from service.schemas import DeleteQuery, JobsQuery
from service.schemas_job import DeletedSchema, JobListSchema
from service.views import light_view
from service.waiting import ANY_JOB, come_back, wait_for

routes = Routes("job_lists", __name__, description="Many jobs at a time.")


@routes.route("/v1/jobs", methods=["GET"], tags=["jobs"])
@documented(Answer(200, "A page of jobs.", JobListSchema, ("Link", "Retry-After")), errors=(404,))
@routes.arguments(JobsQuery, location="query")
def list_jobs(query: dict[str, Any]) -> Response:
    """Light rows of jobs: newest first, or with ``finished_after`` in the order in which they ended.

    Those of a sweep are listed with ``sweep`` only; 404 where there is no such sweep.
    """
    if query["sweep"] is not None:
        house().store.sweeps.refuse_unknown(query["sweep"])
    selection = Selection(query["state"], query["label"], query["sweep"])
    if query["finished_after"] is not None:
        return _feed(query, selection)
    page = house().store.lists.newest(selection, query["limit"], query["cursor"])
    return answer_page("jobs", _rows(page), query, page.position if page.more else None)


@routes.route("/v1/jobs", methods=["DELETE"], tags=["jobs"])
@documented(Answer(200, "How many were deleted.", DeletedSchema), errors=(403,))
@routes.arguments(DeleteQuery, location="query")
def delete_jobs(query: dict[str, Any]) -> Response:
    """Delete the jobs that have ended and that all filters select; at least one filter. Those of sweeps stay."""
    selection, before = Selection(query["state"], query["label"]), query["finished_before"]
    if selection == Selection(labels=[]) and before is None:
        detail = "Say which jobs: state, label or finished_before (or all three)."
        raise BadRequest(detail, "invalid_parameter", "Invalid parameter")
    return answer({"deleted": house().store.lists.delete(selection, before and before.timestamp())})


def _feed(query: dict[str, Any], selection: Selection) -> Response:
    lists, limit, wait = house().store.lists, query["limit"], query["wait"]
    with house().endings.watching(ANY_JOB) if wait else nullcontext() as event:
        page = wait_for(
            lists.ended(selection, limit, query["finished_after"]),
            lambda last: lists.ended(selection, limit, last.position),
            # A page that looked at many jobs and found none is handed out too: its client goes on from there.
            lambda found: bool(found.records) or found.more,
            event,
            wait,
        )
    again = {} if page.records else {"Retry-After": come_back(event, wait)}
    return answer_page("jobs", _rows(page), query, page.position, "finished_after", again)


def _rows(page: Page) -> list[dict[str, Any]]:
    return [light_view(record) for record in page.records]
