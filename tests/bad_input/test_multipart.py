"""Forms that are no good: rows 38 to 45 of the catalogue."""

from tests.bad_input.cases import Case, check, dataset, form, table, ways
from tests.support.processes import Stack


def both(name: str, csv: bytes, status: int, code: str) -> list[Case]:
    return ways(name, {"raw": dataset(csv), "form": form(("file", ("data.csv", csv)))}, status, code)


CASES = [
    *both("45-no-bytes", b"", 422, "empty_dataset"),
    *both("45-byte-order-mark", b"\xef\xbb\xbf", 422, "empty_dataset"),
    *both("45-newline", b"\n", 422, "empty_dataset"),
    *both("45-header", b"a,b\n", 422, "empty_dataset"),
    *both("45-header-and-a-row", b"a,b\n1,2\n", 201, ""),
]


@table(CASES)
def test_multipart(running: Stack, case: Case) -> None:
    check(running, case)
