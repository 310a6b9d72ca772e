"""Where a checkpoint is kept: beside its job in Redis where it is small, and else in a file that Redis names.

A file's name has the job's id and the fence of the attempt that wrote it, so two workers never write the same one. A
job that goes on from another one's checkpoint has a name of its own for the same file (a hard link): neither minds when
the other goes.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from contract.errors import InputCorrupt
from contract.folders import older, place_of

SMALL: Final = 64 << 10
"""Bytes of a checkpoint that Redis holds itself; it has a history of up to 720 KB beside it."""
FILE: Final = b"file:"
PART: Final = ".part"
UNREADABLE: Final = "The file of this job's state cannot be read; post the job again."


def keep(folder: Path, job: str, fence: int, packed: bytes) -> bytes:
    """Keep a packed checkpoint; answers what Redis holds of it. Raises ``OSError`` where there is no room."""
    if len(packed) <= SMALL:
        return packed
    path = place_of(folder, name := f"{job}.{fence}")
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(name + PART)
    try:
        part.write_bytes(packed)
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)
    return FILE + name.encode()


def kept(folder: Path, held: bytes) -> bytes:
    """The packed checkpoint of which Redis holds this; raises ``InputCorrupt`` where its file is gone."""
    if not held.startswith(FILE):
        return held
    try:
        return place_of(folder, _name(held)).read_bytes()
    except OSError as error:
        raise InputCorrupt(UNREADABLE, "state_unreadable") from error


def share(folder: Path, held: bytes, job: str) -> bytes:
    """What Redis holds of the same checkpoint for another job, which has a name of its own for its file.

    Raises ``InputCorrupt`` where the file is gone.
    """
    if not held.startswith(FILE):
        return held
    own = place_of(folder, name := f"{job}.0")
    try:
        theirs = place_of(folder, _name(held))
        os.utime(theirs)  # the age of a file without a record tells whether its job may still come
        own.parent.mkdir(parents=True, exist_ok=True)
        own.hardlink_to(theirs)
    except FileNotFoundError as error:
        raise InputCorrupt(UNREADABLE, "state_unreadable") from error
    return FILE + name.encode()


def discard(folder: Path, held: bytes) -> None:
    """Delete the file, if there is one, of which Redis holds this."""
    if held.startswith(FILE):
        remove(folder, _name(held))


def remove(folder: Path, name: str) -> None:
    """Delete the file of this name."""
    place_of(folder, name).unlink(missing_ok=True)


def old_checkpoints(folder: Path, age: float) -> Iterator[tuple[str, str]]:
    """Job and name of the files that were written more than ``age`` seconds ago, half-written ones too."""
    return ((path.name.partition(".")[0], path.name) for path in older(folder, "*/*.*", age))


def _name(held: bytes) -> str:
    return held.removeprefix(FILE).decode()
