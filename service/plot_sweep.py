"""The jobs of a sweep in one picture, each named by what varied."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import orjson
from matplotlib.figure import Figure

from contract.sweep import SweepRecord
from service.plot_canvas import Format, Frame, render
from service.plot_curves import Curve, Floats, curves
from service.plot_scene import LABELS, Scene, title_of

Varied = Mapping[str, Any]


class Child(NamedTuple):
    """A job of the sweep: what it has of its own, its values (n,) at iterations (n,), and what these are."""

    varied: Varied
    x: Floats
    y: Floats
    diverged: bool
    what: str = ""


def sweep_picture(record: SweepRecord, scenes: Sequence[Scene], kind: str, media: Format) -> bytes:
    """The picture of a kind that at least one of the jobs has."""
    named = sorted({name for scene in scenes for name in scene.parameters})
    note = f"{record.state}, {record.finished} of {record.total} jobs have ended"
    y = LABELS.get(kind) or (named[0] if len(named) == 1 else "value")
    what = kind.replace("_", " ").capitalize()
    frame = Frame(f"{what}: {title_of(scenes[0])}", note, "iteration", y)
    children = [child for scene in scenes for child in _children(scene, kind, alone=len(named) == 1)]
    return render(lambda: sweep_curves(frame, children, logarithmic=kind in ("cost", "learning_rate")), media)


def sweep_curves(frame: Frame, children: Sequence[Child], *, logarithmic: bool = True) -> Figure:
    """A curve for each job; those that diverged are dashed, to where they got, and do not hide the others."""
    names = list(dict.fromkeys(name for child in children for name in child.varied))
    drawn = [Curve(entry(child.varied, names) + child.what, child.x, child.y, child.diverged) for child in children]
    return curves(frame, drawn, ", ".join(names), logarithmic=logarithmic)


def entry(varied: Varied, names: Sequence[str]) -> str:
    """What varied in a job, as a legend headed by the ``names`` says it."""
    return ", ".join(told(varied[name]) if name in varied else "-" for name in names)


def told(value: Any) -> str:
    """A setting in few letters."""
    if isinstance(value, Mapping):
        name = value.get("name", value.get("schedule", ""))
        members = [f"{key}={told(inner)}" for key, inner in value.items() if key not in ("name", "schedule")]
        return " ".join([str(name), *members]).strip()
    if isinstance(value, float):
        return f"{value:g}"
    return "none" if value is None else str(value)


def _children(scene: Scene, kind: str, *, alone: bool) -> Iterator[Child]:
    varied, x = orjson.loads(scene.job.varied or b"{}"), scene.column("iteration")
    diverged = scene.job.stop_reason == "diverged" and kind != "learning_rate"
    if kind != "parameters":
        yield Child(varied, x, scene.column(kind), diverged)
        return
    for name, values in zip(scene.parameters, scene.path.T, strict=True):
        yield Child(varied, x, values, diverged, "" if alone else f": {name}")
