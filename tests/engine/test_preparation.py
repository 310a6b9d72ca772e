"""Preparation: what the training rows fix, the matrix, and the way of the parameters back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.design import design_matrix
from engine.errors import DataError, InitialError
from engine.parameters import Parameters, to_fit, to_original
from engine.preparation import Preparation, fit_preparation
from engine.scaling import DivideBy
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
    assert (preparation.features[2].levels, preparation.features[2].held_out) == (("a", "b"), ("z",))
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
    preparation = Preparation((), names, intercept is not None, shift, scale, ())
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


NAN = float("nan")
GAPS = {
    "w": numbers(1.0, 0.0, 3.0, 1.0, 2.0),
    "x": numbers(4.0, 1e300, NAN, 8.0, 7.0),
    "c": categories("b", "rare", "a", "", "b", levels=("b", "a", "rare")),
}


@pytest.mark.parametrize("intercept", [True, False])
def test_minmax(intercept: bool) -> None:
    """Training rows lie between zero and one, levels stay; without an intercept there is no shift."""
    preparation = fit_preparation(TABLE, ["rooms", "river"], np.array([0, 1, 2]), intercept=intercept, scaling="minmax")
    X = design_matrix(preparation, TABLE, ALL)
    rooms = np.array([1.0, 2.0, 3.0, 6.0])
    np.testing.assert_allclose(X[:, 0], (rooms - intercept) / 2, rtol=1e-15)
    assert X[:, -1].tolist() == [1, 0, 1, 0]


def test_divide_by() -> None:
    """Numbers are divided by the given one, levels stay."""
    preparation = fit_preparation(TABLE, ["rooms", "river"], ALL, intercept=True, scaling=DivideBy(4.0))
    assert design_matrix(preparation, TABLE, ALL).tolist() == [[0.25, 1], [0.5, 0], [0.75, 1], [1.5, 0]]


def test_missing_cells_are_filled_from_training_rows() -> None:
    """Numbers with the mean, categories with the most frequent level, the first in code-point order of several."""
    table = {"x": numbers(1.0, NAN, 3.0, 100.0, NAN), "c": categories("b", "b", "a", "a", "", levels=("b", "a"))}
    preparation = fit_preparation(
        table, ["x", "c"], np.array([0, 1, 2, 4]), intercept=True, scaling="none", missing="mean"
    )
    assert design_matrix(preparation, table, ALL).tolist() == [[1, 1], [2, 1], [3, 0], [100, 0], [2, 1]]
    tied = fit_preparation(table, ["c"], np.arange(4), intercept=True, scaling="none", missing="mean")
    assert tied.features[0].fill == "a"


def test_filled_cells_count_in_statistics() -> None:
    """Two of four rows have a, one has b, and the row without a level counts as a third a."""
    table = {"c": categories("a", "b", "", "a", levels=("b", "a"))}
    preparation = fit_preparation(table, ["c"], ALL, intercept=True, scaling="standard", missing="mean")
    assert preparation.shift.tolist() == [0.25]


def test_unseen_levels_are_filled_too() -> None:
    """With missing "mean" a level that training did not have counts as the most frequent one."""
    preparation = fit_preparation(
        TABLE, ["river"], np.array([0, 1, 2]), intercept=False, scaling="none", missing="mean"
    )
    assert preparation.names == ("river=no", "river=yes")
    other = {"river": categories("maybe", "no", "", levels=("no", "maybe"))}
    assert design_matrix(preparation, other, ALL).tolist() == [[0, 1], [1, 0], [0, 1]]


@pytest.mark.parametrize("scaling", ["standard", "minmax", "none"])
def test_weights_are_repeated_rows(scaling) -> None:
    """Means, stds, extremes, fills and constant columns are those of rows repeated by their weights; zero is none."""
    repeated = np.repeat(np.arange(5), GAPS["w"].values.astype(int))
    weighted, plain = (
        fit_preparation(GAPS, ["x", "c"], rows, intercept=True, scaling=scaling, missing="mean", weights=weights)
        for rows, weights in ((ALL, GAPS["w"].values), (repeated, None))
    )
    assert weighted.features == (
        plain.features[0]._replace(fill=pytest.approx(plain.features[0].fill, rel=1e-15)),
        plain.features[1],
    )
    assert (weighted.names, weighted.constant) == (plain.names, plain.constant) == (("x", "c=b"), ("c=rare",))
    np.testing.assert_allclose(weighted.shift, plain.shift, rtol=1e-14)
    np.testing.assert_allclose(weighted.scale, plain.scale, rtol=1e-14)


@pytest.mark.parametrize(
    "column", [numbers(NAN, NAN, 1.0), categories("", "", "a", levels=("a",))], ids=["number", "text"]
)
def test_a_column_without_a_cell_in_training_is_constant(column) -> None:
    """Nothing can be learnt of it, so it has no coefficient."""
    preparation = fit_preparation(
        {"x": column}, ["x"], np.array([0, 1]), intercept=True, scaling="standard", missing="mean"
    )
    assert (preparation.names, preparation.constant) == ((), ("x",))
    assert design_matrix(preparation, {"x": column}, ALL).shape == (3, 0)


def test_training_rows_without_weight_are_refused() -> None:
    """There is nothing to take means from."""
    with pytest.raises(DataError, match="no row counts"):
        fit_preparation(TABLE, ["rooms"], ALL, intercept=True, scaling="none", weights=np.zeros(4))


def test_a_number_column_that_is_text_is_refused() -> None:
    """Held-out rows of another dataset may have another type of column under the name."""
    preparation = fit_preparation(TABLE, ["rooms"], ALL, intercept=True, scaling="none")
    with pytest.raises(DataError, match="is text here"):
        design_matrix(preparation, {"rooms": TABLE["river"]}, ALL)
