"""A model beside its rows: every row is a mark, every class a curve or a line of the matrix."""

import numpy as np
import pytest

from service.plot_canvas import Frame, render
from service.plot_fit import MOST_COUNTED, against_target, confusion, line_of_fit, probabilities
from tests.support.pictures import marks, size, texts, vertices

FRAME = Frame("Fit: linear model of y", "succeeded", "x", "y")
X = np.linspace(-1, 1, 7)


def test_rows_and_the_line_of_a_fit() -> None:
    found = render(lambda: line_of_fit(FRAME, X, X**2, X[:3], X[:3]), "svg")
    assert {"rows", "prediction", "x", "y"} <= set(texts(found))
    assert (marks(found, "rows-0"), len(vertices(found, "fit-0"))) == (7, 3)


def test_predictions_against_targets_with_the_line_of_equals() -> None:
    found = render(lambda: against_target(FRAME, X, 2 * X), "svg")
    assert "prediction = target" in texts(found)
    assert (marks(found, "rows-0"), len(vertices(found, "equal-0"))) == (7, 2)


@pytest.mark.parametrize("rows", [0, 1])
def test_few_rows_are_drawn_too(rows: int) -> None:
    x = X[:rows]
    assert marks(render(lambda: against_target(FRAME, x, x), "svg"), "rows-0") == rows
    assert marks(render(lambda: line_of_fit(FRAME, x, x, x, x), "svg"), "rows-0") == rows


@pytest.mark.parametrize("classes", [["no", "yes"], ["_a", "$b$", "<c>", "d", "e"]], ids=len)
def test_each_class_has_a_curve_and_its_rows(classes: list[str]) -> None:
    shares = np.full((7, len(classes)), 1 / len(classes))
    codes = np.arange(7) % len(classes)
    found = render(lambda: probabilities(FRAME, X, codes, X, shares, classes), "svg")
    assert set(classes) <= set(texts(found))
    assert [marks(found, f"rows-{k}") for k in range(len(classes))] == np.bincount(codes).tolist()
    assert [len(vertices(found, f"class-{k}")) for k in range(len(classes))] == [7] * len(classes)


def test_the_counts_of_a_matrix_stand_in_it() -> None:
    found = render(lambda: confusion(FRAME, ["no", "$yes$"], np.array([[90.0, 7.0], [3.0, 123456.0]])), "svg")
    assert {"no", "$yes$", "90", "7", "3", "123456", "rows"} <= set(texts(found))


@pytest.mark.parametrize("count", [1, MOST_COUNTED + 1, 200])
def test_a_matrix_of_many_classes_is_legible_as_shades(count: int) -> None:
    names = [f"a class with a long name {k}" for k in range(count)]
    counts = np.eye(count) * 7531
    found = render(lambda: confusion(FRAME, names, counts), "svg")
    assert ("7531" in texts(found)) == (count <= MOST_COUNTED)
    assert sum(text.startswith("a class") for text in texts(found)) <= 42
    assert len(found) < 500_000
    assert size(render(lambda: confusion(FRAME, names, counts), "png")) == (800, 500)


def test_a_matrix_of_no_rows_can_be_drawn() -> None:
    assert texts(render(lambda: confusion(FRAME, ["a", "b"], np.zeros((2, 2))), "svg")).count("0") >= 4
