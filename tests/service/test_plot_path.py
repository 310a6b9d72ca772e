"""A function and the way over it: each step is a vertex, and what a path does cannot break a picture."""

from collections.abc import Callable

import numpy as np
import pytest

from engine.arrays import FloatArray
from service.plot_canvas import Frame, render
from service.plot_path import (
    ACROSS,
    MOST_POINTS,
    around,
    contour_levels,
    contours_and_path,
    curve_and_path,
    slope_and_path,
)
from tests.support.pictures import marked, size, texts, vertices

FRAME = Frame("Path: x**2", "succeeded", "x", "cost")
WAY = 5 * 0.8 ** np.arange(21)
NAN, INF = float("nan"), float("inf")


def square(points: FloatArray) -> FloatArray:
    with np.errstate(all="ignore"):
        return np.asarray(points**2 if points.ndim == 1 else (points**2).sum(axis=0))


def double(points: FloatArray) -> FloatArray:
    return 2 * points


def test_the_steps_of_a_path_lie_on_the_curve() -> None:
    found = render(lambda: curve_and_path(FRAME, square, WAY), "svg")
    assert {"x", "cost", "function", "path", "start", "end"} <= set(texts(found))
    assert len(vertices(found, "path-0")) == len(WAY)
    assert {"start-0", "end-0"} <= set(marked(found))
    curve = np.array(vertices(found, "function-0"))
    for x, y in vertices(found, "path-0"):
        assert np.interp(x, *curve.T) == pytest.approx(y, abs=0.1)


def test_the_slope_has_a_line_of_zero_and_ends_on_it() -> None:
    found = render(lambda: slope_and_path(FRAME, double, WAY, (-10, 10)), "svg")
    zero = vertices(found, "zero-0")[0][1]
    assert vertices(found, "path-0")[-1][1] == pytest.approx(zero, abs=1.5)
    assert abs(vertices(found, "path-0")[0][1] - zero) > 50
    assert {"derivative", "\N{MINUS SIGN}10.0", "10.0"} <= set(texts(found))


def test_contours_have_the_path_and_a_scale() -> None:
    way = np.column_stack([WAY, 1.6 * WAY])
    found = render(lambda: contours_and_path(Frame("P", "", "x", "y"), square, way), "svg")
    assert {"x", "y", "cost", "path", "start", "end"} <= set(texts(found))
    assert len(vertices(found, "path-0")) == len(WAY)
    assert len(found) < 60_000


def test_contours_lie_where_the_function_has_their_level() -> None:
    """Whatever vertices were left out; and each level is there."""
    axes = contours_and_path(FRAME, square, np.zeros((0, 2)), (-1, 1)).axes[0]
    *contours, everything = [paths.get_paths()[0].vertices for paths in reversed(axes.collections)]
    x, y = np.meshgrid(*2 * [np.linspace(-1, 1, ACROSS)])
    levels = contour_levels(x**2 + y**2)
    assert np.abs(everything).max(axis=0) == pytest.approx([1, 1])
    for level, corners in zip(levels, contours, strict=True):
        inner = corners[np.abs(corners).max(axis=1) < 0.99]
        assert square(inner.T) == pytest.approx(level, abs=3e-3)
        assert len(inner) > 4


def test_vertices_are_sent_to_a_hundredth_of_a_point_and_texts_as_they_are() -> None:
    name = 'a <path d="1.23456789"'
    found = render(lambda: curve_and_path(Frame(name), square, WAY), "svg")
    assert name in texts(found)
    assert max(len(f"{y}".partition(".")[2]) for _, y in vertices(found, "function-0")) == 2


def test_a_long_path_is_thinned_and_keeps_its_end() -> None:
    way = np.linspace(9, 1, 9_999)
    points = vertices(render(lambda: curve_and_path(FRAME, square, way), "svg"), "path-0")
    assert 500 < len(points) <= MOST_POINTS + 1
    whole = vertices(render(lambda: curve_and_path(FRAME, square, way[[0, -1]]), "svg"), "path-0")
    assert [points[0], points[-1]] == whole


WAYS = [[], [3], [0, 0], [NAN], [NAN, 1], [INF, 2], [1e308, -1e308], [1e99, -1e99], [1e-300, 2e-300], [7, 7 + 1e-15]]


@pytest.mark.parametrize("way", WAYS, ids=str)
@pytest.mark.parametrize("draw", [curve_and_path, slope_and_path])
def test_any_path_of_one_variable_can_be_drawn(draw: Callable[..., object], way: list[float]) -> None:
    assert texts(render(lambda: draw(FRAME, square, np.array(way)), "svg"))  # type: ignore[arg-type, return-value]


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_any_path_of_two_variables_can_be_drawn(way: list[float]) -> None:
    points = np.column_stack([way, way[::-1]])
    assert size(render(lambda: contours_and_path(FRAME, square, points), "png")) == (800, 500)


@pytest.mark.parametrize("height", [0.0, 1e-320, NAN, INF, -INF, 1e308])
def test_a_function_of_one_value_or_of_none_can_be_drawn(height: float) -> None:
    way = np.column_stack([WAY, WAY])
    for media in ("svg", "png"):
        assert render(lambda: curve_and_path(FRAME, lambda x: np.full(x.shape, height), WAY), media)  # type: ignore[arg-type]
        assert render(lambda: contours_and_path(FRAME, lambda x: np.full(x.shape[1], height), way), media)  # type: ignore[arg-type]


def test_an_axis_shows_all_of_a_path_with_room() -> None:
    assert around(np.array([1.0, 3.0])) == (0.5, 3.5)
    assert around(np.array([5.0])) == (0.0, 10.0)
    assert around(np.array([])) == (-1.0, 1.0)


def test_contours_are_closer_where_the_function_is_low() -> None:
    levels = contour_levels(np.linspace(3, 1003, 5000))
    assert (np.diff(levels) > 0).all()
    assert (np.diff(levels, 2) > 0).all()
    assert levels[0] < 4
