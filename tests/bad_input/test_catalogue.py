"""Every row of the catalogue of bad input is tried."""

import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.bad_input.catalogue import SECTIONS

# Rows without a test yet. A row that gets one leaves this table: it holds exactly what is missing.
MISSING: dict[str, set[int]] = {
    "http": {*range(2, 24), 28, 29, *range(31, 38)},
    "multipart": {*range(38, 45)},
    "csv": set(),
    "settings": set(),
}
NUMBER = re.compile(r"(?:\[|::test_)(\d+)[-_]")


@cache
def collected(section: str) -> list[str]:
    """The ids of a file's tests."""
    words = (sys.executable, "-m", "pytest", "--collect-only", "-q", f"tests/bad_input/test_{section}.py")
    root = Path(__file__).resolve().parent.parent.parent
    listed = subprocess.run(words, capture_output=True, text=True, check=True, cwd=root).stdout
    return [line for line in listed.splitlines() if "::" in line]


@pytest.mark.parametrize("section", SECTIONS)
def test_every_row_has_a_test(section: str) -> None:
    tried = {int(number) for test in collected(section) for number in NUMBER.findall(test)}
    assert set(SECTIONS[section]) - tried == MISSING[section]
    assert tried <= set(SECTIONS[section])


@pytest.mark.parametrize("section", SECTIONS)
def test_every_id_begins_with_the_number_of_a_row(section: str) -> None:
    assert [test for test in collected(section) if not NUMBER.search(test)] == []
