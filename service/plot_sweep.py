"""The jobs of a sweep in one picture, each named by what varied."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import orjson
from matplotlib.figure import Figure

from contract.sweep import SweepRecord
from service.plot_canvas import Frame, render
from service.plot_curves import MOST_CURVES, Curve, curves, thinned
from service.plot_scene import LABELS, SWEPT, Format, Scene, title_of

Varied = Mapping[str, Any]
NOBODY = np.empty(0)


class Child(NamedTuple):
    """A curve of one of the jobs: what the job has of its own, the curve, and its parameter where it is one's."""

    varied: Varied
    curve: Curve
    parameter: str = ""


class Swept(NamedTuple):
    """What is drawn of a sweep: its title, the kinds of which any of its jobs has a curve, and those of one kind."""

    title: str
    kinds: Sequence[str]
    children: Sequence[Child]


def swept(scenes: Iterable[Scene], kind: str) -> Swept:
    """The jobs of a sweep as curves of a kind; of each scene no more is kept than is drawn, before the next is read."""
    title, has, children = "", set[str](), list[Child]()
    for scene in scenes:
        title = title or title_of(scene)
        has |= {name for name, shows in SWEPT.items() if len(scene.rows) and shows(scene)}
        children += _children(scene, kind, MOST_CURVES - len(children))
    return Swept(title, [name for name in SWEPT if name in has], children)


def sweep_picture(record: SweepRecord, found: Swept, kind: str, media: Format) -> bytes:
    """The picture of a kind that at least one of the jobs has."""
    note = f"{record.state}, {record.finished} of {record.total} jobs have ended"
    named = {child.parameter for child in found.children} - {""}
    y = LABELS.get(kind) or (min(named) if len(named) == 1 else "value")
    frame = Frame(f"{kind.replace('_', ' ').capitalize()}: {found.title}", note, "iteration", y)
    logarithmic = kind in ("cost", "learning_rate")
    return render(lambda: sweep_curves(frame, found.children, logarithmic=logarithmic), media)


def sweep_curves(frame: Frame, children: Sequence[Child], *, logarithmic: bool = True) -> Figure:
    """A curve for each job, best first; those that diverged are dashed, to where they got, and hide no others."""
    names = list(dict.fromkeys(name for child in children for name in child.varied))
    several = len({child.parameter for child in children} - {""}) > 1
    drawn = [child.curve._replace(name=_name(child, names, several=several)) for child in children]
    return curves(frame, drawn, ", ".join(names), logarithmic=logarithmic, others=", ranked lower")


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


def _name(child: Child, names: Sequence[str], *, several: bool) -> str:
    own = entry(child.varied, names)
    return f"{own}: {child.parameter}" if several and child.parameter else own


def _children(scene: Scene, kind: str, room: int) -> Iterator[Child]:
    """The curves of a job, one of no points where it has none; only the first ``room`` of them have any."""
    varied, x = orjson.loads(scene.job.varied or b"{}"), scene.column("iteration")
    diverged = scene.job.stop_reason == "diverged" and kind != "learning_rate"
    if kind != "parameters":
        sides = [("", scene.column(kind))]
    else:
        sides = [*zip(scene.parameters, scene.path.T, strict=True)] or [("", NOBODY)]
    for place, (parameter, values) in enumerate(sides):
        points = (x, values) if place < room and values.size else (NOBODY, NOBODY)
        yield Child(varied, thinned(Curve("", *points, diverged)), parameter)
