"""Compiled code from the disk, where it is kept under the name of what it was made from."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from hashlib import sha256
from pathlib import Path
from shutil import rmtree
from typing import Final

import numba
import numpy as np
from numba.core import config

from engine.batches import Batching
from engine.kernels.kernel import TakeSteps, bound, kernel_of
from engine.kernels.specialised import OPTIONS
from engine.kernels.steps import Place, Turn, take_steps
from engine.method import Kernel, Method
from engine.optimizers import FULL_BATCH_ONLY, OPTIMIZERS, Optimizer
from engine.problems import LinearProblem
from engine.recurrences import step_constants
from engine.rows import RowsCost
from engine.schedules import Constant

VERSIONS: Final = 5
"""Of the engine, whose code a folder keeps."""


def load_kernel(folder: Path) -> Kernel:
    """The kernel for every optimizer and loss, read from `folder` or compiled into it: nobody waits for it later.

    Compiling takes about a second for each optimizer, reading some milliseconds; processes that start together compile
    once. Raises OSError where the folder cannot be written.
    """
    place = folder / _digest()
    place.mkdir(parents=True, exist_ok=True)
    with _alone_in(folder):
        config.CACHE_DIR = str(place)  # type: ignore[attr-defined] # it comes from the environment
        compiled = numba.njit(cache=True, **OPTIONS)(take_steps)
        for optimizer in (kind() for kind in OPTIMIZERS.values() if kind not in FULL_BATCH_ONLY):
            _warm(compiled, optimizer)
        place.touch()
        _forget_old(folder)
    return partial(kernel_of, compiled)


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _forget_old(folder: Path) -> None:
    versions = sorted(filter(Path.is_dir, folder.iterdir()), key=lambda place: place.stat().st_mtime)
    for place in versions[:-VERSIONS]:
        rmtree(place, ignore_errors=True)


def _digest() -> str:
    """Of all that the code comes from: numba by itself notices changes of the outermost function's file only."""
    sources = sorted(Path(__file__).resolve().parent.parent.rglob("*.py"))
    texts = b"".join(path.read_bytes() for path in sources)
    return sha256(texts + numba.__version__.encode() + np.__version__.encode()).hexdigest()[:16]


def _warm(compiled: TakeSteps, optimizer: Optimizer) -> None:
    """One step, whose types are those of all steps."""
    data, rows = RowsCost(np.eye(2), np.ones(2), intercept=True), np.zeros(1, dtype=np.int64)
    take = bound(compiled, LinearProblem(data, data, None), Method(optimizer, Constant(0.1), Batching(1)))
    turn = Turn(rows, 1, np.full(1, 0.1), step_constants(optimizer, rows), 0)
    take(turn, Place(*np.zeros((5, data.dimension))))
