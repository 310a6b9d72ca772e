"""Requests that are no good HTTP, or no good to this API: rows 1 to 4, 7 to 11 and 21 to 36 of the catalogue."""

import socket
from http.client import HTTPResponse

import pytest
import requests

from tests.bad_input.cases import Case, check, exactly, get, raw, table
from tests.support.jobs import line_csv
from tests.support.problems import chunked, nothing_left_behind, problem
from tests.support.processes import Stack

DATASET = "POST /v1/datasets HTTP/1.1\nContent-Type: text/csv\n"


def with_header(line: bytes, request: bytes = b"GET /healthz HTTP/1.1", host: bytes = b"Host: localhost\r\n") -> bytes:
    """A request byte by byte with one more header."""
    return request + b"\r\n" + host + b"Connection: close\r\n" + line + b"\r\n\r\n"


# Gunicorn answers these itself, before there is a request; its answer is a short page.
CASES = [
    *(
        Case(f"1-{length}", raw(f"{DATASET}Content-Length: {length}"), 400)
        for length in ("-5", "+5", "abc", "5_0", "\u0665")
    ),
    Case("2-different", raw(f"{DATASET}Content-Length: 3\nContent-Length: 4", b"a,b"), 400),
    Case("2-list", raw(f"{DATASET}Content-Length: 3, 4", b"a,b"), 400),
    Case("3-length-and-chunks", raw(f"{DATASET}Content-Length: 3\nTransfer-Encoding: chunked", chunked(b"a,b")), 400),
    Case("4-xchunked", raw(f"{DATASET}Transfer-Encoding: xchunked", chunked(b"a,b")), 501),
    Case("4-chunked-twice", raw(f"{DATASET}Transfer-Encoding: chunked, chunked", chunked(b"a,b")), 400),
    Case("7-line", raw(f"GET /{'x' * 5000} HTTP/1.1"), 414),
    Case("8-long", raw(f"GET /healthz HTTP/1.1\nX: {'y' * 9000}"), 431),
    Case("8-many", raw("GET /healthz HTTP/1.1\n" + "".join(f"X{k}: y\n" for k in range(120))), 431),
    Case("9-nul", exactly(with_header(b"X: a\0b")), 400),
    Case("9-line-feed", exactly(with_header(b"X: a\nY: b")), 400),
    Case("9-carriage-return", exactly(with_header(b"X: a\rY: b")), 400),
    Case("9-folded", exactly(with_header(b"X: a\r\n b")), 400),
    Case("9-space-before-colon", exactly(with_header(b"X : a")), 400),
    Case("10-method", raw("fOO /healthz HTTP/1.1"), 400),
    Case("10-version", raw("GET /healthz HTTP/3.0"), 400),
    Case("10-words", raw("GET /healthz"), 400),
    # From here on the answers are ours.
    Case("10-unknown-method", raw("FOO /healthz HTTP/1.1"), 405, "method_not_allowed"),
    Case("11-none", exactly(with_header(b"X: a", host=b"")), 400, "missing_host"),
    Case("11-empty", exactly(with_header(b"X: a", host=b"Host:\r\n")), 400, "missing_host"),
    Case("11-two", exactly(with_header(b"Host: there")), 400),
    Case("11-http-1.0", exactly(with_header(b"X: a", b"GET /healthz HTTP/1.0", host=b"")), 200),
    *(
        Case(f"23-{path}", raw(f"GET {path} HTTP/1.1"), 404, "not_found")
        for path in (
            *("/v1", "/v1/nothing", "/v1/jobs/", "/v1//jobs", "//v1/jobs", "/V1/jobs", "/v1/datasets/a/b", "/%00"),
            *("/v1/jobs/%2e%2e%2fhealthz", "/v1/../healthz", "/v1/jobs/job_x/", "/healthz/", "/v1/jobs/%2F", "/%ED%A0"),
        )
    ),
    *(
        Case(
            f"29-{number}-{identity[:12]}",
            raw(f"{route.format(identity)} HTTP/1.1\nContent-Length: 0"),
            404,
            "not_found",
        )
        for number, route in enumerate(
            (
                *("GET /v1/jobs/{}", "GET /v1/jobs/{}/history", "POST /v1/jobs/{}/cancel", "GET /v1/datasets/{}"),
                *("DELETE /v1/jobs/{}", "DELETE /v1/datasets/{}"),
                *("GET /v1/sweeps/{}", "DELETE /v1/sweeps/{}", "POST /v1/sweeps/{}/cancel"),
            )
        )
        for identity in ("abc", "job_" + "A" * 26, "%00", "..%5Cx", "x" * 3000, "%ED%A0%80", "%F0%9F%92%A9")
    ),
    *(
        Case(f"35-{path}", get(path), 400, "invalid_parameter")
        for path in ("/healthz?x=1", "/readyz?x=1", "/metrics?x=1", "/healthz?pretty&pretty", "/v1/jobs?=1")
    ),
]


@table(CASES)
def test_request(running: Stack, case: Case) -> None:
    check(running, case)


@pytest.mark.parametrize(
    "accept", ["application/xml", "text/html", "nonsense", "*/*;q=0"], ids=["21-xml", "21-html", "21-none", "21-zero"]
)
def test_json_is_answered_whatever_is_accepted(base: str, accept: str) -> None:
    """There is nothing else to offer, so a client that asks carelessly is better served with it than with a 406."""
    answer = get("/v1/jobs", Accept=accept)(base)
    assert isinstance(answer, requests.Response)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    problem(get("/v1/jobs/x", Accept=accept)(base), 404, "not_found")


METHODS = [
    ("PUT", "/v1/jobs", {"GET", "HEAD", "OPTIONS", "POST"}),
    ("POST", "/v1/jobs/job_x", {"GET", "HEAD", "OPTIONS"}),
    ("GET", "/v1/jobs/job_x/cancel", {"OPTIONS", "POST"}),
    ("POST", "/healthz", {"GET", "HEAD", "OPTIONS"}),
    ("DELETE", "/v1/workers", {"GET", "HEAD", "OPTIONS"}),
    ("TRACE", "/v1/datasets", {"OPTIONS", "POST"}),
    ("PATCH", "/v1/datasets/ds_x", {"GET", "HEAD", "OPTIONS"}),
    ("PROPFIND", "/v1/jobs", {"GET", "HEAD", "OPTIONS", "POST"}),
]


@pytest.mark.parametrize(("method", "path", "allowed"), METHODS, ids=[f"22-{row[0]}-{row[1]}" for row in METHODS])
def test_a_wrong_method_is_told_the_right_ones(base: str, method: str, path: str, allowed: set[str]) -> None:
    answer = requests.request(method, base + path, timeout=5)
    problem(answer, 405, "method_not_allowed")
    assert set(answer.headers["Allow"].split(", ")) >= allowed
    assert method not in answer.headers["Allow"]


def test_22_options_are_told_without_a_body(base: str) -> None:
    answer = requests.options(f"{base}/v1/jobs", timeout=5)
    assert (answer.status_code, answer.content, answer.headers.get("Content-Type")) == (204, b"", None)
    assert {"GET", "HEAD", "OPTIONS", "POST"} <= set(answer.headers["Allow"].split(", "))


@pytest.mark.parametrize("path", ["/v1/jobs", "/v1/jobs/nothing"], ids=["22-head", "22-head-of-nothing"])
def test_head_answers_like_get_without_the_body(base: str, path: str) -> None:
    head, whole = (requests.request(method, base + path, timeout=5) for method in ("HEAD", "GET"))
    assert (head.status_code, head.content) == (whole.status_code, b"")
    assert head.headers["Content-Type"] == whole.headers["Content-Type"]


WRONG = {
    "34-limit-0": ("/v1/jobs?limit=0", "limit: Must be a whole number of at least 1, not '0'"),
    "34-limit-negative": ("/v1/jobs?limit=-1", "limit"),
    "34-limit-text": ("/v1/jobs?limit=abc", "limit"),
    "34-limit-empty": ("/v1/jobs?limit=", "limit"),
    "34-limit-fraction": ("/v1/jobs?limit=1.0", "limit"),
    "34-limit-arabic": ("/v1/jobs?limit=%D9%A1%D9%A0", "limit"),
    "34-limit-full-width": ("/v1/jobs?limit=%EF%BC%91", "limit"),
    "34-limit-plus": ("/v1/jobs?limit=+1", "limit"),
    "34-limit-newline": ("/v1/jobs?limit=1%0A", "limit"),
    "34-limit-underscore": ("/v1/jobs?limit=1_0", "limit"),
    "34-limit-no-utf-8": ("/v1/jobs?limit=%FF", "limit"),
    "34-limit-long": (f"/v1/jobs?limit={'x' * 2000}", "limit"),
    "34-sweep-empty": ("/v1/jobs?sweep=", "sweep: Must be the id of a sweep."),
    "34-cursor-junk": ("/v1/jobs?cursor=junk", "cursor"),
    "34-cursor-0": ("/v1/jobs?cursor=0", "cursor"),
    "34-wait-negative": ("/v1/jobs/x?wait=-1", "wait: Must be a whole number of at least 0, not '-1'"),
    "34-wait-text": ("/v1/jobs/x?wait=abc", "wait"),
    "34-wait-exponent": ("/v1/jobs/x?wait=1e1", "wait"),
    "34-points-0": ("/v1/jobs/x/history?points=0", "points"),
    "34-since-negative": ("/v1/jobs/x/history?since_iteration=-1", "since_iteration"),
    "35-limit-twice": ("/v1/jobs?limit=1&limit=2", "'limit' stands twice"),
    "35-wait-twice": ("/v1/jobs/x?wait=1&wait=1", "'wait' stands twice"),
    "35-page": ("/v1/jobs?page=2", "no argument 'page' here; there are: "),
    "35-capital": ("/v1/jobs/x?Wait=1", "no argument 'Wait' here; there are: "),
    "35-workers": ("/v1/workers?state=busy", "no argument 'state'"),
    "35-dataset": ("/v1/datasets/x?rows=1", "no argument 'rows'"),
    "35-long": (f"/v1/jobs?{'x' * 2000}=1", "no argument 'xxx"),
}


@pytest.mark.parametrize(("path", "words"), WRONG.values(), ids=WRONG)
def test_a_wrong_query_is_refused_in_words(base: str, path: str, words: str) -> None:
    document = problem(requests.get(base + path, timeout=5), 400, "invalid_parameter")
    assert words in document["detail"]
    assert len(document["detail"]) < 400


CREATING = ["/v1/jobs?wait=-1", "/v1/jobs?limit=1", "/v1/datasets?wait=1", "/v1/jobs/x/cancel?x=1"]


@pytest.mark.parametrize("path", CREATING, ids=[f"35-{path}" for path in CREATING])
def test_a_wrong_query_refuses_what_would_be_created(running: Stack, path: str) -> None:
    parts = {"file": line_csv(), "settings": '{"target": "y"}'}
    with nothing_left_behind(running):
        problem(requests.post(running.base + path, files=parts, timeout=5), 400, "invalid_parameter")


CUT = ["/v1/jobs?limit=1000000000", "/v1/jobs?limit=1000&cursor=999999999999999999"]


@pytest.mark.parametrize("path", CUT, ids=["34-large-limit", "34-large-cursor"])
def test_too_large_a_limit_is_cut(base: str, path: str) -> None:
    assert requests.get(base + path, timeout=10).status_code == 200


UNWANTED = [
    ("GET", "/healthz", 200),
    ("GET", "/v1/jobs", 200),
    ("POST", "/v1/jobs/x/cancel", 404),
    ("PUT", "/v1/jobs", 405),
]


@pytest.mark.parametrize("framing", ["length", "chunks"])
@pytest.mark.parametrize(
    ("method", "path", "status"), UNWANTED, ids=[f"22-{row[0]}-{row[1]}-with-a-body" for row in UNWANTED]
)
def test_a_body_that_nobody_asked_for_is_passed_over(
    base: str, method: str, path: str, status: int, framing: str
) -> None:
    """It is not taken for the next request on the connection, not even where it looks like one."""
    smuggled = b"GET /v1/nothing HTTP/1.1\r\nHost: localhost\r\n\r\n"
    framed = {"length": smuggled, "chunks": chunked(smuggled)}[framing]
    header = f"Content-Length: {len(smuggled)}" if framing == "length" else "Transfer-Encoding: chunked"
    host, port = base.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        for expected in (status, status):
            connection.sendall(f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{header}\r\n\r\n".encode() + framed)
            reply = HTTPResponse(connection)
            reply.begin()
            reply.read()
            assert reply.status == expected
