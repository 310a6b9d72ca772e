"""What a job's pictures are drawn from, and which of them it has."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
import orjson

from contract.errors import Conflict, NotYet
from contract.job import JobRecord
from contract.predictor import KINDS as PREDICTED
from contract.recorded import recorded
from engine.arrays import FloatArray
from engine.history import COLUMNS

Format = Literal["svg", "png"]

NOTHING = ("nothing_to_draw", "Nothing to draw")
RANGED = ("path", "gradient")
"""Kinds whose axes may be given."""

FARTHEST = 1e100
"""What is farther from zero is not drawn along a function."""


class FittedRows(NamedTuple):
    """A sample (n,) of the rows that have target and prediction, of ``total`` rows.

    Where the model has one feature, a column of numbers, its cells x and the prediction along (k,) it. For classes
    targets are places in ``classes``, and the predictions along the feature are probabilities (k, classes).
    """

    total: int
    target: FloatArray
    predicted: FloatArray
    feature: str | None = None
    x: FloatArray | None = None
    along: FloatArray | None = None
    line: FloatArray | None = None
    classes: Sequence[str] = ()


class Scene(NamedTuple):
    """A job, the names of the parameters in its history, and its history's rows (n, columns), as of one moment.

    ``ends`` are those that were asked for of the axes, ``fitted`` the rows that are drawn beside a fit.
    """

    job: JobRecord
    settings: Mapping[str, Any]
    parameters: Sequence[str]
    rows: FloatArray
    ends: tuple[float, float] | None = None
    fitted: FittedRows | None = None

    def column(self, name: str) -> FloatArray:
        """A column (n,) of the history; NaN where it has no number."""
        return self.rows[:, COLUMNS.index(name)]

    @property
    def path(self) -> FloatArray:
        """The parameters (n, d) along the history."""
        return self.rows[:, len(COLUMNS) :]

    def has(self, name: str) -> bool:
        """Whether a column of the history holds any number."""
        return bool(np.isfinite(self.column(name)).any())


def _predicts(scene: Scene) -> bool:
    """Whether there is a model that predicts rows."""
    model = scene.settings.get("model", {}).get("name")
    return model in PREDICTED and bool(scene.job.result) and scene.job.state != "failed"


KINDS: Mapping[str, Callable[[Scene], bool]] = {
    "cost": lambda _: True,
    "learning_rate": lambda scene: scene.has("learning_rate"),
    "accuracy": lambda scene: scene.has("accuracy"),
    "parameters": lambda scene: bool(scene.parameters),
    "fit": _predicts,
    "path": lambda scene: "function" in scene.settings and len(scene.parameters) in (1, 2),
    "gradient": lambda scene: "function" in scene.settings and len(scene.parameters) == 1,
}
"""The kinds of pictures, and whether a job that has begun has them."""
SWEPT = {name: KINDS[name] for name in ("cost", "learning_rate", "accuracy", "parameters")}
"""Those of a sweep: what has a curve over the iterations."""
LABELS = {
    "cost": "cost",
    "learning_rate": "learning rate of the iteration's last step",
    "accuracy": "share of rows predicted rightly",
}
"""What the columns of the history are, in words."""


def scene_of(job: JobRecord, packed: bytes, ends: tuple[float, float] | None = None) -> Scene:
    """The scene of a job with its packed history."""
    history = recorded(job, packed)
    return Scene(job, orjson.loads(job.settings), history.parameters, history.rows, ends)


def check_kind(scene: Scene, kind: str) -> None:
    """Raise ``Conflict`` with the kinds that the job has, where it does not have this one, or not yet."""
    refusal = Conflict if scene.job.is_terminal else NotYet
    if not len(scene.rows):
        raise refusal(f"The job is {scene.job.state} and has no history to draw.", *NOTHING)
    if not KINDS[kind](scene):
        raise refusal(lacking("job", kind, [name for name, has in KINDS.items() if has(scene)]), *NOTHING)


def lacking(what: str, kind: str, kinds: Sequence[str]) -> str:
    """That a job or a sweep has no picture of a kind, those that it has, and the cure where there is one."""
    cure = ' Ask for "history": {"parameters": true} to have them recorded.' if kind == "parameters" else ""
    return f"This {what} has no picture of kind {kind!r}; it has: {', '.join(kinds)}.{cure}"


def title_of(scene: Scene) -> str:
    """The job's name, or its function, or its model and target."""
    settings = scene.settings
    if "function" in settings:
        return str(settings["name"] or settings["function"].get("name") or settings["function"]["expression"])
    return str(settings["name"] or f"{settings['model']['name']} model of {settings['target']}")


def note_of(scene: Scene) -> str:
    """Where the job stands."""
    if "function" in scene.settings and scene.job.result:
        return result_note(scene)  # progress is that of all starts
    reached = orjson.loads(scene.job.progress or b"{}")
    return _note(scene.job, reached.get("iteration", 0), reached.get("cost"))


def result_note(scene: Scene) -> str:
    """Where a job with a result stands, with the cost of the parameters that are the answer."""
    result = orjson.loads(scene.job.result or b"{}")
    note = _note(scene.job, result["iterations"], result["cost"])
    return f"{note} ({_best(scene, result)})" if result["which"] == "best" else note


def _best(scene: Scene, result: Mapping[str, Any]) -> str:
    """That the parameters are the best ones, and of which iteration, where the history has recorded it."""
    costs = [scene.column(name) == result[name] for name in ("cost", "validation_cost")]
    places = np.flatnonzero(np.logical_and(*costs))
    return f"best, of iteration {int(scene.column('iteration')[places[0]]):,}" if places.size else "best"


def _note(job: JobRecord, iterations: int, cost: float | None) -> str:
    state = f"{job.state} ({job.stop_reason})" if job.stop_reason else job.state
    parts = [state.replace("_", " "), _counted(iterations)]
    return ", ".join(parts + ([f"cost {cost:.6g}"] if cost is not None else []))


def _counted(iterations: int) -> str:
    return f"{iterations:,} iteration{'' if iterations == 1 else 's'}"
