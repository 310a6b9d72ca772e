"""Settings that are no good: rows 65 to 82 of the catalogue, as a field of a form, as a file in it, as the body."""

from tests.bad_input.cases import Case, check, settings_body, settings_field, settings_file, table, ways
from tests.support.processes import Stack


def everywhere(name: str, text: bytes, status: int, code: str) -> list[Case]:
    """The same text in every way; a field is text before it is JSON, so bytes that are none come as a file or body."""
    sends = {"file": settings_file(text), "body": settings_body(text)}
    return ways(name, {**sends, **({"field": settings_field(text)} if text.isascii() else {})}, status, code)


CASES = [
    *everywhere("65-open", b"{", 400, "invalid_json"),
]


@table(CASES)
def test_settings(running: Stack, case: Case) -> None:
    check(running, case)
