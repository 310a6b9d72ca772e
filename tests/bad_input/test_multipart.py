"""Forms that are no good: rows 38 to 45 of the catalogue."""

from typing import Any

import pytest
import requests

from tests.bad_input.cases import CSV, Case, check, dataset, form, job, raw, table, ways
from tests.support.problems import left_behind, nothing_left_behind, problem
from tests.support.processes import Stack

FILE = ("file", ("a.csv", CSV))
START = b'--B\r\nContent-Disposition: form-data; name="file"; filename="%b"\r\n\r\n%b'
BODY = START % (b"a.csv", b"a,b\n1,2\n") + b"\r\n--B--\r\n"


def body(kind: str, content: bytes, route: str = "datasets") -> Any:
    """A form byte by byte, with this Content-Type."""
    return raw(f"POST /v1/{route} HTTP/1.1\nContent-Type: {kind}\nContent-Length: {len(content)}", content)


def both(name: str, csv: bytes, status: int, code: str) -> list[Case]:
    return ways(name, {"raw": dataset(csv), "form": form(("file", ("data.csv", csv)))}, status, code)


def everywhere(name: str, content: bytes) -> list[Case]:
    """A body that is not the form that it says, for both routes that take forms."""
    kind = "multipart/form-data; boundary=B"
    sends = {route: body(kind, content, route) for route in ("datasets", "jobs")}
    return ways(name, sends, 400, "malformed_multipart")


BROKEN = {
    "no-end": BODY[:-10],
    "half-an-end": BODY[:-5],
    "half-a-header": BODY[:40],
    "nothing": b"",
    "text": b"a,b\n1,2\n",
    "text-before": b"a,b\n" + BODY,
    "no-disposition": b"--B\r\nContent-Type: text/csv\r\n\r\na,b\n1,2\n\r\n--B--\r\n",
    "name-not-utf-8": START % (b"a\xe9.csv", b"a,b\n1,2\n\r\n--B--\r\n"),
    "header-without-colon": b"--B\r\nContent-Disposition\r\n\r\na\r\n--B--\r\n",
}
# CVE-2023-46136: a part of line ends, after each of which the boundary might begin.
LINE_ENDS = {
    "lf": (b"\n" * 10_000_000, "ragged_row"),
    "cr": (b"\r" * 10_000_000, "line_too_long"),
    "crlf": (b"\r\n" * 5_000_000, "ragged_row"),
    "boundaries": (b"\r\n--" * 2_500_000, "ragged_row"),
}
CASES = [
    *(
        Case(f"38-{name}", body(f"multipart/form-data{boundary}", BODY), 400, "malformed_multipart")
        for name, boundary in {
            "no-boundary": "",
            "empty-boundary": "; boundary=",
            "another-boundary": "; boundary=other",
            "long-boundary": f"; boundary={'B' * 5000}",
            "odd-boundary": '; boundary="B\u00e9"',
        }.items()
    ),
    *(case for name, content in BROKEN.items() for case in everywhere(f"38-{name}", content)),
    Case("39-no-file", form(("name", (None, "x"))), 422, "missing_file"),
    Case("39-no-file-job", form(("settings", (None, '{"target": "y"}')), route="/v1/jobs"), 422, "missing_file"),
    Case("39-file-as-field", form(("file", (None, CSV))), 422, "missing_file"),
    Case("39-two-files", form(FILE, FILE), 400, "duplicate_part"),
    Case("39-two-options", form(FILE, ("name", (None, "a")), ("name", (None, "b"))), 400, "duplicate_part"),
    Case("39-two-settings", form(FILE, *[("settings", (None, "{}"))] * 2, route="/v1/jobs"), 400, "duplicate_part"),
    Case("39-unknown-part", form(FILE, ("colour", (None, "red"))), 400, "unknown_part"),
    Case("39-unknown-file", form(FILE, ("other", ("b.csv", CSV))), 400, "unknown_part"),
    Case("39-no-settings-here", form(FILE, ("settings", (None, "{}"))), 400, "unknown_part"),
    Case("39-no-name", form(FILE, ("", (None, "red"))), 400, "unknown_part"),
    Case("39-long-name", form(FILE, ("x" * 5000, (None, "red"))), 400, "unknown_part"),
    Case("40-parts", form(*((f"p{k}", (None, "x")) for k in range(1500))), 413, "body_too_large"),
    Case("40-files", form(*[FILE] * 1500), 413, "body_too_large"),
    Case("40-header", body("multipart/form-data; boundary=B", START % (b"x" * 20_000, b"")), 413, "body_too_large"),
    Case("41-field", form(FILE, ("name", (None, "x" * 600_000))), 413, "body_too_large"),
    Case("41-settings", job(CSV, '{"target": "' + "y" * 600_000 + '"}'), 413, "body_too_large"),
    # No route takes it, so it is refused for its type, unread.
    Case("41-urlencoded", body("application/x-www-form-urlencoded", b"1" * 10**6), 415, "unsupported_media_type"),
    *(
        Case(f"42-{name}", form(("file", ("a.csv", b"a,b\n1,2\n" + content))), 422, code)
        for name, (content, code) in LINE_ENDS.items()
    ),
    Case("44-no-json", job(CSV, "target=price"), 400, "invalid_json"),
    Case("44-nothing", job(CSV, ""), 400, "invalid_json"),
    Case("44-list", job(CSV, "[]"), 422, "expected_object"),
    Case("44-not-utf-8", job(CSV, b'{"target": "pri\xffce"}'), 400, "invalid_json"),
    *both("45-no-bytes", b"", 422, "empty_dataset"),
    *both("45-byte-order-mark", b"\xef\xbb\xbf", 422, "empty_dataset"),
    *both("45-newline", b"\n", 422, "empty_dataset"),
    *both("45-header", b"a,b\n", 422, "empty_dataset"),
    *both("45-header-and-a-row", b"a,b\n1,2\n", 201, ""),
]


@table(CASES)
def test_form(running: Stack, case: Case) -> None:
    check(running, case)


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param([("file", ("a.csv", CSV))], id="44-absent"),
        pytest.param([("file", ("a.csv", CSV)), ("settings", (None, "{}"))], id="44-empty-object"),
    ],
)
def test_missing_settings_name_the_columns(running: Stack, parts: list[Any]) -> None:
    with nothing_left_behind(running):
        document = problem(requests.post(f"{running.base}/v1/jobs", files=parts, timeout=5), 422, "missing_field")
    assert "one of rooms, river, price" in document["detail"]
    assert document["errors"][0]["pointer"] == "/target"


NAMES: dict[str, tuple[bytes, str | None]] = {
    "plain": (b"housing.csv", "housing.csv"),
    "path": (b"../../etc/passwd", "passwd"),
    "absolute": (b"/etc/passwd", "passwd"),
    "drive": (rb"C:\\temp\\x.csv", "x.csv"),
    "folder": (b"data/", None),
    "dots": (b"..", ".."),
    "control": (b"a\x07b\x1b[31m.csv", "ab[31m.csv"),
    "right-to-left": ("a\u202eb.csv".encode(), "ab.csv"),
    "nul": (b"a\0b.csv", "ab.csv"),
    "long": (b"x" * 5000, "x" * 255),
    "emoji": ("🏠.csv".encode(), "🏠.csv"),
    "device": (b"CON", "CON"),
    "formula": (b"=cmd()", "=cmd()"),
    "empty": (b"", None),
}


@pytest.mark.parametrize(("given", "shown"), NAMES.values(), ids=[f"43-{name}" for name in NAMES])
def test_a_file_name_is_a_label_and_never_a_path(running: Stack, given: bytes, shown: str | None) -> None:
    """It is cleaned for showing, and the file on disk has the dataset's id."""
    _, before = left_behind(running)
    content = START % (given, CSV.encode()) + b"\r\n--B--\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=B"}
    answer = requests.post(f"{running.base}/v1/datasets", data=content, headers=headers, timeout=5)
    assert answer.status_code == 201, answer.text
    assert answer.json()["name"] == shown
    assert left_behind(running)[1] - before == {f"{answer.json()['id']}.arrow"}
