"""A function and the way of a descent over it: a curve, contours, and the slope in one dimension."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.path import Path
from matplotlib.transforms import Transform

from engine.arrays import FloatArray
from service.plot_canvas import ALARM, COLORS, MOST_NAMED, WITH_BAR, Frame, bar, canvas, legend
from service.plot_scene import FARTHEST

Function = Callable[[FloatArray], FloatArray]
Ends = tuple[float, float]

NOBODY, NOWHERE = np.empty(0), np.empty((0, 2))
ALONG, ACROSS = 501, 81
"""Points of a curve, and of each side of a grid."""
LEVELS = 12
FEW_STEPS, MOST_POINTS = 200, 1000
"""Steps of a short path are marked each; of a long one so many are drawn."""
MARK: dict[str, Any] = {"linestyle": "none", "markeredgecolor": "black"}
ROOM = 0.25
"""What stands on either side of a path, as a share of its width."""


def curve_and_path(
    frame: Frame, function: Function, path: FloatArray, ends: Ends | None = None, others: FloatArray = NOBODY
) -> Figure:
    """A function of one variable along its axis, and the path (n,) on it with its end.

    ``function`` takes points (k,) to values (k,); ``ends`` are those of the axis, else they follow from the path;
    ``others`` (k,) are where other descents ended.
    """
    figure, axes = canvas(frame)
    way, elsewhere = _bounded(path), _bounded(others)
    x = np.linspace(*(ends or around(np.append(way, elsewhere))), ALONG)
    (curve,) = axes.plot(x, _finite(function(x)), color=COLORS[0], gid="function-0")
    marks = [*_ends(axes, elsewhere, _finite(function(elsewhere))), *_way(axes, way, _finite(function(way)))]
    _within(axes, curve)
    legend(axes, [(curve, "function"), *marks], inside=MOST_NAMED)
    return figure


def contours_and_path(
    frame: Frame, function: Function, path: FloatArray, ends: Ends | None = None, others: FloatArray = NOWHERE
) -> Figure:
    """Contours of a function of two variables, and the path (n, 2) over them with its end.

    ``function`` takes points (2, k) to values (k,); ``ends`` are those of both axes; ``others`` (k, 2) are where other
    descents ended.
    """
    figure, axes = canvas(frame, WITH_BAR)
    way, elsewhere = _bounded(path), _bounded(others)
    sides = [ends, ends] if ends else _box(np.concatenate([way, elsewhere]))
    x, y = (np.linspace(*side, ACROSS) for side in sides)
    heights = _finite(function(np.array(np.meshgrid(x, y)).reshape(2, -1))).reshape(ACROSS, ACROSS)
    axes.set(xlim=sides[0], ylim=sides[1])
    levels = contour_levels(heights)
    if len(levels) > 1:
        bar(figure, _fill(axes, x, y, heights, levels), WITH_BAR, "cost")
    marks = [*_ends(axes, elsewhere[:, 0], elsewhere[:, 1]), *_way(axes, way[:, 0], way[:, 1])]
    legend(axes, marks, inside=MOST_NAMED)
    return figure


def slope_and_path(frame: Frame, slope: Function, path: FloatArray, ends: Ends | None = None) -> Figure:
    """The derivative of a function of one variable with the line of zero, and its values along the path (n,)."""
    figure, axes = canvas(frame)
    way = _bounded(path)
    x = np.linspace(*(ends or around(way)), ALONG)
    axes.axhline(0.0, color="black", linewidth=1.0, gid="zero-0")
    (curve,) = axes.plot(x, _finite(slope(x)), color=COLORS[0], gid="slope-0")
    marks = _way(axes, way, _finite(slope(way)))
    _within(axes, curve)
    legend(axes, [(curve, "derivative"), *marks], inside=MOST_NAMED)
    return figure


def around(way: FloatArray) -> Ends:
    """The ends of an axis that shows a way (n,) with some room."""
    low, high = (float(way.min()), float(way.max())) if way.size else (0.0, 0.0)
    room = ROOM * (high - low) or max(abs(high), 1.0)
    return low - room, high + room


def contour_levels(heights: FloatArray) -> FloatArray:
    """Rising heights for contours, closer to each other where the function is low, as it is around a minimum."""
    known = heights[np.isfinite(heights)]
    if not known.size or known.min() == known.max():
        return np.empty(0)
    least, most = known.min(), np.quantile(known, 0.98)
    shares = np.linspace(0.0, 1.0, LEVELS) ** 3
    return np.unique(least + (max(most, least) - least) * shares[1:])


def _fill(axes: Axes, x: FloatArray, y: FloatArray, heights: FloatArray, levels: FloatArray) -> ScalarMappable:
    """Fill heights (len(y), len(x)) between levels; answers what the shades mean.

    What is below each level is painted over what is below the next one: so each contour is in the picture once.
    """
    shades = ListedColormap(colormaps["Blues_r"](np.linspace(0.25, 1.0, len(levels) + 1)))
    scale = ScalarMappable(BoundaryNorm(levels, shades.N, extend="both"), shades)
    painted = [FARTHEST, *levels[::-1]]
    for place, level in enumerate(painted):
        color = shades(shades.N - 1 - place)
        below = axes.contourf(x, y, heights, levels=[-2 * FARTHEST, level], colors=[color])
        below.set(edgecolor="white", linewidth=0.5 if place else 0.0)
        below.set_paths([_straightened(path, axes.transData) for path in below.get_paths()])
    return scale


def _straightened(path: Path, to_pixels: Transform) -> Path:
    """The path without the vertices between which it is straight, to a part of a pixel."""
    found = path.cleaned(to_pixels, simplify=True)
    return Path(found.vertices[:-1], found.codes[:-1]).transformed(to_pixels.inverted())  # type: ignore[index] # a STOP


def _box(way: FloatArray) -> Sequence[Ends]:
    """The ends of both axes; neither is much narrower than the other one."""
    sides = [around(way[:, k]) for k in range(2)]
    least = max(high - low for low, high in sides) / 3
    return [(low, high) if high - low >= least else _widened(low, high, least) for low, high in sides]


def _widened(low: float, high: float, width: float) -> Ends:
    return (low + high - width) / 2, (low + high + width) / 2


def _way(axes: Axes, x: FloatArray, y: FloatArray) -> list[tuple[Artist, str]]:
    if not x.size:
        return []
    kept = np.unique(np.append(np.arange(0, x.size, -(-x.size // MOST_POINTS)), x.size - 1))
    step = 4.0 if x.size <= FEW_STEPS else 0.0
    (path,) = axes.plot(x[kept], y[kept], color=ALARM, marker="o", markersize=step, linewidth=1.4, gid="path-0")
    (start,) = axes.plot(x[:1], y[:1], color="white", marker="o", gid="start-0", **MARK, markersize=8)
    (end,) = axes.plot(x[-1:], y[-1:], color="black", marker="*", gid="end-0", **MARK, markersize=14)
    return [(path, "path"), (start, "start"), (end, "end")]


def _ends(axes: Axes, x: FloatArray, y: FloatArray) -> list[tuple[Artist, str]]:
    if not x.size:
        return []
    (ends,) = axes.plot(x, y, color="black", marker="X", gid="others-0", **(MARK | {"markeredgecolor": "white"}))
    ends.set_markersize(9)
    return [(ends, "ends of other starts")]


def _within(axes: Axes, curve: Line2D) -> None:
    """Let the axes show the curve, wherever the path goes."""
    x, y = (np.asarray(side, dtype=np.float64) for side in curve.get_data())
    axes.set_xlim(x[0], x[-1])
    if (known := y[np.isfinite(y)]).size:
        room = 0.05 * (known.max() - known.min()) or max(abs(known.max()), 1.0) / 2
        axes.set_ylim(known.min() - room, known.max() + room)


def _bounded(path: FloatArray) -> FloatArray:
    """The path as far as it can be drawn."""
    near = np.abs(np.nan_to_num(path, nan=np.inf)) <= FARTHEST
    return path[near if path.ndim == 1 else near.all(axis=1)]


def _finite(values: FloatArray) -> FloatArray:
    """Values with gaps where they cannot be drawn."""
    return np.where(np.abs(values) <= FARTHEST, values, np.nan)
