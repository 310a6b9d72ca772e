"""Every row of the catalogue of bad input is tried."""

import re
import subprocess
import sys
from pathlib import Path

from tests.bad_input.catalogue import SECTIONS

NUMBER = re.compile(r"(?:\[|::test_)(\d+)[-_]")


def collected() -> list[str]:
    """The ids of all sections' tests."""
    files = [str(path) for section in SECTIONS for path in Path(__file__).parent.glob(f"test_{section}*.py")]
    words = (sys.executable, "-m", "pytest", "--collect-only", "-q", *files)
    root = Path(__file__).resolve().parent.parent.parent
    listed = subprocess.run(words, capture_output=True, text=True, check=True, cwd=root).stdout
    return [line for line in listed.splitlines() if "::" in line]


def test_every_row_has_a_test_and_every_test_a_row() -> None:
    """A test's id begins with the number of a row of its section."""
    tests = collected()
    assert [test for test in tests if not NUMBER.search(test)] == []
    tried = {
        section: {int(number) for test in tests if f"/test_{section}" in test for number in NUMBER.findall(test)}
        for section in SECTIONS
    }
    assert tried == {section: set(rows) for section, rows in SECTIONS.items()}
