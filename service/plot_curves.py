"""Curves over the iterations: cost, learning rate, accuracy, parameters, and the children of a sweep."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from engine.arrays import FloatArray
from service.history import chosen_rows
from service.plot_canvas import (
    ALARM,
    FEW_NAMED,
    WIDE,
    WITH_NAMES,
    Frame,
    canvas,
    legend,
    remark,
    stroke,
)

MOST_CURVES = 64
MOST_POINTS, FEWEST_POINTS = 1000, 100
"""Of one curve; many curves share some thousand points."""
FEW = 20
"""Up to so many points are marked each."""
MARKED = 8
"""Of a longer curve so many are, where it is told from others by its marks."""
LARGEST: Final = 1e200
"""What is farther out, or nearer to zero than its inverse, is drawn there: the ticks beyond must be numbers too."""
DECADES: Final = 100.0
"""A logarithmic axis shows positive values whose largest is more than so many times the least."""


class Curve(NamedTuple):
    """Values (n,) at iterations (n,), NaN where there is none; ``diverged`` ones are drawn to where they got."""

    name: str
    x: FloatArray
    y: FloatArray
    diverged: bool = False


def curves(
    frame: Frame, given: Sequence[Curve], names: str = "", *, logarithmic: bool = True, others: str = ""
) -> Figure:
    """All curves in one picture, at most ``MOST_CURVES`` of them; several have a legend, headed ``names``.

    ``logarithmic`` allows a logarithmic axis where the values call for one. A legend without room for all names the
    first of them, and says what the ``others`` are. Iterations are logarithmic where curves end far apart.
    """
    shown, nothing = [_finite(curve) for curve in given[:MOST_CURVES]], Line2D([], [], linestyle="none")
    figure, axes = canvas(frame, WITH_NAMES if len(given) > FEW_NAMED else WIDE)
    axes.xaxis.set_major_locator(MaxNLocator("auto", integer=True, min_n_ticks=1, steps=[1, 2, 5, 10]))
    if logarithmic and is_wide(*(curve.y for curve in _seen(shown))):
        axes.set_yscale("log")
    if is_wide(np.maximum([curve.x[-1] for curve in _seen(shown) if curve.x.size], 1.0)):
        axes.set_xscale("symlog", linthresh=1.0)
    lines = [_line(axes, curve, place, len(shown)) for place, curve in enumerate(shown)]
    _focus(axes, shown)
    if len(given) > 1:
        drawn = [line if curve.y.size else nothing for line, curve in zip(lines, shown, strict=True)]
        artists = drawn + [nothing] * (len(given) - len(drawn))
        legend(axes, list(zip(artists, map(_name, given), strict=True)), names, others=others)
    if not any(curve.y.size for curve in shown):
        remark(axes, "There is no finite value to draw.")
    return figure


def is_wide(*values: FloatArray) -> bool:
    """Whether finite values are positive and span more than two decades."""
    together = np.concatenate(values) if values else np.empty(0)
    return bool(together.size and together.min() > 0.0 and together.max() / DECADES > together.min())


def thinned(curve: Curve) -> Curve:
    """The curve as far as it can be drawn, in so few points that many of them fit into memory."""
    finite = _finite(curve)
    rows = _rows(finite, MOST_POINTS)
    return finite._replace(x=finite.x[rows], y=finite.y[rows])


def _rows(curve: Curve, points: int) -> Any:
    return chosen_rows(curve.y, points) if len(curve.y) > points else slice(None)


def _finite(curve: Curve) -> Curve:
    kept = np.isfinite(curve.y)
    within = np.clip(curve.y[kept], -LARGEST, LARGEST)
    within[(within > 0.0) & (within < 1.0 / LARGEST)] = 1.0 / LARGEST
    return curve._replace(x=curve.x[kept], y=within)


def _line(axes: Axes, curve: Curve, place: int, count: int) -> Artist:
    rows = _rows(curve, min(max(4 * MOST_POINTS // count, FEWEST_POINTS), MOST_POINTS))
    look = stroke(place, diverged=curve.diverged)
    few = {"marker": look["marker"] or "o"} if len(curve.y) <= FEW else {"markevery": 1 / MARKED}
    (line,) = axes.plot(curve.x[rows], curve.y[rows], gid=f"curve-{place}", **look | few)
    if curve.diverged and curve.y.size:
        axes.plot(curve.x[-1:], curve.y[-1:], marker="X", color=ALARM, markersize=9, gid=f"diverged-{place}")
    return line


def _name(curve: Curve) -> str:
    return f"{curve.name} (diverged)" if curve.diverged else curve.name


def _seen(shown: Sequence[Curve]) -> Sequence[Curve]:
    """The curves that say how far the axis goes: those that did not diverge, where there are any."""
    return [curve for curve in shown if curve.y.size and not curve.diverged] or shown


def _focus(axes: Axes, shown: Sequence[Curve]) -> None:
    """Let what diverged leave the picture, so that what did not can be seen."""
    sound = _seen(shown)
    if not any(curve.diverged for curve in shown) or sound[0].diverged:
        return
    least, most = min(curve.y.min() for curve in sound), max(curve.y.max() for curve in sound)
    wide = axes.get_yscale() == "log"
    width = (np.log10(most / least) if wide else most - least) or 1.0
    below, above = 0.05 * width, 0.3 * width
    ends = (least * 10.0**-below, most * 10.0**above) if wide else (least - below, most + above)
    low, high = axes.get_ylim()
    axes.set_ylim(max(low, ends[0]), min(high, ends[1]))
