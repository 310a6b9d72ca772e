"""A job's history as its record holds it: packed rows, and how many there were, at which stride, of which columns."""

from typing import NamedTuple

import numpy as np
import orjson

from contract.job import JobRecord
from engine.arrays import FloatArray
from engine.history import COLUMNS


class Recorded(NamedTuple):
    """Entries that there were, the stride at which they are kept, the names of the parameters, and the rows kept.

    start: the number of the start whose path it is, of a function; None for other jobs, and before the first entry.
    rows: (n, columns), COLUMNS first and then the parameters; NaN where there is no number.
    """

    total: int
    stride: int
    parameters: tuple[str, ...]
    start: int | None
    rows: FloatArray


def recorded(job: JobRecord, packed: bytes) -> Recorded:
    """The history of a job from its packed rows."""
    counts = {"total": 0, "stride": 1, "parameters": (), "start": None} | orjson.loads(job.history or b"{}")
    names = tuple(counts["parameters"])
    rows = np.frombuffer(packed, "<f8").reshape(-1, len(COLUMNS) + len(names))
    return Recorded(counts["total"], counts["stride"], names, counts["start"], rows)
