"""The README's sessions are real: each command is run against a real installation and prints what stands there."""

import re
from pathlib import Path

from tests.support.transcripts import commands, masked, run, same

ROOT = Path(__file__).resolve().parent.parent
ID = re.compile(r"\b(?:job|ds)_[a-z2-7]{26}\b")


def test_readme_sessions(base: str) -> None:
    """Ids that earlier answers gave are carried into later commands, as a reader would do by hand."""
    ids: dict[str, str] = {}
    for line, expected in commands((ROOT / "README.md").read_text()):
        found = run(_current(line, ids).replace("localhost:8080", base.removeprefix("http://")), ROOT)
        assert same(expected, found), f"{line}\n\nin the README:\n{masked(expected)}\n\nnow:\n{masked(found)}"
        ids |= dict(zip(ID.findall(expected), ID.findall(found), strict=True))


def _current(line: str, ids: dict[str, str]) -> str:
    return ID.sub(lambda found: ids.get(found[0], found[0]), line)


def test_a_changed_number_is_seen() -> None:
    """The comparison masks what differs from run to run and nothing else."""
    shown = '{"id": "job_rlzc472dxjielznad4wkhrxnta", "cost": 5.36483, "at": "2026-11-20T11:41:22.4Z"}'
    assert same(shown, shown.replace("job_rl", "job_aa").replace("11:41", "12:00"))
    assert same(shown, shown.replace("5.36483", "5.364830001"))
    assert not same(shown, shown.replace("5.36483", "5.3649"))
    assert not same(shown, shown.replace("cost", "costs"))
