"""The picture of a fit: by what the model predicts and by how many features."""

from typing import Any

import numpy as np
import orjson
from matplotlib.figure import Figure

from service.plot_canvas import Frame
from service.plot_fit import against_target, confusion, line_of_fit, probabilities
from service.plot_scene import FittedRows, Scene, result_note, title_of


def draw_fit(scene: Scene) -> Figure:
    """Probabilities or the confusion matrix of classes; of numbers the line along one feature, else against targets."""
    rows, target = scene.fitted, str(scene.settings["target"])
    if rows is None or (rows.classes and (rows.line is None or rows.line.ndim == 1)):
        return _confusion(scene, target)
    title, note = f"Fit: {title_of(scene)}", f"{result_note(scene)}; {_counted(rows)}"
    if rows.x is None or rows.along is None or rows.line is None:
        return against_target(Frame(title, note, target, f"predicted {target}"), rows.target, rows.predicted)
    frame = Frame(title, note, str(rows.feature), f"probability of {target}" if rows.classes else target)
    if rows.classes:
        return probabilities(frame, rows.x, rows.target.astype(np.int64), rows.along, rows.line, rows.classes)
    return line_of_fit(frame, rows.x, rows.target, rows.along, rows.line)


def _confusion(scene: Scene, target: str) -> Figure:
    sides: dict[str, Any] = orjson.loads(scene.job.result or b"{}")["metrics"]
    side = "validation" if sides["validation"] else "train"
    found = sides[side]["confusion"]
    which = {"train": "training", "validation": "validation"}[side]
    frame = Frame(f"Fit: {title_of(scene)}", f"{result_note(scene)}; {which} rows", f"predicted {target}", target)
    return confusion(frame, found["labels"], np.array(found["counts"], dtype=np.float64))


def _counted(rows: FittedRows) -> str:
    drawn = len(rows.target)
    return f"{drawn:,} rows" if drawn == rows.total else f"{drawn:,} of {rows.total:,} rows"
