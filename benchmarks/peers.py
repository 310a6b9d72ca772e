"""Other libraries beside ours: a function of a script in ``benchmarks/peer_scripts``, run by an interpreter of theirs.

That interpreter is ``.peers/bin/python``, which ``make peers`` builds, or the one that PEERS_PYTHON names. A script
imports its library and NumPy, nothing of ours, and times itself; so neither side's imports, threads or memory are the
other's. A library that is not there is no failure: the row says that it is not installed.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.table import Row, at_least

HERE = Path(__file__).resolve().parent
PLACE = HERE.parent / ".peers" / "bin" / "python"
SCRIPT = HERE / "peer_scripts" / "run.py"
NOT_INSTALLED = 3
"""The exit status of a script whose library is missing."""


class Told(NamedTuple):
    """A peer's name with its version, and what its function answered: its seconds, and what else there is."""

    name: str
    seconds: float
    more: dict[str, Any]


def ask(script: str, function: str, **arguments: Any) -> Told | None:
    """Call a function of a peer's script with JSON arguments; None where its library is not installed."""
    python = _interpreter(script)
    return None if python is None else _told(python, script, function, arguments, dict(os.environ))


def ours(function: str, **arguments: Any) -> Told:
    """Call a function of ``benchmarks/engine_runs.py`` in the same way, with as many threads as a worker has."""
    environ = {**os.environ, "PYTHONPATH": str(HERE.parent), "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    told = _told(sys.executable, "benchmarks.engine_runs", function, arguments, environ)
    assert told is not None, "one of our own libraries is not installed"
    return told


def _told(
    python: str, script: str, function: str, arguments: dict[str, Any], environ: Mapping[str, str]
) -> Told | None:
    command = [python, SCRIPT, script, function, json.dumps(arguments)]
    ended = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False, env=environ)
    if ended.returncode == NOT_INSTALLED:
        return None
    ended.check_returncode()
    found = json.loads(ended.stdout.splitlines()[-1])
    return Told(found.pop("name"), found.pop("seconds"), found)


def _interpreter(script: str) -> str | None:
    """The peers', or ours for what needs NumPy only."""
    if script == "textbook":
        return sys.executable
    named = os.environ.get("PEERS_PYTHON", str(PLACE))
    return named if Path(named).exists() else None


@contextmanager
def handed_over(**arrays: NDArray[Any]) -> Iterator[str]:
    """A folder with each array as NAME.npy, for the argument ``folder`` of a script's function."""
    with TemporaryDirectory(prefix="thalweg-peer-") as folder:
        for name, values in arrays.items():
            np.save(Path(folder, f"{name}.npy"), values)
        yield folder


def beside(work: str, ours: float, peer: str, told: Told | None, goal: float | None = None) -> Row:
    """Our seconds beside the peer's; the ratio says how many times as fast we are, the goal how many it should be."""
    mine = seconds(ours)
    if told is None:
        return Row(work, mine, f"{peer} is not installed", "", "" if goal is None else f"≥ {goal:g} x")
    theirs, ratio = f"{told.name}: {seconds(told.seconds)}", told.seconds / ours
    if goal is None:
        return Row(work, mine, theirs, f"{ratio:.3g}x as fast")
    held = at_least("", ratio, goal, "x")
    return Row(work, mine, theirs, f"{ratio:.3g}x as fast", held.goal, held.verdict)


def also(row: Row, ours: float, told: Told) -> Row:
    """A row that has a goal of its own, with a peer's time for the same beside it."""
    compared = beside("", ours, told.name, told)
    return row._replace(peer=compared.peer, ratio=compared.ratio)


def seconds(value: float) -> str:
    """A time with three digits, in seconds or milliseconds."""
    return f"{value:.3g} s" if value >= 1.0 else f"{1000 * value:.3g} ms"
