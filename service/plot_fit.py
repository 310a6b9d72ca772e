"""A fitted model beside its rows: its line, predictions against targets, probabilities, or classes taken for others."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure
from numpy.typing import NDArray

from engine.arrays import FloatArray
from service.plot_canvas import (
    ALARM,
    COLORS,
    FEW_NAMED,
    GREY,
    WIDE,
    WITH_CLASSES,
    WITH_NAMES,
    Frame,
    bar,
    canvas,
    legend,
    plain_ticks,
    stroke,
)

MOST_COUNTED = 20
"""So many classes have their counts written into the matrix."""
MOST_LABELS = 20
SHORT = 3
"""Longer names of classes stand aslant below each other."""
STRIP = 0.05
"""What the rows of a class take below the probabilities."""
DOTS: dict[str, Any] = {"linestyle": "none", "marker": "o", "markersize": 3.5, "alpha": 0.55, "markeredgewidth": 0}
TICKS: dict[str, Any] = {"linestyle": "none", "marker": "|", "markersize": 6, "alpha": 0.55}


def line_of_fit(frame: Frame, x: FloatArray, y: FloatArray, line_x: FloatArray, line_y: FloatArray) -> Figure:
    """Rows (n,) of one feature and the target, and what the model predicts along (k,) the feature."""
    figure, axes = canvas(frame)
    (rows,) = axes.plot(x, y, color=COLORS[0], gid="rows-0", **DOTS)
    (line,) = axes.plot(line_x, line_y, color=ALARM, linewidth=2.2, gid="fit-0")
    legend(axes, [(rows, "rows"), (line, "prediction")])
    return figure


def against_target(frame: Frame, target: FloatArray, predicted: FloatArray) -> Figure:
    """Predictions (n,) against targets (n,), and the line on which both are equal."""
    figure, axes = canvas(frame)
    (rows,) = axes.plot(target, predicted, color=COLORS[0], gid="rows-0", **DOTS)
    ends = [target.min(), target.max()] if target.size else [0.0, 1.0]
    (line,) = axes.plot(ends, ends, color=GREY, linestyle="--", gid="equal-0")
    legend(axes, [(rows, "rows"), (line, "prediction = target")])
    return figure


def probabilities(
    frame: Frame,
    x: FloatArray,
    codes: NDArray[np.int64],
    line_x: FloatArray,
    shares: FloatArray,
    classes: Sequence[str],
) -> Figure:
    """The probability (k, classes) of each class along one feature; its rows (n,) by class ``codes`` below."""
    figure, axes = canvas(frame, WITH_NAMES if len(classes) > FEW_NAMED else WIDE)
    lines = list[tuple[Artist, str]]()
    for place, name in enumerate(classes):
        look, at = stroke(place), x[codes == place]
        lines.append((axes.plot(line_x, shares[:, place], gid=f"class-{place}", **look)[0], name))
        level = np.full(at.size, -STRIP * (place + 1))
        axes.plot(at, level, gid=f"rows-{place}", **TICKS, color=look["color"])
    axes.set_ylim(-STRIP * (len(classes) + 1), 1.03)
    axes.set_yticks(np.linspace(0, 1, 6))
    legend(axes, lines, "lines; ticks are rows")
    return figure


def confusion(frame: Frame, classes: Sequence[str], counts: FloatArray) -> Figure:
    """Counts (classes, classes) of rows by their class and by the predicted one, darker where there are more."""
    figure, axes = canvas(frame, WITH_CLASSES)
    axes.grid(visible=False)
    shade = PowerNorm(0.5, 0.0, max(float(counts.max()), 1.0))
    shown = axes.imshow(counts, cmap="Blues", norm=shade, gid="counts-0", aspect="auto", interpolation="nearest")
    plain_ticks(axes.xaxis, classes, MOST_LABELS, rotation=35 if max(map(len, classes)) > SHORT else 0)
    plain_ticks(axes.yaxis, classes, MOST_LABELS)
    if len(classes) <= MOST_COUNTED:
        _write(axes, counts, shade)
    bar(figure, shown, WITH_CLASSES, "rows")
    return figure


def _write(axes: Axes, counts: FloatArray, shade: PowerNorm) -> None:
    size = 9 if len(counts) <= 10 else 6.5
    for (row, column), count in np.ndenumerate(counts):
        color = "white" if shade(count) > 0.6 else "black"
        axes.text(column, row, f"{count:.6g}", ha="center", va="center", color=color, fontsize=size)
