"""The pictures of a function job: the function with the path of the descent, and its slope."""

from collections.abc import Callable

import numpy as np
import orjson
from matplotlib.figure import Figure

from contract.function_field import function_problem
from engine.arrays import FloatArray
from engine.expressions import value, value_and_gradient
from service.plot_canvas import Frame
from service.plot_path import Ends, around, contours_and_path, curve_and_path, slope_and_path
from service.plot_scene import Scene, note_of, title_of

NEAR = 10.0
"""Of a descent that diverged is shown what is at most so many times as far from zero as its start."""


def draw_path(scene: Scene) -> Figure:
    """The path over the function: along its curve, or over its contours; and where other starts led."""
    names, title, note = scene.parameters, f"Path: {title_of(scene)}", note_of(scene)
    function, ends, others = _heights(scene), _ends(scene), _others(scene)
    if len(names) == 1:
        frame = Frame(title, note, names[0], "cost")
        return curve_and_path(frame, function, scene.path[:, 0], ends, others[:, 0])
    return contours_and_path(Frame(title, note, *names), function, scene.path, ends, others)


def draw_gradient(scene: Scene) -> Figure:
    """The derivative of a function of one variable, and its values along the path."""
    (name,) = scene.parameters
    frame = Frame(f"Gradient: {title_of(scene)}", note_of(scene), name, f"derivative by {name}")
    return slope_and_path(frame, _slopes(scene), scene.path[:, 0], _ends(scene))


def _heights(scene: Scene) -> Callable[[FloatArray], FloatArray]:
    expression = function_problem(scene.settings["function"]).expression
    return lambda points: value(expression, dict(zip(scene.parameters, np.atleast_2d(points), strict=True)))


def _slopes(scene: Scene) -> Callable[[FloatArray], FloatArray]:
    expression, names = function_problem(scene.settings["function"]).expression, tuple(scene.parameters)
    return lambda points: value_and_gradient(expression, {names[0]: points}, names)[1][0]


def _ends(scene: Scene) -> Ends | None:
    """The ends that were asked for, those of a descent that diverged, or none in particular."""
    if scene.ends or scene.job.stop_reason != "diverged":
        return scene.ends
    path = scene.path[np.isfinite(scene.path).all(axis=1)]
    far = NEAR * max(1.0, float(np.abs(path[:1]).max(initial=0.0)))
    return around(path[np.abs(path) <= far])


def _others(scene: Scene) -> FloatArray:
    """Where the starts ended (k, d) of which this is not the path, without those that diverged."""
    starts = orjson.loads(scene.job.result or b"{}").get("starts", [])[1:]
    found = [start["parameters"] for start in starts if start["parameters"] and start["stop_reason"] != "diverged"]
    points = [[point[name] for name in scene.parameters] for point in found]
    return np.array(points, dtype=np.float64).reshape(-1, len(scene.parameters))
