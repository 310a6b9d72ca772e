"""What a job's pictures are drawn from, and which of them it has."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray

from contract.errors import Conflict, NotYet
from contract.job import JobRecord
from engine.history import COLUMNS

NOTHING = ("nothing_to_draw", "Nothing to draw")


class Scene(NamedTuple):
    """A job and its history rows (n, columns) as of one moment."""

    job: JobRecord
    settings: Mapping[str, Any]
    rows: NDArray[np.float64]

    def column(self, name: str) -> NDArray[np.float64]:
        """A column (n,) of the history; NaN where it has no number."""
        return self.rows[:, COLUMNS.index(name)]

    def has(self, name: str) -> bool:
        """Whether a column of the history holds any number."""
        return bool(np.isfinite(self.column(name)).any())


KINDS: Mapping[str, Callable[[Scene], bool]] = {
    "cost": lambda _: True,
    "learning_rate": lambda scene: scene.has("learning_rate"),
    "accuracy": lambda scene: scene.has("accuracy"),
}
"""The kinds of pictures, and whether a job that has begun has them."""


def scene_of(job: JobRecord, packed: bytes) -> Scene:
    """The scene of a job with its packed history."""
    return Scene(job, orjson.loads(job.settings), np.frombuffer(packed, "<f8").reshape(-1, len(COLUMNS)))


def check_kind(scene: Scene, kind: str) -> None:
    """Raise ``Conflict`` with the kinds that the job has, where it does not have this one, or not yet."""
    refusal = Conflict if scene.job.is_terminal else NotYet
    if not len(scene.rows):
        raise refusal(f"The job is {scene.job.state} and has no history to draw.", *NOTHING)
    if not KINDS[kind](scene):
        kinds = ", ".join(name for name, has in KINDS.items() if has(scene))
        raise refusal(f"This job has no picture of kind {kind!r}; it has: {kinds}.", *NOTHING)


def title_of(scene: Scene) -> str:
    """The job's name, or its model and target."""
    settings = scene.settings
    return settings["name"] or f"{settings['model']['name']} model of {settings['target']}"


def note_of(scene: Scene) -> str:
    """Where the job stands."""
    job, progress = scene.job, orjson.loads(scene.job.progress or b"{}")
    state = f"{job.state} ({job.stop_reason})" if job.stop_reason else job.state
    cost = progress.get("cost")
    parts = [state.replace("_", " "), _counted(progress.get("iteration", 0))]
    return ", ".join(parts + ([f"cost {cost:.6g}"] if cost is not None else []))


def _counted(iterations: int) -> str:
    return f"{iterations:,} iteration{'' if iterations == 1 else 's'}"
