"""The sessions in the documents are real: each command is run against an installation and prints what stands there.

``THALWEG_GOLDEN=write`` writes what the commands print now into the documents; read what changed before you commit it.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from contract.store_keys import PRESENCE, SEQUENCE, WORKERS
from tests.support.processes import Stack, stack
from tests.support.transcripts import Command, commands, masked, rewritten, run, same

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
WRITE = os.environ.get("THALWEG_GOLDEN") == "write"
ID = re.compile(r"\b(?:job|ds|sweep)_[a-z2-7]{26}\b")


@pytest.fixture(scope="module")
def installation() -> Iterator[Stack]:
    with stack(workers=2) as running:
        yield running


@pytest.fixture
def fresh(installation: Stack) -> str:
    """An installation that knows of no job, as a reader has one."""
    client = installation.store.client
    kept = {WORKERS.encode(), PRESENCE.encode()}
    client.delete(*set(client.keys("thalweg:*")) - kept, SEQUENCE)
    return installation.base


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_sessions(fresh: str, document: Path) -> None:
    """Ids that earlier answers gave are carried into later commands, as a reader would do by hand."""
    ids: dict[str, str] = {}
    text, now, wrong = document.read_text(), [], []
    for line, expected in commands(text):
        current = _current(line, ids)
        found = run(current.replace("localhost:8080", fresh.removeprefix("http://")), ROOT, write=WRITE)
        now.append(Command(current, found))
        ids |= dict(zip(ID.findall(expected), ID.findall(found), strict=False))
        if not same(expected, found):
            wrong.append(f"{line}\n\nin the document:\n{masked(expected)}\n\nnow:\n{masked(found)}")
    if WRITE:
        document.write_text(rewritten(text, now))
    assert not wrong, "\n\n".join(wrong)


def _current(line: str, ids: dict[str, str]) -> str:
    return ID.sub(lambda found: ids.get(found[0], found[0]), line)


def test_a_changed_number_is_seen() -> None:
    """The comparison masks what differs from run to run and nothing else."""
    shown = '{"id": "job_rlzc472dxjielznad4wkhrxnta", "cost": 5.36483, "at": "2026-11-20T11:41:22.4Z"}'
    assert same(shown, shown.replace("job_rl", "job_aa").replace("11:41", "12:00"))
    assert same(shown, shown.replace("5.36483", "5.364830001"))
    assert not same(shown, shown.replace("5.36483", "5.3649"))
    assert not same(shown, shown.replace("cost", "costs"))
