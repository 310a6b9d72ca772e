"""The canvas of every picture: its size, its colours, what stands around the data, and the picture as bytes.

Figures are made without pyplot, whose list of open figures all threads share. matplotlib's settings are global all the
same, so one picture is drawn at a time (``service/plot_cache.py`` sees to it). Names come from users: they are never
read as formulas, and what cannot be printed is shown as a mark.
"""

import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from html import escape
from io import BytesIO
from typing import Any, NamedTuple

import matplotlib as mpl
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.cm import ScalarMappable
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.textpath import text_to_path

from service.plot_scene import Format

Place = tuple[float, float, float, float]
Entry = tuple[Artist, str]
"""Of a legend: what is drawn, and its name."""

WIDTH, HEIGHT, DPI = 800, 500, 100
# Okabe and Ito, "Color Universal Design" (2008), without the yellow, which is faint on white; in an order in which
# neighbours differ in brightness too.
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#000000", "#E69F00", "#56B4E9")
STYLES = ("-", "-.", ":", (0, (5, 1, 1, 1, 1, 1)))
BROKEN = "--"
"""The line of what diverged; no other line is dashed like it."""
MARKS = ("", "s", "^", "D", "v", "P", "*", "h", "<", ">")
ALARM, PALE, GREY = COLORS[1], COLORS[6], "#666666"

TICK = 20
"""So many characters of a name stand at an axis."""
MOST_NAMED = 20
"""A legend has room for so many entries."""
FEW_NAMED = 3
"""So many stand inside the axes."""
LEGEND = 9.0
"""The size of its letters in points."""
BESIDE: dict[str, Any] = {"loc": "upper left", "bbox_to_anchor": (1.02, 1.03), "frameon": False}
NAME, TITLE, FULL = 32, 64, 300
"""At most so many characters of a name stand in a legend, in a title, and where an SVG tells what the pointer is on."""
NAME_WIDTH, HEAD_WIDTH = 130.0, 154.0
"""Points that a legend beside the axes has for a name, and for what stands above the names."""
WIDE, WITH_NAMES = (0.11, 0.12, 0.86, 0.73), (0.11, 0.12, 0.58, 0.73)
WITH_BAR, WITH_CLASSES = (0.11, 0.12, 0.74, 0.73), (0.26, 0.26, 0.54, 0.58)
"""Where the axes are: left, bottom, width, height as shares of the canvas. Fixed, as a layout that measures its texts
takes twice the time."""

LOOK: dict[str, Any] = {
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "thalweg",  # and equal pictures are equal bytes
    "path.simplify": False,  # curves are thinned by us: what is drawn is what was chosen
    "path.simplify_threshold": 0.5,  # pixels, of contours, which we let be simplified
    "font.family": ["DejaVu Sans"],  # comes with matplotlib, so a picture is the same on every machine
    "font.size": 9.5,
    "axes.axisbelow": True,
    "axes.edgecolor": GREY,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.formatter.limits": (-4, 5),
    "grid.color": "#dddddd",
    "grid.linewidth": 0.7,
    "lines.linewidth": 1.7,
    "lines.markersize": 4.5,
}
PATHS, DIGITS = re.compile(rb'<path (?:[^>]*? )?d="[^"]*"'), re.compile(rb"(\.[0-9]{2})[0-9]+")
"""Vertices in an SVG are sent to a hundredth of a point; the six digits that matplotlib writes are many bytes."""
FONTS = b"font-family: 'DejaVu Sans'", b"font-family: 'DejaVu Sans', Verdana, sans-serif"
"""What stands in an SVG, and what is to: a viewer may lack the font; Verdana is as wide."""
GROUPS, UNNAMED = re.compile(rb'<g id="([a-z]+-[0-9]+)">'), re.compile(r"_child[0-9]+$")
"""Of curves and marks, and the label of one that has no name."""


class Frame(NamedTuple):
    """What stands around the data: title, a line below it, what the axes are."""

    title: str
    note: str = ""
    x: str = ""
    y: str = ""


def render(draw: Callable[[], Figure], media: Format) -> bytes:
    """The picture that ``draw`` makes, as SVG or PNG; the same figure gives the same bytes. One call at a time."""
    with _settings():
        figure = draw()
        return _svg(figure) if media == "svg" else _png(figure)


def canvas(frame: Frame, place: Place = WIDE) -> tuple[Figure, Axes]:
    """An empty figure with its title and its axes at ``place``."""
    figure = Figure(figsize=(WIDTH / DPI, HEIGHT / DPI), dpi=DPI)
    axes = figure.add_axes(place)
    axes.grid(visible=True)
    left = place[0] if place[0] < 0.2 else 0.04
    _say(figure.text(left, 0.96, short(frame.title, TITLE), fontsize=12.5, va="center", fontweight="bold"))
    _say(figure.text(left, 0.912, short(frame.note, TITLE + 30), fontsize=9, va="center", color=GREY))
    _say(axes.set_xlabel(short(frame.x, TITLE)), axes.set_ylabel(short(frame.y, TITLE * 3 // 4)))
    figure.set_label(short(f"{frame.title}. {frame.note}", FULL))
    return figure, axes


def legend(axes: Axes, entries: list[Entry], title: str = "", inside: int = FEW_NAMED, others: str = "") -> None:
    """Names of so many entries as there is room for, and how many ``others`` there are; in an SVG each has its name.

    Up to ``inside`` of them stand where the data leave room, more beside the axes.
    """
    shown = entries if len(entries) <= MOST_NAMED else entries[: MOST_NAMED - 1]
    more = [f"and {len(entries) - len(shown)} more{others}"] if len(entries) > len(shown) else []
    names = [_fitting(name, NAME_WIDTH) for _, name in shown] + more
    for artist, name in entries:
        artist.set_label(short(name, FULL))
    artists = [artist for artist, _ in shown] + [Line2D([], [], linestyle="none") for _ in more]
    place = {"loc": "best", "framealpha": 0.9, "edgecolor": "white"} if len(entries) <= inside else BESIDE
    # A name that begins with _ would be left out, hence the names are set afterwards.
    box = axes.legend(artists, ["." * len(name) for name in names], fontsize=LEGEND, alignment="left", **place)
    if title:
        box.set_title(_fitting(title, HEAD_WIDTH))
    _say(box.get_title(), *box.get_texts())
    for text, name in zip(box.get_texts(), names, strict=True):
        text.set_text(name)


def plain_ticks(axis: Axis, names: Sequence[str], most: int, rotation: float = 0.0) -> None:
    """Names at 0, 1, 2, …; where there are more than ``most``, at every second, third, … of them."""
    step = -(-len(names) // most)
    shown = range(0, len(names), step)
    axis.set_ticks(list(shown), [short(names[place], TICK) for place in shown])
    for text in axis.get_ticklabels():
        _say(text)
        text.set(rotation=rotation, **({"ha": "right", "rotation_mode": "anchor"} if rotation else {}))


def bar(figure: Figure, shades: ScalarMappable, beside: Place, name: str) -> None:
    """What the shades mean, beside axes at this place."""
    left, bottom, width, height = beside
    figure.colorbar(shades, cax=figure.add_axes((left + width + 0.025, bottom, 0.02, height))).set_label(name)


def remark(axes: Axes, text: str) -> None:
    """A sentence in the middle of axes that have nothing else to show."""
    _say(axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", va="center", color=GREY, fontsize=11))


def stroke(place: int, *, diverged: bool = False) -> dict[str, Any]:
    """Colour, style and marker of the curve at this place: those of 70 places differ, whichever of them diverged."""
    color, turn = COLORS[place % len(COLORS)], place // len(COLORS)
    if diverged:
        return {"color": color, "linestyle": BROKEN, "marker": MARKS[turn % len(MARKS)]}
    marker = MARKS[turn // len(STYLES) % len(MARKS)]
    return {"color": color, "linestyle": STYLES[turn % len(STYLES)], "marker": marker}


def _fitting(text: str, width: float) -> str:
    """The text, its middle left out where it is wider than so many points."""
    font, most = FontProperties(size=LEGEND), min(len(text), NAME)
    while most > 1:
        needed = text_to_path.get_text_width_height_descent(short(text, most), font, False)[0]
        if needed <= width:
            break
        most = min(most - 1, int(most * width / needed))
    return short(text, max(most, 1))


def short(text: str, most: int) -> str:
    """The text on one line, printable, its middle left out where it is longer than ``most``."""
    plain = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
    if len(plain) <= most:
        return plain
    head = (most - 1) * 2 // 3
    return f"{plain[:head]}…{plain[len(plain) - (most - 1 - head) :]}"


def _say(*texts: Text) -> None:
    for text in texts:
        text.set_parse_math(False)


@contextmanager
def _settings() -> Iterator[None]:
    """Our look over matplotlib's own defaults, whatever file of settings this machine has."""
    with mpl.rc_context(), warnings.catch_warnings():
        mpl.rcdefaults()
        mpl.rcParams.update(LOOK)  # type: ignore[arg-type] # its keys are typed as literals
        warnings.simplefilter("ignore")  # of letters that the font lacks, of axes whose ends are one
        yield


def _svg(figure: Figure) -> bytes:
    found = BytesIO()
    title = str(figure.get_label())
    FigureCanvasSVG(figure).print_svg(found, metadata={"Title": title, "Date": None, "Creator": None})  # type: ignore[no-untyped-call]
    points = f'width="{WIDTH * 72 // DPI}pt" height="{HEIGHT * 72 // DPI}pt"'
    pixels = f'width="{WIDTH}" height="{HEIGHT}" role="img"'
    plain = found.getvalue().replace(points.encode(), pixels.encode(), 1).replace(*FONTS)
    return _titled(figure, PATHS.sub(_rounded, plain))


def _titled(figure: Figure, svg: bytes) -> bytes:
    """With the whole names of curves and marks, which a legend shortens or has no room for."""
    named = {artist.get_gid(): escape(str(artist.get_label())) for artist in figure.findobj(_has_gid)}
    known = {gid: name for gid, name in named.items() if not UNNAMED.match(name)}
    return GROUPS.sub(lambda group: _with_title(group[0], known.get(group[1].decode())), svg)


def _has_gid(artist: Artist) -> bool:
    return artist.get_gid() is not None


def _with_title(group: bytes, name: str | None) -> bytes:
    return group if name is None else group + f"<title>{name}</title>".encode()


def _rounded(path: re.Match[bytes]) -> bytes:
    return DIGITS.sub(rb"\1", path[0])


def _png(figure: Figure) -> bytes:
    found = BytesIO()
    FigureCanvasAgg(figure).print_png(found, metadata={"Software": None})  # type: ignore[no-untyped-call]
    return found.getvalue()
