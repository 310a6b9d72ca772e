"""States of runs as they are kept: what comes back is what was there, to the last bit, or a clear refusal."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from contract.checkpoint import MAGIC, pack_checkpoint, unpack_checkpoint
from contract.checkpoint_file import FILE, SMALL, discard, keep, kept, old_checkpoints, share
from contract.errors import InputCorrupt
from engine.checkpoint import Checkpoint
from engine.descent import Point
from engine.method import State
from engine.stopping import Tally

JOB, CHILD = "job_" + "a" * 26, "job_" + "b" * 26


def a_state(size: int = 5) -> Checkpoint:
    """With a vector that is shared, zeros of both signs, numbers that JSON lacks, and some that are not known."""
    theta, mean, moment = np.random.default_rng(0).normal(size=(3, size))
    moment[:2] = [5e-324, -0.0]
    empty, minus = np.zeros(size), np.full(size, -0.0)
    latest = Point(12, mean, 1 / 3, 0.1, float("inf"), None, 5e-324)
    best = Point(9, theta, float(np.float64(0.1) + 0.2), None, None, 0.25, float("nan"), 1.0, 0.5)
    tally = Tally(2.5, 12, latest, best, 3, (0.5, 0.4), False, 2, 0, None)
    return Checkpoint(State(theta, (moment, minus, empty), 13, 7, mean, mean), tally)


def bits(value: Any) -> Any:
    """The same tree with arrays and floats as what tells all of them apart."""
    if isinstance(value, tuple):
        return tuple(bits(part) for part in value)
    return value.tobytes() if isinstance(value, np.ndarray) else repr(value)


def test_what_is_kept_comes_back() -> None:
    assert bits(unpack_checkpoint(pack_checkpoint(a_state()))) == bits(a_state())


def test_vectors_are_kept_once() -> None:
    """Three of seven are told apart here, beside the one of zeros with a sign: the others are zero, or shared."""
    numbers = pack_checkpoint(a_state(10_000)).partition(b"\n")[2].partition(b"\n")[2]
    assert len(numbers) == 4 * 8 * 10_000


DAMAGED = {
    "nothing": b"",
    "another version": MAGIC.replace(b"1", b"999") + b"{}\n",
    "no head": MAGIC,
    "another head": MAGIC + b"[]\n",
    "a short end": pack_checkpoint(a_state())[:-1],
    "a vector less": pack_checkpoint(a_state())[:-40],
    "numbers alone": pack_checkpoint(a_state())[-80:],
}


@pytest.mark.parametrize("packed", DAMAGED.values(), ids=DAMAGED)
def test_what_is_damaged_is_refused(packed: bytes) -> None:
    with pytest.raises(InputCorrupt, match="post the job again") as caught:
        unpack_checkpoint(packed)
    assert caught.value.code == "state_unreadable"


def test_small_states_need_no_file(tmp_path: Path) -> None:
    assert keep(tmp_path, JOB, 1, b"small") == kept(tmp_path, b"small") == share(tmp_path, b"small", CHILD) == b"small"
    discard(tmp_path, b"small")
    assert list(tmp_path.iterdir()) == []


def test_large_states_are_files_with_a_name_for_each_job(tmp_path: Path) -> None:
    """Whichever of two jobs goes first, the other has its state; a name tells the attempt that wrote it."""
    packed = bytes(SMALL + 1)
    held, other = keep(tmp_path, JOB, 1, packed), keep(tmp_path, JOB, 2, packed)
    child = share(tmp_path, held, CHILD)
    assert len({held, other, child}) == 3
    assert all(name.startswith(FILE) and len(name) < 100 for name in (held, other, child))
    discard(tmp_path, held)
    assert kept(tmp_path, child) == kept(tmp_path, other) == packed
    for gone in (lambda: kept(tmp_path, held), lambda: share(tmp_path, held, CHILD)):
        with pytest.raises(InputCorrupt, match="post the job again"):
            gone()


def test_a_state_that_finds_no_room_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(OSError, match="No space"):
        keep(tmp_path, JOB, 1, bytes(SMALL + 1))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_old_files_are_found_by_their_jobs(tmp_path: Path) -> None:
    held = keep(tmp_path, JOB, 3, bytes(SMALL + 1))
    assert list(old_checkpoints(tmp_path, 60)) == []
    assert list(old_checkpoints(tmp_path, -1)) == [(JOB, held.removeprefix(FILE).decode())]
