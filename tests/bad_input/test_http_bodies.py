"""Bodies that are too long, too short, packed, or of another kind: rows 5, 6 and 13 to 20 of the catalogue."""

import gzip
from collections.abc import Iterator
from itertools import product

import psutil
import pytest
import requests

from tests.bad_input.cases import CSV, JSON, Case, Send, check, dataset, form, raw, settings_body, table
from tests.support.problems import chunked, nothing_left_behind, problem
from tests.support.processes import Stack

LIMIT = 20_000_000  # the body limit of the installation that the tests share
BOMB = gzip.compress(b"\0" * 3 * LIMIT)
FORM = b'--B\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\na,b\n1,2\n'
# What comes in as the whole body, and how it begins.
KINDS = {
    "raw": ("datasets", "text/csv", b"a,b\n1,2\n"),
    "form": ("datasets", "multipart/form-data; boundary=B", FORM),
    "job": ("jobs", "multipart/form-data; boundary=B", FORM),
    "json": ("jobs", "application/json", b'{"target": "y"}'),
}


def framed() -> Iterator[Case]:
    """Each kind of body, framed in each wrong way."""
    for way, (route, kind, start) in KINDS.items():
        head = f"POST /v1/{route} HTTP/1.1\nContent-Type: {kind}\n"
        in_chunks = f"{head}Transfer-Encoding: chunked"
        for name, end in {"no-number": b"zz\r\n", "half-a-chunk": b"5\r\nabc", "no-last-chunk": b""}.items():
            yield Case(f"6-{name}-{way}", raw(in_chunks, chunked(start, end=end)), 400, "body_truncated")
        yield Case(f"13-{way}", raw(f"{head}Content-Length: {LIMIT + 1}", start), 413, "body_too_large")
        yield Case(f"14-{way}", too_much(in_chunks, start), 413, "body_too_large")
        yield Case(f"16-{way}", raw(f"{head}Content-Length: 5000", start), 400, "body_truncated")


def too_much(head: str, start: bytes) -> Send:
    """More than the limit in chunks, made when it is sent."""
    return lambda base: raw(head, chunked(start, *[b"1,2\n" * 250_000] * 21))(base)


def packed(name: str, body: bytes, coding: str, status: int, code: str) -> Iterator[Case]:
    """A body with a Content-Encoding, as a CSV and as settings."""
    headers = {"Content-Encoding": coding}
    yield Case(f"{name}-raw", dataset(body, headers), status, code)
    yield Case(f"{name}-json", settings_body(body, headers), status, code)


PACKED = gzip.compress(CSV.encode())
SETTINGS = gzip.compress(b'{"target": 1}')
OTHERS = {
    "html": b"<!DOCTYPE html>\n<html><body>Log in</body></html>",
    "json": b'{"rooms": 1, "price": 2}\n',
    "json-list": b'[ {"rooms": 1, "price": 2} ]',
    "zip": b"PK\x03\x04",
    "xls": b"\xd0\xcf\x11\xe0",
    "pdf": b"%PDF-1.7\n",
    "gzip-in-gzip": gzip.compress(PACKED),
}
CHUNKED = "POST /v1/datasets HTTP/1.1\nContent-Type: text/csv\nTransfer-Encoding:"
CASES = [
    Case("5-gzip", raw(f"{CHUNKED} gzip, chunked", chunked(PACKED)), 415, "unsupported_encoding"),
    Case("5-gzip-in-gzip", raw(f"{CHUNKED} gzip, gzip, chunked", chunked(PACKED)), 415, "unsupported_encoding"),
    *framed(),
    Case("17-gzip", dataset(PACKED, {"Content-Encoding": "gzip"}), 201),
    Case("17-gzip-of-a-file", dataset(PACKED), 201),
    Case("17-gzip-form", form(("file", ("data.csv.gz", PACKED))), 201),
    Case("17-gzip-settings", settings_body(SETTINGS, {"Content-Encoding": "GZIP"}), 422, "wrong_type"),
    Case("17-x-gzip", dataset(PACKED, {"Content-Encoding": "x-gzip"}), 201),
    Case("17-identity", dataset(CSV, {"Content-Encoding": "identity"}), 201),
    *(
        case
        for coding in ("br", "zstd", "deflate", "gzip, gzip", "gzip, identity", "x" * 2000)
        for case in packed(f"17-{coding[:20]}", PACKED, coding, 415, "unsupported_encoding")
    ),
    *packed("17-no-gzip", CSV.encode(), "gzip", 400, "broken_gzip"),
    *packed("17-nothing", b"", "gzip", 400, "broken_gzip"),
    *packed("17-cut", PACKED[:-4], "gzip", 400, "broken_gzip"),
    *packed("17-damaged", PACKED[:-8] + b"\0" * 8, "gzip", 400, "broken_gzip"),
    Case("17-cut-file", form(("file", ("data.csv.gz", PACKED[:-4]))), 400, "broken_gzip"),
    *packed("18-bomb", BOMB, "gzip", 413, "body_too_large"),
    Case("18-bomb-file", form(("file", ("data.csv.gz", BOMB))), 413, "body_too_large"),
    Case("18-bomb-in-gzip", dataset(gzip.compress(BOMB), {"Content-Encoding": "gzip"}), 413, "body_too_large"),
    Case("18-bomb-of-members", dataset(gzip.compress(b"") * 100_000), 422, "empty_dataset"),
    *(
        Case(f"19-{name}-{way}", send, 415, "not_csv")
        for name, start in OTHERS.items()
        for way, send in {"raw": dataset(start), "form": form(("file", ("a.csv", start + b"\0" * 100)))}.items()
        if name != "gzip-in-gzip" or way == "raw"
    ),
]


@table(CASES)
def test_body(running: Stack, case: Case) -> None:
    check(running, case)


@pytest.mark.parametrize("way", ["header", "file"], ids=["17-header", "17-file"])
def test_a_packed_csv_is_summed_up_as_what_is_in_it(base: str, way: str) -> None:
    """Bytes and digest are those of the CSV."""
    headers = {"Content-Type": "text/csv"} | ({"Content-Encoding": "gzip"} if way == "header" else {})
    plain, packed = (
        requests.post(f"{base}/v1/datasets", data=body, headers=more, timeout=30).json()
        for body, more in ((CSV.encode(), {"Content-Type": "text/csv"}), (PACKED, headers))
    )
    assert (packed["bytes"], packed["sha256"]) == (len(CSV), plain["sha256"])


def test_17_the_codings_that_are_read_are_named(base: str) -> None:
    answer = dataset(PACKED, {"Content-Encoding": "br"})(base)
    assert answer.headers["Accept-Encoding"] == "gzip"


def test_18_a_bomb_takes_no_memory(running: Stack) -> None:
    """The API grows by less than the limit of a body, in whichever way it comes."""
    assert running.api is not None
    processes = psutil.Process(running.api.pid).children()
    before = [process.memory_info().rss for process in processes]
    for send in (dataset(BOMB), dataset(BOMB, {"Content-Encoding": "gzip"}), form(("file", ("a.csv", BOMB)))):
        problem(send(running.base), 413, "body_too_large")
    grown = [process.memory_info().rss - rss for process, rss in zip(processes, before, strict=True)]
    assert max(grown) < LIMIT


def test_15_the_limit_itself_is_allowed(running: Stack) -> None:
    """A body of exactly the limit, and one more byte."""
    rows = b"a,b\n" + b"1,2\n" * ((LIMIT - 4) // 4)
    assert len(rows) == LIMIT
    # The rows are more than this installation takes, so the whole body was read.
    problem(dataset(rows[:-4] + b"1,22")(running.base), 422, "too_many_rows")
    problem(dataset(rows + b"1")(running.base), 413, "body_too_large")


TYPES = ["application/x-www-form-urlencoded", "text/plain", "text", ""]


@pytest.mark.parametrize(
    ("route", "kind"),
    [
        pytest.param(route, kind, id=f"20-{route}-{kind or 'none'}")
        for route, kind in [*product(("jobs", "datasets"), TYPES), ("jobs", "text/csv"), ("datasets", JSON)]
    ],
)
def test_another_type_is_shown_the_curl_option(running: Stack, route: str, kind: str) -> None:
    headers = {"Content-Type": kind} if kind else {}
    with nothing_left_behind(running):
        answer = requests.post(f"{running.base}/v1/{route}", data=CSV.encode(), headers=headers, timeout=5)
        detail = problem(answer, 415, "unsupported_media_type")["detail"]
    assert "curl -F file=@data.csv" in detail
    assert route == "jobs" or "--data-binary @data.csv -H 'Content-Type: text/csv'" in detail
