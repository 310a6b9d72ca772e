"""The locks fit ``pyproject.toml``: an edited requirement without ``make lock`` is found without a network."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ["requirements.lock", "requirements-dev.lock"]

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
RUNTIME = [Requirement(line) for line in PROJECT["project"]["dependencies"]]
DEV = [Requirement(line) for line in PROJECT["dependency-groups"]["dev"]]


def text_of(lock: str) -> str:
    return (ROOT / lock).read_text(encoding="utf-8")


def pins(text: str) -> dict[str, str]:
    """Name to version. Each package is locked once: two versions for two Pythons could mean two results for one job."""
    found = re.findall(r"^([\w.-]+)==([\w.!+-]+)", text, flags=re.MULTILINE)
    assert len(dict(found)) == len(found)
    return dict(found)


def unmet(requirements: list[Requirement], locked: dict[str, str]) -> list[str]:
    """The requirements that the locked versions do not meet, or whose package is not locked at all."""
    versions = [(wanted, locked.get(canonicalize_name(wanted.name))) for wanted in requirements]
    return [str(wanted) for wanted, version in versions if not (version and wanted.specifier.contains(version))]


@pytest.mark.parametrize(
    ("lock", "requirements"), [(LOCKS[0], RUNTIME), (LOCKS[1], RUNTIME + DEV)], ids=["runtime", "development"]
)
def test_lock_satisfies_the_project(lock: str, requirements: list[Requirement]) -> None:
    assert unmet(requirements, pins(text_of(lock))) == [], "run `make lock`"


def test_both_locks_hold_the_same_versions() -> None:
    runtime, development = (pins(text_of(lock)) for lock in LOCKS)
    assert runtime.items() <= development.items()


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_holds_hashes_and_no_address(lock: str) -> None:
    text = text_of(lock)
    assert "://" not in text
    entries = re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE)[1:]
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_an_unmet_requirement_is_found() -> None:
    wanted = [Requirement("numpy>=2.4,<3"), Requirement("flask>=99"), Requirement("absent")]
    assert unmet(wanted, {"numpy": "2.4.6", "flask": "3.1.3"}) == ["flask>=99", "absent"]
