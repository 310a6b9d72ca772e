"""What cannot be read: queries, bodies and forms that are not as they should be."""

import pytest
import requests

from tests.support.jobs import line_csv
from tests.support.problems import chunked, nothing_left_behind, problem, send_raw
from tests.support.processes import Stack

LIMIT = 20_000_000  # the body limit of the installation that the tests share


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/v1/jobs?limit=0", "limit: Must be a whole number of at least 1, not '0'"),
        ("/v1/jobs?limit=-1", "limit"),
        ("/v1/jobs?limit=abc", "limit"),
        ("/v1/jobs?limit=", "limit"),
        ("/v1/jobs?limit=1.0", "limit"),
        ("/v1/jobs?limit=%D9%A1%D9%A0", "limit"),
        ("/v1/jobs?limit=%EF%BC%91", "limit"),
        ("/v1/jobs?limit=+1", "limit"),
        ("/v1/jobs?limit=1%0A", "limit"),
        ("/v1/jobs?limit=1_0", "limit"),
        ("/v1/jobs?cursor=junk", "cursor"),
        ("/v1/jobs?cursor=0", "cursor"),
        ("/v1/jobs/x?wait=-1", "wait: Must be a whole number of at least 0, not '-1'"),
        ("/v1/jobs/x?wait=abc", "wait"),
        ("/v1/jobs/x?wait=1e1", "wait"),
        ("/v1/jobs/x/history?points=0", "points"),
        ("/v1/jobs/x/history?since_iteration=-1", "since_iteration"),
        ("/v1/jobs?limit=1&limit=2", "'limit' stands twice"),
        ("/v1/jobs/x?wait=1&wait=1", "'wait' stands twice"),
        ("/v1/jobs?page=2", "no argument 'page' here; there are: "),
        ("/v1/jobs/x?Wait=1", "no argument 'Wait' here; there are: "),
        ("/v1/workers?state=busy", "no argument 'state'"),
        ("/v1/datasets/x?rows=1", "no argument 'rows'"),
        (f"/v1/jobs?{'x' * 2000}=1", "no argument 'xxx"),
        (f"/v1/jobs?limit={'x' * 2000}", "limit"),
    ],
    ids=lambda text: text[:40],
)
def test_a_wrong_query_is_refused_in_words(base: str, path: str, words: str) -> None:
    document = problem(requests.get(base + path, timeout=5), 400, "invalid_parameter")
    assert words in document["detail"]
    assert len(document["detail"]) < 400


@pytest.mark.parametrize(
    "path", ["/v1/jobs?wait=-1", "/v1/jobs?limit=1", "/v1/datasets?wait=1", "/v1/jobs/x/cancel?x=1"]
)
def test_a_wrong_query_refuses_what_would_be_created(running: Stack, path: str) -> None:
    with nothing_left_behind(running):
        answer = requests.post(
            running.base + path, files={"file": line_csv(), "settings": '{"target": "y"}'}, timeout=5
        )
        problem(answer, 400, "invalid_parameter")


@pytest.mark.parametrize("query", ["limit=1000000000", "limit=1000&cursor=999999999999999999"])
def test_too_large_a_limit_is_cut(base: str, query: str) -> None:
    assert requests.get(f"{base}/v1/jobs?{query}", timeout=10).status_code == 200


def test_missing_settings_name_the_columns(running: Stack) -> None:
    with nothing_left_behind(running):
        document = problem(requests.post(f"{running.base}/v1/jobs", files={"file": line_csv()}, timeout=5), 422)
        assert "one of a, b, y" in document["detail"]
        assert document["errors"][0]["pointer"] == "/target"


@pytest.mark.parametrize(
    ("document", "pointer"), [({"target": "y"}, "/dataset"), ({"target": "y", "dataset": "ds_x"}, "/dataset")], ids=str
)
def test_a_job_without_a_file_needs_a_dataset(base: str, document: dict[str, str], pointer: str) -> None:
    answer = requests.post(f"{base}/v1/jobs", json=document, timeout=5)
    assert problem(answer, 422)["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "text/csv", ""])
def test_a_job_of_another_type_is_shown_how(base: str, content_type: str) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    document = problem(requests.post(f"{base}/v1/jobs", data=b"a", headers=headers, timeout=5), 415)
    assert document["code"] == "unsupported_media_type"
    assert "curl -F file=@" in document["detail"]


FORM = b'--B\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\na,b\n1,2\n'
RAW, MULTIPART, JSON = "text/csv", "multipart/form-data; boundary=B", "application/json"
BROKEN: list[tuple[str, str, str, str, bytes, int, str]] = [
    ("raw-short", "datasets", RAW, "Content-Length: 5000", b"a,b", 400, "body_truncated"),
    ("json-short", "jobs", JSON, "Content-Length: 5000", b'{"target": "y"}', 400, "body_truncated"),
    ("form-short", "datasets", MULTIPART, "Content-Length: 5000", FORM, 400, "body_truncated"),
    ("form-open", "datasets", MULTIPART, f"Content-Length: {len(FORM)}", FORM, 400, "malformed_multipart"),
    ("form-job-short", "jobs", MULTIPART, "Content-Length: 5000", FORM, 400, "body_truncated"),
    *[
        (f"{name}-{kind}", route, kind, "Transfer-Encoding: chunked", body, 400, "body_truncated")
        for route, kind, start in (
            ("datasets", RAW, b"a,b\n1,2\n"),
            ("datasets", MULTIPART, FORM),
            ("jobs", JSON, b"{}"),
        )
        for name, body in {
            "bad-chunk": chunked(start, end=b"zz\r\n"),
            "no-last-chunk": chunked(start, end=b""),
            "half-a-chunk": chunked(start, end=b"5\r\nabc"),
        }.items()
    ],
    ("raw-declared", "datasets", RAW, f"Content-Length: {LIMIT + 1}", b"a", 413, "body_too_large"),
    ("form-declared", "datasets", MULTIPART, f"Content-Length: {LIMIT + 1}", FORM, 413, "body_too_large"),
    ("json-declared", "jobs", JSON, f"Content-Length: {LIMIT + 1}", b"{", 413, "body_too_large"),
    *[
        (f"chunked-{kind}", route, kind, "Transfer-Encoding: chunked", body, 413, "body_too_large")
        for route, kind, start in (("datasets", RAW, b"a,b\n"), ("datasets", MULTIPART, FORM), ("jobs", JSON, b"["))
        for body in [chunked(start, *[b"1,2\n" * 250_000] * 21)]
    ],
]


@pytest.mark.parametrize(
    ("route", "kind", "length", "body", "status", "code"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN]
)
def test_a_body_is_taken_whole_or_not_at_all(
    running: Stack, route: str, kind: str, length: str, body: bytes, status: int, code: str
) -> None:
    """Less than was promised, chunks that are none, and more than the limit are refused, declared or not."""
    with nothing_left_behind(running):
        answer = send_raw(running.base, f"POST /v1/{route} HTTP/1.1\nContent-Type: {kind}\n{length}", body)
        problem(answer, status, code)


def test_the_limit_itself_is_allowed(running: Stack) -> None:
    """A body of exactly the limit, and one more byte."""
    rows = b"a,b\n" + b"1,2\n" * ((LIMIT - 4) // 4)
    assert len(rows) == LIMIT
    url, headers = f"{running.base}/v1/datasets", {"Content-Type": "text/csv"}
    whole = requests.post(url, data=rows[:-4] + b"1,22", headers=headers, timeout=30)
    # The rows are more than this installation takes, so the whole body was read.
    problem(whole, 422, "too_many_rows")
    problem(requests.post(url, data=rows + b"1", headers=headers, timeout=30), 413, "body_too_large")


def test_a_connection_goes_on_after_a_refusal(base: str) -> None:
    """The rest of a refused body is not taken for the next request."""
    with requests.Session() as session:
        for _ in range(3):
            body = b'{"target": "y", "nonsense": 1}'
            refused = session.post(f"{base}/v1/jobs", data=body, headers={"Content-Type": "text/plain"}, timeout=5)
            problem(refused, 415)
            assert session.get(f"{base}/healthz", timeout=5).status_code == 200
