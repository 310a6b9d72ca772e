"""Going on: a new job that begins where another one ended."""

from typing import Any

import orjson
import structlog
from flask import Response, request

from contract.checkpoint import is_known
from contract.checkpoint_file import FILE, discard, share
from contract.continuing import continued_settings, iterations_of, more_iterations
from contract.errors import Conflict, InputCorrupt, NotFound, UnsupportedMedia
from contract.job import JobRecord, new_id, progress
from contract.store import Origin
from service.body import whole
from service.documented import JSON, Answer, documented
from service.followed import answer_accepted
from service.house import house
from service.idempotency import HEADER, REPLAYED, Try, admitted_key, once
from service.json_codec import load
from service.preference import preferred_wait
from service.routing import Routes
from service.schemas import WaitQuery
from service.schemas_job import JobSchema
from service.schemas_requests import CONTINUATION
from service.views import job_view

routes = Routes("continuing", __name__, description="Gradient descent jobs.")

log = structlog.get_logger()


@routes.route("/v1/jobs/<job_id>/continue", methods=["POST"], tags=["jobs"])
@documented(
    Answer(202, "The new job, accepted or already ended.", JobSchema, ("Location", "Retry-After", REPLAYED)),
    takes=("Prefer", HEADER),
    body=CONTINUATION,
    errors=(404, 409),
)
@routes.arguments(WaitQuery, location="query")
def continue_job(query: dict[str, Any], job_id: str) -> Response:
    """Go on with a job that has ended, for more iterations, as if it had never stopped: a new job with its history."""
    wait, key, store = query["wait"] or preferred_wait(), admitted_key(), house().store
    document = _document()
    with once("continue", key, {"job": job_id, "asked": document}) as this:
        job = this.again(store.job) or _accepted(job_id, document, this)
    return answer_accepted("jobs", job, store.job, job_view, wait=wait, headers=this.headers())


def _document() -> Any:
    if request.mimetype != JSON:
        raise UnsupportedMedia("Send JSON: curl --json '{\"max_iterations\": 100}'.")
    return load(whole(request), house().config.json_depth)


def _accepted(parent_id: str, document: Any, this: Try) -> JobRecord:
    more, parent = more_iterations(document), house().store.job(parent_id)
    settings = continued_settings(parent, more)
    house().admission.check()
    job_id, held = new_id("job"), _known_checkpoint(parent_id)
    own = _shared(held, job_id)
    try:
        job = _record(job_id, parent, settings, Origin(parent_id, own), this)
    except BaseException:
        discard(house().config.checkpoints_dir, own)
        raise
    log.info("job_accepted", job_id=job_id, parent=parent_id)
    return job


def _known_checkpoint(job_id: str) -> bytes:
    """What Redis holds of the job's checkpoint, which this version must be able to read where it can be seen."""
    held = house().store.checkpoint(job_id)
    if not held.startswith(FILE) and not is_known(held):
        raise Conflict("The state of this job was kept by another version; post the job again.", "state_unreadable")
    return held


def _shared(held: bytes, job_id: str) -> bytes:
    try:
        return share(house().config.checkpoints_dir, held, job_id)
    except InputCorrupt as error:
        raise Conflict(error.detail, error.code) from None


def _record(job_id: str, parent: JobRecord, settings: dict[str, Any], origin: Origin, this: Try) -> JobRecord:
    store, made = house().store, iterations_of(parent)
    cost = orjson.loads(parent.progress or b"{}").get("cost")
    fields = {
        "name": parent.name,
        "labels": parent.labels,
        "settings": settings,
        "warnings": [],  # the move takes those that the parent began with
        "progress": progress(made, settings["max_iterations"], cost, None),
    }
    uses = tuple(filter(None, [(settings.get("validation") or {}).get("dataset")]))
    try:
        dataset = store.datasets.get(parent.dataset) if parent.dataset else None
        hint = house().hint(job_id)
        return store.accept(job_id, dataset, fields, hint, new_dataset=False, uses=uses, once=this.once, origin=origin)
    except NotFound as error:
        if error.what == "job":
            raise
        detail = "The job's rows are gone: its dataset was deleted or has expired. Post a new job with the file."
        raise Conflict(detail) from None
