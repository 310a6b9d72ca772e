"""Requests that are no good HTTP, or no good to this API: rows 1 to 37 of the catalogue."""

from tests.bad_input.cases import Case, check, raw, table
from tests.support.processes import Stack

CASES = [
    Case("1-negative-length", raw("POST /v1/datasets HTTP/1.1\nContent-Length: -5"), 400),
]


@table(CASES)
def test_http(running: Stack, case: Case) -> None:
    check(running, case)
