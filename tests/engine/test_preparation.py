"""Preparation: what the training rows fix, the matrix, and the way of the parameters back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import DataError, InitialError
from engine.preparation import Parameters, Preparation, design_matrix, fit_preparation, to_fit, to_original
from engine.table import CategoryColumn, NumberColumn

ALL = slice(None)


def numbers(*values: float) -> NumberColumn:
    return NumberColumn(np.array(values))


def categories(*values: str, levels: tuple[str, ...]) -> CategoryColumn:
    return CategoryColumn(np.array([levels.index(v) if v else -1 for v in values], dtype=np.int32), levels)


TABLE = {
    "rooms": numbers(1.0, 2.0, 3.0, 6.0),
    "same": numbers(5.0, 5.0, 5.0, 5.0),
    "river": categories("yes", "no", "yes", "no", levels=("yes", "no", "unused")),
    "only": categories("a", "a", "a", "a", levels=("a",)),
}


def test_standard_scaling_and_one_hot() -> None:
    """Columns get mean 0 and population std 1, one-hot ones too; constant ones go, the first level goes."""
    preparation = fit_preparation(TABLE, list(TABLE), ALL, intercept=True, scaling="standard")
    X = design_matrix(preparation, TABLE, ALL)
    assert preparation.names == ("rooms", "river=yes")
    assert sorted(preparation.constant) == ["only", "same"]
    assert preparation.shift.tolist() == [3.0, 0.5]
    np.testing.assert_allclose(X, [[-2, 1], [-1, -1], [0, 1], [3, -1]] / np.array([np.sqrt(3.5), 1]), rtol=1e-15)
    assert X.flags.c_contiguous


def test_without_intercept_all_levels_stay_and_nothing_is_centred() -> None:
    """No level can be the baseline without an intercept, and zero stays zero."""
    preparation = fit_preparation(TABLE, ["rooms", "river"], ALL, intercept=False, scaling="standard")
    X = design_matrix(preparation, TABLE, ALL)
    assert preparation.names == ("rooms", "river=no", "river=yes")
    assert preparation.shift.tolist() == [0.0, 0.0, 0.0]
    np.testing.assert_allclose(X, [[1, 0, 1], [2, 1, 0], [3, 0, 1], [6, 1, 0]] / preparation.scale, rtol=1e-15)


def test_scaling_none_keeps_the_numbers() -> None:
    """Nothing is moved or divided."""
    preparation = fit_preparation(TABLE, ["rooms", "river"], ALL, intercept=True, scaling="none")
    assert design_matrix(preparation, TABLE, ALL).tolist() == [[1, 1], [2, 0], [3, 1], [6, 0]]


def test_held_out_rows_do_not_influence_statistics() -> None:
    """Means, stds and constant columns come from training rows; only levels come from all rows."""
    table = {
        "x": numbers(1.0, 3.0, 1e9),
        "flag": numbers(2.0, 2.0, 7.0),
        "c": categories("a", "b", "z", levels=("a", "b", "z")),
    }
    preparation = fit_preparation(table, list(table), np.array([0, 1]), intercept=True, scaling="standard")
    assert (preparation.shift[0], preparation.scale[0]) == (2.0, 1.0)
    assert preparation.names == ("x", "c=b")
    assert sorted(preparation.constant) == ["c=z", "flag"]
    assert preparation.levels == {"c": ("a", "b", "z")}
    assert design_matrix(preparation, table, np.array([2])).tolist() == [[1e9 - 2, -1.0]]


def test_levels_are_in_code_point_order() -> None:
    """The order of the codes does not matter, and another table may number its levels differently."""
    table = {"c": categories("b", "é", "Z", "a", levels=("é", "b", "Z", "a"))}
    other = {"c": categories("a", "é", levels=("a", "é"))}
    preparation = fit_preparation(table, ["c"], ALL, intercept=False, scaling="none")
    assert preparation.names == ("c=Z", "c=a", "c=b", "c=é")
    assert design_matrix(preparation, other, ALL).tolist() == [[0, 1, 0, 0], [0, 0, 0, 1]]


@pytest.mark.parametrize(
    ("column", "match"),
    [
        (categories("no", "maybe", levels=("no", "maybe")), "levels that training did not have: maybe"),
        (categories("no", "", levels=("no",)), "missing"),
        (numbers(0.0, 1.0), "category in training"),
    ],
    ids=["unseen", "missing", "number"],
)
def test_categories_that_do_not_fit_are_refused(column, match: str) -> None:
    """A level that training did not have has no coefficient."""
    preparation = fit_preparation(TABLE, ["river"], ALL, intercept=True, scaling="none")
    with pytest.raises(DataError, match=match):
        design_matrix(preparation, {"river": column}, ALL)


@pytest.mark.parametrize(
    "column", [numbers(1.0, np.nan), categories("a", "", levels=("a",))], ids=["number", "category"]
)
def test_missing_cells_are_refused(column) -> None:
    """The column is named."""
    with pytest.raises(DataError, match="'x' has a cell that is missing"):
        fit_preparation({"x": column}, ["x"], ALL, intercept=True, scaling="standard")


def test_missing_cells_of_held_out_rows_are_refused() -> None:
    """They are found when their rows are read."""
    table = {"w": numbers(1.0, 2.0, 3.0), "x": numbers(1.0, 2.0, np.nan)}
    preparation = fit_preparation(table, ["w", "x"], np.array([0, 1]), intercept=True, scaling="standard")
    with pytest.raises(DataError, match="'x'"):
        design_matrix(preparation, table, np.array([2]))


@pytest.mark.parametrize("rows", [ALL, slice(10, 90_000), np.arange(100, 90_000), np.arange(0, 100_000, 3)])
def test_blocks_and_row_numbers_do_not_show(rows) -> None:
    """Any choice of rows gives those rows of the whole matrix."""
    random = np.random.default_rng(0)
    table = {"a": NumberColumn(random.normal(size=100_000)), "b": NumberColumn(random.normal(size=100_000))}
    preparation = fit_preparation(table, ["a", "b"], ALL, intercept=True, scaling="standard")
    expected = np.column_stack([(c.values - c.values.mean()) / c.values.std() for c in table.values()])
    np.testing.assert_allclose(design_matrix(preparation, table, rows), expected[rows], rtol=1e-12, atol=1e-12)


finite = st.floats(-1e6, 1e6).map(lambda value: round(value, 3))


@given(st.lists(st.tuples(finite, finite, st.floats(1e-8, 1e8)), min_size=1, max_size=6), st.none() | finite)
def test_round_trip(columns: list[tuple[float, float, float]], intercept: float | None) -> None:
    """to_fit undoes to_original, and both describe the same predictions."""
    names = tuple(f"x{j}" for j in range(len(columns)))
    weights, shift, scale = (np.array(side) for side in zip(*columns, strict=True))
    shift = shift * scale if intercept is not None else 0 * shift
    preparation = Preparation((), names, intercept is not None, shift, scale, (), {})
    theta = weights if intercept is None else np.append(weights, intercept)
    original = to_original(preparation, theta)
    size = 1 + np.abs(theta).max() * (1 + np.abs(shift / scale).max())
    np.testing.assert_allclose(to_fit(preparation, original), theta, rtol=1e-9, atol=1e-12 * size)
    x = shift + 2 * scale
    predicted = sum(original.coefficients[name] * x[j] for j, name in enumerate(names)) + (original.intercept or 0.0)
    assert predicted == pytest.approx(2 * weights.sum() + (intercept or 0.0), rel=1e-9, abs=1e-10 * size)


@pytest.mark.parametrize(
    ("parameters", "match"),
    [
        (Parameters(0.0, {}), "missing .'rooms'"),
        (Parameters(0.0, {"rooms": 1.0, "roms": 1.0}), "unknown .'roms'"),
        (Parameters(None, {"rooms": 1.0}), "intercept"),
    ],
)
def test_wrong_initial_names_are_refused(parameters: Parameters, match: str) -> None:
    """The text names what is missing and what is unknown."""
    preparation = fit_preparation(TABLE, ["rooms", "same"], ALL, intercept=True, scaling="standard")
    with pytest.raises(InitialError, match=match):
        to_fit(preparation, parameters)


def test_initial_may_name_dropped_columns() -> None:
    """A constant column has no coefficient in the fit, but whoever gives one is not wrong."""
    preparation = fit_preparation(TABLE, ["rooms", "same"], ALL, intercept=True, scaling="none")
    assert to_fit(preparation, Parameters(1.0, {"rooms": 2.0, "same": 3.0})).tolist() == [2.0, 1.0]
