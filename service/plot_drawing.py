"""A job's pictures by kind. Importing this imports matplotlib, so it is imported with the first picture."""

from collections.abc import Callable, Mapping

from matplotlib.figure import Figure

from service.plot_canvas import Frame, render
from service.plot_curves import Curve, curves
from service.plot_function import draw_gradient, draw_path
from service.plot_model import draw_fit
from service.plot_scene import LABELS, Format, Scene, note_of, title_of

ITERATION = "iteration"


def picture(scene: Scene, kind: str, media: Format) -> bytes:
    """The picture of a kind that the job has."""
    return render(lambda: DRAWN[kind](scene), media)


def _cost(scene: Scene) -> Figure:
    sides = [("training", "cost"), ("validation", "validation_cost")]
    # A job whose first cost is no number has a picture that says so.
    drawn = [_curve(scene, *side) for side in sides if side == sides[0] or scene.has(side[1])]
    return curves(_frame(scene, "cost", LABELS["cost"]), drawn)


def _learning_rate(scene: Scene) -> Figure:
    rate = _curve(scene, "learning rate", "learning_rate")
    return curves(_frame(scene, "learning rate", LABELS["learning_rate"]), [rate])


def _accuracy(scene: Scene) -> Figure:
    sides = [("training", "accuracy"), ("validation", "validation_accuracy")]
    drawn = [_curve(scene, *side) for side in sides if scene.has(side[1])]
    return curves(_frame(scene, "accuracy", LABELS["accuracy"]), drawn, logarithmic=False)


def _parameters(scene: Scene) -> Figure:
    x = scene.column("iteration")
    drawn = [Curve(name, x, values) for name, values in zip(scene.parameters, scene.path.T, strict=True)]
    return curves(_frame(scene, "parameters", "value"), drawn, "parameter", logarithmic=False)


def _curve(scene: Scene, name: str, column: str) -> Curve:
    diverged = scene.job.stop_reason == "diverged" and column != "learning_rate"
    return Curve(name, scene.column("iteration"), scene.column(column), diverged)


def _frame(scene: Scene, what: str, y: str) -> Frame:
    return Frame(f"{what.capitalize()}: {title_of(scene)}", note_of(scene), ITERATION, y)


DRAWN: Mapping[str, Callable[[Scene], Figure]] = {
    "cost": _cost,
    "learning_rate": _learning_rate,
    "accuracy": _accuracy,
    "parameters": _parameters,
    "fit": draw_fit,
    "path": draw_path,
    "gradient": draw_gradient,
}
"""A test compares the kinds with those that a job may have."""
