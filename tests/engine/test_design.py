"""A matrix that is made when its rows are asked for is the one that is held, bit for bit."""

from typing import Any, NamedTuple

import numpy as np
import pytest

from engine.arrays import Rows
from engine.class_metrics import class_metrics
from engine.design import Design, design, materialised
from engine.errors import DataError
from engine.losses import LogLoss, Squared
from engine.metrics import regression_metrics
from engine.pieces import pieces
from engine.preparation import fit_preparation
from engine.problems import linear_problem
from engine.rows import rows_cost
from engine.scaling import Scaling
from engine.spectrum import largest_row_norm_squared, power_iteration, small_side_gram
from engine.table import CategoryColumn, NumberColumn, Table

ROWS = 30_000
RANDOM = np.random.default_rng(7)
CELLS = {name: 1e3 * RANDOM.normal(size=ROWS) + 50.0 for name in ("a", "b", "d")}
CELLS["d"][::7] = np.nan
CODES = RANDOM.integers(-1, 3, size=ROWS).astype(np.int32)
Y = CELLS["a"] - 2.0 * CELLS["b"] + RANDOM.normal(size=ROWS)
WEIGHTS = RANDOM.uniform(0.0, 2.0, size=ROWS)
CHOSEN = {
    "all": slice(0, ROWS),
    "last": slice(10_000, ROWS),
    "some": np.flatnonzero(RANDOM.uniform(size=ROWS) < 0.3),
}


class Sides(NamedTuple):
    """The same rows, made when they are asked for and held."""

    made: Design
    held: np.ndarray[Any, np.dtype[np.float64]]


def table(size: int = 4_321) -> Table:
    """The columns in pieces of so many rows."""
    at = range(size, ROWS, size)
    columns: dict[str, Any] = {name: NumberColumn(pieces(np.split(cells, at))) for name, cells in CELLS.items()}
    return columns | {"c": CategoryColumn(pieces(np.split(CODES, at)), ("u", "v", "w"))}


def sides(rows: Rows, *, intercept: bool = True, scaling: Scaling = "standard") -> Sides:
    preparation = fit_preparation(
        table(), ["a", "c", "b", "d"], rows, intercept=intercept, scaling=scaling, missing="mean", weights=None
    )
    made = design(preparation, table(), rows)
    return Sides(made, materialised(made))


@pytest.mark.parametrize("rows", CHOSEN.values(), ids=CHOSEN)
def test_any_rows_have_the_same_bits(rows: Rows) -> None:
    """A slice, or rows in any order with repeats, out of all rows or some."""
    made, held = sides(rows)
    some = np.random.default_rng(1).integers(0, len(held), size=500)
    assert made.shape == held.shape
    for part in (slice(None), slice(100, 7_000), some):
        np.testing.assert_array_equal(made[part], held[part])


@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("weighted", [True, False])
@pytest.mark.parametrize("rows", CHOSEN.values(), ids=CHOSEN)
def test_least_squares_is_the_same_problem(rows: Rows, weighted: bool, intercept: bool) -> None:
    """Its moments, and so each step of a full batch, and its metrics agree to rounding: sums have another order."""
    weights = WEIGHTS[rows] if weighted else None
    costs = [
        rows_cost(X, Y[rows], weights, intercept=intercept, loss=Squared()) for X in sides(rows, intercept=intercept)
    ]
    made, held = (linear_problem(data, data) for data in costs)
    theta = np.linspace(-1.0, 2.0, made.dimension)
    (cost, gradient), (other, same) = made.cost_and_gradient(theta), held.cost_and_gradient(theta)
    np.testing.assert_allclose((cost, *made.curvature()), (other, *held.curvature()), rtol=1e-11)
    np.testing.assert_allclose(gradient, same, rtol=1e-12, atol=1e-12 * np.abs(same).max())
    np.testing.assert_allclose(made.report(theta, gradient)[:2], held.report(theta, same)[:2], rtol=1e-12)
    one, two = (regression_metrics(data, theta) for data in costs)
    np.testing.assert_allclose(one, two, rtol=1e-12)


def test_every_reader_of_rows_takes_either() -> None:
    """Batches, spectra and the metrics of classes ask for rows, and need no array."""
    made, held = (
        rows_cost(X, (Y > 0).astype(float), WEIGHTS, intercept=True, loss=LogLoss()) for X in sides(slice(0, ROWS))
    )
    theta, order = np.linspace(-1.0, 2.0, made.dimension), np.random.default_rng(2).permutation(ROWS)
    np.testing.assert_allclose(made.cost_and_gradient(theta)[1], held.cost_and_gradient(theta)[1], rtol=1e-12)
    batches = [linear_problem(data).batches(order, 256)(theta, 3) for data in (made, held)]
    np.testing.assert_allclose(*batches, rtol=1e-12)
    np.testing.assert_allclose(small_side_gram(made), small_side_gram(held), rtol=1e-12)
    assert largest_row_norm_squared(made) == pytest.approx(largest_row_norm_squared(held), rel=1e-12)
    assert power_iteration(made) == pytest.approx(power_iteration(held), rel=1e-12)
    one, two = (class_metrics(data, theta, ("no", "yes")) for data in (made, held))
    assert one._replace(log_loss=0.0) == two._replace(log_loss=0.0)


@pytest.mark.parametrize("scaling", ["standard", "minmax", "none"])
def test_how_a_file_is_cut_does_not_show(scaling: Scaling) -> None:
    """One piece or many: the same preparation, and the same matrix."""
    found = [
        fit_preparation(table(size), list(table()), slice(None), intercept=True, scaling=scaling, missing="mean")
        for size in (1_000, ROWS)
    ]
    assert [found[0].names, found[0].features] == [found[1].names, found[1].features]
    np.testing.assert_array_equal(found[0].scale, found[1].scale)
    np.testing.assert_array_equal(found[0].shift, found[1].shift)


@pytest.mark.parametrize("weighted", [True, False])
@pytest.mark.parametrize("offset", [0.0, 1e8, -1e12])
def test_means_and_spreads_of_many_blocks_lose_no_digits(offset: float, weighted: bool) -> None:
    """Block by block they are as exact as in one pass over deviations from the mean, far from zero too."""
    cells = np.random.default_rng(3).normal(size=200_000) + offset
    weights = np.random.default_rng(4).uniform(0.5, 2.0, size=cells.size) if weighted else None
    columns = {"x": NumberColumn(pieces(np.split(cells, range(9_000, cells.size, 9_000))))}
    found = fit_preparation(columns, ["x"], slice(None), intercept=True, scaling="standard", weights=weights)
    exact = np.longdouble(cells)
    mean = np.average(exact, weights=weights)
    deviation = np.sqrt(np.average((exact - mean) ** 2, weights=weights))
    assert abs(found.shift[0] - mean) <= 2e-16 * abs(offset) + 1e-15
    assert found.scale[0] == pytest.approx(float(deviation), rel=1e-13)


def test_a_missing_cell_of_a_later_block_is_refused() -> None:
    """In the fit and in the matrix, however far behind cells that are all alike it stands."""
    cells = np.ones(200_000)
    cells[-1] = np.nan
    with pytest.raises(DataError, match="'x' has a cell that is missing"):
        fit_preparation({"x": NumberColumn(cells)}, ["x"], slice(None), intercept=True, scaling="standard")
    whole = fit_preparation(
        {"x": NumberColumn(np.arange(200_000.0))}, ["x"], slice(None), intercept=True, scaling="none"
    )
    with pytest.raises(DataError, match="'x' has a cell that is missing"):
        materialised(design(whole, {"x": NumberColumn(cells)}, slice(None)))
