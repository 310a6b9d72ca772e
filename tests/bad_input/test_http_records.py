"""Requests that come too early, too late or twice: rows 31 to 33, 36 and 37 of the catalogue."""

from collections.abc import Iterator

import pytest
import requests

from contract.store_keys import JOB_EXPIRY, REPLAY, SWEEPS
from tests.support.jobs import LONG, ended, line_csv, submit, submit_sweep
from tests.support.problems import files_of, nothing_left_behind, problem, send_exactly, send_raw
from tests.support.processes import Stack, eventually, stack

LASTING = ("thalweg:sequence", "thalweg:counters", "thalweg:workers", "thalweg:presence", "thalweg:turn:")


@pytest.fixture(scope="module")
def forgetful() -> Iterator[Stack]:
    """An installation that forgets what has ended within a second."""
    with stack(workers=1, retention="0.5", reconcile_interval="0.2") as installation:
        yield installation


@pytest.mark.parametrize(
    ("method", "path"),
    [
        pytest.param("GET", "", id="31-get"),
        pytest.param("GET", "/history", id="31-history"),
        pytest.param("POST", "/cancel", id="31-cancel"),
        pytest.param("DELETE", "", id="31-delete"),
    ],
)
def test_an_expired_job_is_an_unknown_one(forgetful: Stack, method: str, path: str) -> None:
    job = submit(forgetful.base, {"labels": {"a": "b"}}, wait=20)["id"]
    eventually(lambda: not forgetful.store.client.exists(f"thalweg:job:{job}"), what="the job's expiry")
    answer = requests.request(method, f"{forgetful.base}/v1/jobs/{job}{path}", timeout=5)
    assert "it may have expired" in problem(answer, 404, "not_found")["detail"]


def test_31_nothing_of_what_expired_is_left(forgetful: Stack) -> None:
    """Records, histories, indexes and files: afterwards there is what was there before the first job."""
    for state in ("queued", "failed"):
        submit(forgetful.base, {"labels": {"a": state}, "history": {"every": 2}}, wait=20)
    submit_sweep(forgetful.base, {"base": {"target": "y", "labels": {"a": "b"}}, "runs": [{}, {"optimizer": "sgd"}]})
    client = forgetful.store.client
    eventually(lambda: not client.exists(JOB_EXPIRY, SWEEPS), what="the jobs' expiry")
    eventually(lambda: not files_of(forgetful), what="the datasets' expiry")
    assert [key for key in client.keys("thalweg*") if not key.decode().startswith(LASTING)] == []


def test_32_history_that_is_not_there_yet_is_empty(base: str) -> None:
    """Behind two long jobs a third one waits: it has a history without entries, as JSON and as CSV."""
    before = [submit(base, LONG)["id"] for _ in range(2)]
    job = submit(base, {})["id"]
    path = f"{base}/v1/jobs/{job}/history"
    found = requests.get(path, timeout=5)
    text = requests.get(path, headers={"Accept": "text/csv"}, timeout=5)
    for one in (*before, job):
        requests.post(f"{base}/v1/jobs/{one}/cancel", timeout=5)
    assert (found.status_code, found.json()["total"], found.json()["iterations"]) == (200, 0, [])
    assert (text.status_code, text.text.count("\n")) == (200, 1)


@pytest.mark.parametrize(
    ("state", "method", "status"),
    [
        pytest.param("cancelled", "cancel", 200, id="33-cancel-cancelled"),
        pytest.param("succeeded", "cancel", 409, id="33-cancel-succeeded"),
        pytest.param("running", "delete", 409, id="33-delete-running"),
    ],
)
def test_a_move_that_the_state_does_not_allow(base: str, state: str, method: str, status: int) -> None:
    job = submit(base, {} if state == "succeeded" else LONG, wait=20 if state == "succeeded" else 0)["id"]
    path = f"{base}/v1/jobs/{job}"
    if state == "cancelled":
        requests.post(f"{path}/cancel", timeout=5)
    elif state == "running":
        eventually(lambda: requests.get(path, timeout=5).json()["state"] == state, what="the start")
    answer = requests.post(f"{path}/cancel", timeout=5) if method == "cancel" else requests.delete(path, timeout=5)
    assert answer.status_code == status
    if status == 409:
        assert state in problem(answer, 409, "conflict")["detail"]
    if state != "succeeded":
        requests.post(f"{path}/cancel", timeout=5)
        assert ended(base, job)["state"] == "cancelled"


KEYS = {
    "36-empty": "",
    "36-blank": " ",
    "36-300-characters": "x" * 300,
    "36-latin-1": "schl\u00fcssel",
    "36-emoji": "\U0001f511".encode().decode("latin-1"),
    "36-tab": "a\tb",
}


@pytest.mark.parametrize("route", ["/v1/jobs", "/v1/datasets", "/v1/sweeps"])
@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_a_key_that_cannot_be_used(running: Stack, route: str, key: str) -> None:
    with nothing_left_behind(running):
        body = f"Content-Length: 0\nContent-Type: text/csv\nIdempotency-Key: {key}"
        problem(send_raw(running.base, f"POST {route} HTTP/1.1\n{body}"), 400, "invalid_idempotency_key")


def test_36_a_key_on_two_lines(running: Stack) -> None:
    """The HTTP server refuses folded headers itself."""
    head = "POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nIdempotency-Key: a\r\n b\r\nContent-Length: 0\r\n\r\n"
    with nothing_left_behind(running):
        assert send_exactly(running.base, head.encode()).status == 400


def test_37_another_body_and_a_request_under_way(running: Stack) -> None:
    headers, client = {"Idempotency-Key": "row 37"}, running.store.client
    known = set(client.keys(f"{REPLAY}*"))

    def post(csv: str) -> requests.Response:
        more = headers | {"Content-Type": "text/csv"}
        return requests.post(f"{running.base}/v1/datasets", data=csv, headers=more, timeout=10)

    assert post(line_csv()).status_code == 201
    with nothing_left_behind(running):
        problem(post("a,b\n1,2\n"), 422, "idempotency_mismatch")
    # What a request under way has written so far.
    (mark,) = set(client.keys(f"{REPLAY}*")) - known
    client.hdel(mark, "made")
    with nothing_left_behind(running):
        problem(post(line_csv()), 409, "idempotency_in_flight")
