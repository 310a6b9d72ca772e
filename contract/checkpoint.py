"""A checkpoint as it is kept until its job goes: a line of JSON, and behind it the numbers of its vectors.

Vectors are little-endian float64, each kept once, whoever shares it, and not at all where all its bits are zero.
"""

import json
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from contract.errors import InputCorrupt
from engine.arrays import FloatArray
from engine.checkpoint import Checkpoint
from engine.descent import Point
from engine.method import State
from engine.stopping import Tally

MAGIC: Final = b"thalweg checkpoint 1\n"
"""Raise the number with anything that makes a checkpoint another one to an engine that reads it."""
ZEROS: Final = 0
"""The number of the vector that is not kept; those that are have numbers from 1 on."""


def pack_checkpoint(found: Checkpoint) -> bytes:
    """The checkpoint as it is kept."""
    (theta, slots, iteration, position, completed, mean), tally = found
    vectors: list[FloatArray] = []
    head = {
        "size": theta.size,
        "state": [_place(vectors, theta), [_place(vectors, slot) for slot in slots], iteration, position],
        "means": [_place(vectors, completed), _place(vectors, mean)],
        "points": [_dumped(vectors, point) for point in (tally.latest, tally.best)],
        "tally": [None if isinstance(value, Point) else value for value in tally],
    }
    return b"".join([MAGIC, json.dumps(head).encode(), b"\n", *(vector.astype("<f8").tobytes() for vector in vectors)])


def unpack_checkpoint(packed: bytes) -> Checkpoint:
    """The checkpoint that was kept; raises ``InputCorrupt`` for what is none, or was kept by another version."""
    head, _, numbers = packed.removeprefix(MAGIC).partition(b"\n")
    if not is_known(packed):
        raise InputCorrupt("The state of this job was kept by another version; post the job again.", "state_unreadable")
    try:
        document = json.loads(head)
        vectors = np.frombuffer(numbers, "<f8").astype(np.float64).reshape(-1, document["size"])
        return _loaded(document, [np.zeros(document["size"]), *vectors])
    except (ValueError, TypeError, KeyError, IndexError) as error:
        detail = f"The state of this job is damaged; post the job again. ({error})"
        raise InputCorrupt(detail, "state_unreadable") from error


def is_known(packed: bytes) -> bool:
    """Whether the text begins as checkpoints do that this version reads."""
    return packed.startswith(MAGIC)


def _place(vectors: list[FloatArray], vector: FloatArray) -> int:
    """The number of the vector among those that are kept."""
    if not np.ascontiguousarray(vector).view(np.int64).any():
        return ZEROS
    known = next((number for number, other in enumerate(vectors, 1) if other is vector), None)
    if known is not None:
        return known
    vectors.append(vector)
    return len(vectors)


def _dumped(vectors: list[FloatArray], point: Point) -> list[Any]:
    """A point without its state."""
    return [point.iteration, _place(vectors, point.theta), *point[2:-1]]


def _loaded(document: Any, vectors: Sequence[FloatArray]) -> Checkpoint:
    theta, slots, iteration, position = document["state"]
    first, second, third = (vectors[slot] for slot in slots)
    completed, mean = (vectors[number] for number in document["means"])
    latest, best = (Point(made, vectors[number], *rest) for made, number, *rest in document["points"])
    tally = Tally(*document["tally"])
    tally = tally._replace(latest=latest, best=best, best_costs=tuple(tally.best_costs))
    return Checkpoint(State(vectors[theta], (first, second, third), iteration, position, completed, mean), tally)
