"""Curves: what is drawn of what is given, on which axis, and that no numbers or names can break a picture."""

import numpy as np
import pytest

from service.plot_canvas import COLORS, Frame, render, stroke
from service.plot_curves import MOST_CURVES, MOST_POINTS, Curve, curves
from tests.support.pictures import dashes, hints, is_logarithmic, look, marked, size, texts, title, vertices

FRAME = Frame("Cost: linear model of y", "running, 3 iterations", "iteration", "cost")
NAN, HUGE, TINY = float("nan"), 1.7e308, 5e-324


def curve(values: list[float], name: str = "training", *, diverged: bool = False) -> Curve:
    return Curve(name, np.arange(float(len(values))), np.array(values), diverged)


def svg(*given: Curve, frame: Frame = FRAME, names: str = "") -> bytes:
    return render(lambda: curves(frame, given, names), "svg")


def test_a_picture_says_what_it_shows() -> None:
    """Title, state and both axes stand in it as text, and once more for who cannot see it."""
    found = svg(curve([3, 2, 1]), curve([4, 3, 2], "validation"))
    assert set(texts(found)) >= {*FRAME, "training", "validation"}
    assert title(found) == "Cost: linear model of y. running, 3 iterations"


def test_each_value_is_a_vertex() -> None:
    found = svg(curve([3, 2, 1, 1]), curve([4, 3], "validation"))
    assert marked(found) == ["curve-0", "curve-1"]
    assert [len(vertices(found, name)) for name in marked(found)] == [4, 2]
    heights = [y for _, y in vertices(found, "curve-0")]
    assert heights == sorted(heights)
    assert heights[2] == heights[3]


@pytest.mark.parametrize(
    ("values", "logarithmic"),
    [
        ([1, 100.0], False),
        ([1, 100.1], True),
        ([1e-9, 1], True),
        ([0, 1000], False),
        ([-1, 1000], False),
        ([5, 5], False),
        ([NAN, 1, 1000], True),
    ],
)
def test_an_axis_is_logarithmic_where_positive_values_span_more_than_two_decades(
    values: list[float], logarithmic: bool
) -> None:
    assert is_logarithmic(svg(curve(values))) == logarithmic


@pytest.mark.parametrize(
    "values",
    [[3], [0, 0], [-5, -4], [NAN, NAN], [], [HUGE, -HUGE], [TINY, HUGE], [1, HUGE], [1, TINY], [HUGE], [5, 5 + 1e-15]],
    ids=str,
)
def test_any_numbers_can_be_drawn(values: list[float]) -> None:
    found = svg(curve(values))
    assert len(vertices(found, "curve-0")) == np.isfinite(values).sum()
    assert ("There is no finite value to draw." in texts(found)) == (not np.isfinite(values).any())
    assert size(render(lambda: curves(FRAME, [curve(values)]), "png")) == (800, 500)


def test_many_values_are_thinned_and_a_spike_stays() -> None:
    values = np.linspace(10, 1, 10_000)
    values[6131] = 99.0
    points = vertices(svg(curve(values.tolist())), "curve-0")
    assert len(points) <= MOST_POINTS
    assert min(y for _, y in points) < min(points[0][1], points[-1][1]) - 100


NAMES = ["_hidden", "$x^2$", "$\\frac{", "<script>&amp;", "a\nb\x00\x1b", "\ud800", "名前", "'\"", "", " "]


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_a_name_is_shown_as_it_is(name: str) -> None:
    """Nothing in it is a formula, markup or an instruction; what cannot be printed is a mark."""
    given = [curve([2, 1], name), curve([1, 2], "other")]
    shown = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in name)
    found = svg(*given, frame=Frame(name, name, name, name), names=name)
    assert texts(found).count(shown.strip()) >= (5 if shown.strip() else 0)
    assert size(render(lambda: curves(Frame(name), given), "png")) == (800, 500)


def test_long_names_keep_their_ends() -> None:
    found = svg(curve([1, 2], "a" * 300 + "z"), curve([1]), frame=Frame("b" * 300 + "y"))
    assert any(text.startswith("aaa") and text.endswith("z") and len(text) < 30 for text in texts(found))
    assert any(text.startswith("bbb") and text.endswith("y") and len(text) < 80 for text in texts(found))


def test_all_curves_of_a_sweep_are_drawn_and_as_many_named_as_there_is_room_for() -> None:
    found = svg(*(curve([9, 8, k], f"run {k}") for k in range(64)), names="which")
    assert marked(found) == [f"curve-{k}" for k in range(64)]
    assert {"run 0", "run 18", "and 45 more", "which"} <= set(texts(found))
    assert "run 19" not in texts(found)


def test_what_has_no_value_is_named_without_a_line() -> None:
    """As a job of a sweep that never ran: a line beside its name would be one that is nowhere in the picture."""
    given = [curve([9, 1], "ran"), curve([], "never ran")]
    found = svg(*given)
    assert {"ran", "never ran"} <= set(texts(found))
    legend = found.decode().split('<g id="legend_1">')[1]
    assert [f"stroke: {color.lower()}" in legend for color in COLORS[:2]] == [True, False]


def test_all_curves_that_are_drawn_differ() -> None:
    """By colour, dashes and marks together, whichever of them diverged; few points are marked each, and still do."""
    looks = [stroke(place, diverged=diverged) for diverged in (False, True) for place in range(MOST_CURVES)]
    assert len({str(look) for look in looks}) == 2 * MOST_CURVES
    found = svg(*(curve([9, 1, k], f"run {k}", diverged=k % 2 == 1) for k in range(MOST_CURVES)))
    assert len({look(found, f"curve-{k}") for k in range(MOST_CURVES)}) == MOST_CURVES


def test_a_name_that_is_shortened_is_told_whole_where_the_pointer_is() -> None:
    """Of wide letters fewer are shown: no name leaves the picture."""
    wide, narrow = "W" * 40, "i" * 30
    found = svg(curve([1, 2], wide), curve([2, 3], narrow), curve([4], "<b>"))
    assert hints(found) == {"curve-0": wide, "curve-1": narrow, "curve-2": "<b>"}
    shown = [text for text in texts(found) if set(text) <= {*"W…i"}]
    assert len(shown[0]) < 15
    assert shown[1] == narrow


@pytest.mark.parametrize(
    ("lengths", "diverged", "logarithmic"), [((10, 900), 0, False), ((5, 902), 0, True), ((1, 5, 902), 2, False)]
)
def test_iterations_are_logarithmic_where_curves_end_more_than_two_decades_apart(
    lengths: tuple[int, ...], diverged: int, logarithmic: bool
) -> None:
    """So a long descent squeezes none; what diverged early asks for nothing."""
    given = [curve([2.0] * length, str(length), diverged=k < diverged) for k, length in enumerate(lengths)]
    found = svg(*given)
    assert is_logarithmic(found) == logarithmic
    assert [len(vertices(found, f"curve-{k}")) for k in range(len(lengths) - 1)] == [*lengths[:-1]]


def test_no_more_curves_are_drawn_than_can_be_told_apart_and_the_legend_counts_all() -> None:
    found = svg(*(curve([9, k], f"p{k}") for k in range(1000)))
    assert len(marked(found)) == MOST_CURVES
    assert "and 981 more" in texts(found)


def test_curves_differ_without_their_colours() -> None:
    """The first seven differ in colour alone, the next in their dashes too; a diverged one is dashed like no other."""
    given = [curve([2, 1], f"run {k}") for k in range(28)]
    found = svg(*given, curve([2, 4], "wild", diverged=True))
    styles = [dashes(found, f"curve-{k}") for k in range(0, 29, 7)]
    assert len(set(styles)) == 5


def test_what_diverged_is_drawn_and_hides_nothing() -> None:
    """It leaves the picture, marked and named as diverged; the others have the room."""
    found = svg(curve([10, 5, 1]), curve([10, 1e6, 1e200], "wild", diverged=True))
    assert "wild (diverged)" in texts(found)
    assert vertices(found, "curve-1")[1][1] < 0
    heights = [y for _, y in vertices(found, "curve-0")]
    assert max(heights) - min(heights) > 100


def test_the_same_picture_is_the_same_bytes() -> None:
    for media in ("svg", "png"):
        first, second = (render(lambda: curves(FRAME, [curve([3, 2, 1])]), media) for _ in range(2))  # type: ignore[arg-type]
        assert first == second
