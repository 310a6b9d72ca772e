"""Every refusal is problem+json with the right number, whoever found the fault."""

import pytest
import requests
from flask import Flask
from structlog.testing import capture_logs

from contract import errors
from contract.errors import InputCorrupt, ThalwegError
from service.errors import STATUS, register_errors, status_of
from tests.support.jobs import submit
from tests.support.problems import problem
from tests.support.processes import Stack

NUMBERS = {
    "ThalwegError": 500,
    "BadRequest": 400,
    "Unprocessable": 422,
    "InvalidSettings": 422,
    "InvalidSweep": 422,
    "InvalidRows": 422,
    "InvalidCsv": 422,
    "CrossSite": 403,
    "NotFound": 404,
    "Conflict": 409,
    "InFlight": 409,
    "NotYet": 409,
    "TooLarge": 413,
    "TooSlow": 408,
    "UnsupportedMedia": 415,
    "InputCorrupt": 500,
    "Unavailable": 503,
    "StorageFull": 503,
}


def descendants(kind: type[ThalwegError]) -> list[type[ThalwegError]]:
    return [kind, *(below for child in kind.__subclasses__() for below in descendants(child))]


@pytest.mark.parametrize("kind", descendants(ThalwegError), ids=lambda kind: kind.__name__)
def test_every_error_of_the_tree_has_its_number(kind: type[ThalwegError]) -> None:
    assert status_of(kind.__new__(kind)) == NUMBERS[kind.__name__]


def test_no_number_is_hidden_behind_a_base_class() -> None:
    kinds = [kind for kind, _ in STATUS]
    assert all(not issubclass(later, kind) for place, kind in enumerate(kinds) for later in kinds[place + 1 :])
    assert set(NUMBERS) == {kind.__name__ for kind in descendants(errors.ThalwegError)}


def test_what_only_an_operator_can_mend_is_in_the_log() -> None:
    """With the path, which names the job, and what is wrong."""
    app, error = Flask("test"), InputCorrupt("The file of dataset ds_a cannot be read; upload it again.")
    register_errors(app)

    @app.route("/v1/jobs/<job_id>/predictions")
    def predict(job_id: str) -> str:  # noqa: ARG001 - a route as ours are
        raise error

    with capture_logs() as said:
        assert app.test_client().get("/v1/jobs/job_a/predictions").status_code == 500
    known = {
        "event": "input_corrupt",
        "path": "/v1/jobs/job_a/predictions",
        "detail": error.detail,
        "log_level": "error",
    }
    assert said == [known | {"exc_info": error}]


def test_a_conflict_is_a_problem(base: str) -> None:
    job = submit(base, {}, wait=30)["id"]
    document = problem(requests.post(f"{base}/v1/jobs/{job}/cancel", timeout=5), 409, "conflict")
    assert "succeeded" in document["detail"]


def test_a_defect_of_ours_is_told_apart_and_not_shown(running: Stack) -> None:
    """A value of the wrong type in Redis is nothing that a client could mend: 500, with an id to find it in the log."""
    running.store.client.set("thalweg:job:wrong", "not a hash")
    answer = requests.get(f"{running.base}/v1/jobs/wrong", timeout=5)
    running.store.client.delete("thalweg:job:wrong")
    document = problem(answer, 500, "internal")
    assert "WRONGTYPE" not in answer.text
    assert document["request_id"] in (running.folder / "api.log").read_text()


@pytest.mark.parametrize("path", ["/v1/jobs", "/v1/jobs/nothing", "/metrics", "/nothing"])
def test_answers_are_neither_sniffed_nor_stored(base: str, path: str) -> None:
    headers = requests.get(base + path, timeout=5).headers
    assert (headers["X-Content-Type-Options"], headers["Cache-Control"]) == ("nosniff", "no-store")


@pytest.mark.parametrize("given", ["", "x" * 101, "ünïcode", "a\tb"], ids=["empty", "long", "not ASCII", "control"])
def test_an_unusable_request_id_is_replaced(base: str, given: str) -> None:
    """What goes into logs and headers is short and printable, whatever was sent."""
    made = requests.get(f"{base}/healthz", headers={"X-Request-ID": given.encode()}, timeout=5).headers["X-Request-ID"]
    assert len(made) == 16
