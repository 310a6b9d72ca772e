"""Every row of the catalogue of bad input is tried."""

import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.bad_input.catalogue import SECTIONS

NUMBER = re.compile(r"(?:\[|::test_)(\d+)[-_]")


@cache
def collected(section: str) -> list[str]:
    """The ids of a section's tests."""
    files = [str(path) for path in Path(__file__).parent.glob(f"test_{section}*.py")]
    words = (sys.executable, "-m", "pytest", "--collect-only", "-q", *files)
    root = Path(__file__).resolve().parent.parent.parent
    listed = subprocess.run(words, capture_output=True, text=True, check=True, cwd=root).stdout
    return [line for line in listed.splitlines() if "::" in line]


@pytest.mark.parametrize("section", SECTIONS)
def test_every_row_has_a_test(section: str) -> None:
    tried = {int(number) for test in collected(section) for number in NUMBER.findall(test)}
    assert tried == set(SECTIONS[section])


@pytest.mark.parametrize("section", SECTIONS)
def test_every_id_begins_with_the_number_of_a_row(section: str) -> None:
    assert [test for test in collected(section) if not NUMBER.search(test)] == []
