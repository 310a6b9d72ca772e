"""Least squares: gradients, the two ways of evaluating it, curvature and the optimum."""

import numpy as np
import pytest

from engine.arrays import all_finite
from engine.batches import Batching
from engine.errors import DataError
from engine.losses import Poisson
from engine.method import Method
from engine.moments import MomentsCost, gather_moments
from engine.optimizers import OPTIMIZERS
from engine.problems import LinearProblem, linear_problem, optimum
from engine.rows import RowsCost
from engine.schedules import Constant
from engine.spectrum import power_iteration
from engine.stopping import Limits
from tests.engine.runs import least_squares, run

RANDOM = np.random.default_rng(7)
X = RANDOM.normal(size=(60, 4)) * [1.0, 0.3, 2.0, 0.1] + [0.0, 5.0, -1.0, 0.3]
Y = X @ [1.0, -2.0, 0.5, 3.0] + 10 + RANDOM.normal(size=60)
HELD_OUT = (X[40:], Y[40:])


def from_rows(problem: LinearProblem) -> LinearProblem:
    """The same problem evaluated from its rows throughout."""
    held_out = None if problem.held_out is None else RowsCost(*HELD_OUT, intercept=problem.data.intercept)
    return problem._replace(full=problem.data, held_out=held_out)


@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("rows", [60, 3], ids=["moments", "rows"])
def test_gradient_is_the_slope_of_the_cost(rows: int, intercept: bool) -> None:
    """Central differences of the cost give the gradient, with moments and without."""
    problem = least_squares(X[:rows], Y[:rows], intercept=intercept)
    theta = RANDOM.normal(size=problem.dimension)
    steps = 1e-4 * np.eye(problem.dimension)
    cost = [[problem.cost_and_gradient(theta + sign * step)[0] for step in steps] for sign in (1, -1)]
    slopes = (np.array(cost[0]) - cost[1]) / 2e-4
    assert isinstance(problem.full, MomentsCost) is (rows > 4)
    np.testing.assert_allclose(problem.cost_and_gradient(theta)[1], slopes, rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize("intercept", [True, False])
def test_batch_gradients(intercept: bool) -> None:
    """A batch's gradient is the mean of its own rows' gradients, a short last batch included."""
    problem = least_squares(X, Y, intercept=intercept)
    theta, order = RANDOM.normal(size=problem.dimension), RANDOM.permutation(60)[:25]
    gradients = problem.batches(order, 10)
    for k, rows in enumerate([order[:10], order[10:20], order[20:]]):
        alone = RowsCost(X[rows], Y[rows], intercept).cost_and_gradient(theta)[1]
        np.testing.assert_allclose(gradients(theta, k), alone, rtol=1e-12)


@pytest.mark.parametrize("optimizer", [kind() for kind in OPTIMIZERS.values()], ids=OPTIMIZERS)
@pytest.mark.parametrize("validation", [None, HELD_OUT], ids=["all", "split"])
@pytest.mark.parametrize("size", [None, 7], ids=["full", "batch"])
@pytest.mark.parametrize("intercept", [True, False])
def test_moments_and_rows_agree(optimizer, validation, size, intercept: bool) -> None:
    """Every recorded number of a run is the same from moments and from rows, to 1e-9."""
    problem = least_squares(X[:40], Y[:40], intercept=intercept, validation=validation)
    method = Method(optimizer, Constant(0.01), Batching(size))
    fast, plain = (run(which, method, Limits(50)).points for which in (problem, from_rows(problem)))
    for one, other in zip(fast, plain, strict=True):
        # Relative to the parameters as a whole: one of them may pass through zero.
        np.testing.assert_allclose(one.theta, other.theta, rtol=1e-9, atol=1e-10)
        assert (one.cost, one.gradient_norm) == pytest.approx((other.cost, other.gradient_norm), rel=1e-9)
        assert (one.validation_cost or 0.0) == pytest.approx(other.validation_cost or 0.0, rel=1e-9)
        assert (one.validation_cost is None) is (validation is None)


@pytest.mark.parametrize("shift", [0.0, 1e6], ids=["centred", "far-from-zero"])
def test_moments_do_not_cancel(shift: float) -> None:
    """Columns far from zero in many blocks of rows give the covariances of a two-pass computation."""
    columns = np.random.default_rng(0).normal(size=(50_000, 3)) + shift
    moments = gather_moments(columns, columns.sum(axis=1), centred=True)
    joined = np.column_stack([columns, columns.sum(axis=1)])
    centred = joined - joined.mean(axis=0)
    np.testing.assert_allclose(moments.centred, centred.T @ centred / 50_000, rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(moments.means, joined.mean(axis=0), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("rows", [60, 3], ids=["moments", "rows"])
def test_curvature_is_the_spectrum(rows: int) -> None:
    """Largest and smallest non-zero eigenvalue of [X 1]ᵀ[X 1]/m, also with more columns than rows."""
    problem = least_squares(X[:rows], Y[:rows], intercept=True)
    A = np.column_stack([X[:rows], np.ones(rows)])
    values = np.linalg.svd(A, compute_uv=False) ** 2 / rows
    assert problem.curvature() == pytest.approx((values[0], values[-1], values[0] / values[-1]), rel=1e-8)
    assert power_iteration(problem.data) == pytest.approx(values[0], rel=1e-2)
    assert problem.largest_row_curvature() == pytest.approx(max((A**2).sum(axis=1)), rel=1e-14)


def test_a_duplicate_column_does_not_count_as_curvature() -> None:
    """The smallest eigenvalue is that of the directions in which the cost bends at all."""
    doubled = least_squares(np.column_stack([X, X[:, 0]]), Y, intercept=True).curvature()
    assert doubled.smallest is not None
    assert doubled.smallest > 1e-3


@pytest.mark.parametrize("noise", [0.0, 1.0], ids=["exact", "noisy"])
@pytest.mark.parametrize("intercept", [True, False])
def test_optimum(noise: float, intercept: bool) -> None:
    """The least cost is that of NumPy's least squares, also where it is zero to rounding."""
    y = X @ [1.0, -2.0, 0.5, 3.0] + intercept * 10 + noise * np.sin(np.arange(60.0))
    A = np.column_stack([X, np.ones(60)]) if intercept else X
    residual = A @ np.linalg.lstsq(A, y, rcond=None)[0] - y
    known = optimum(least_squares(X, y, intercept=intercept))
    assert known is not None
    assert known.cost == pytest.approx(residual @ residual / 120, rel=1e-10, abs=1e-20)
    assert optimum(least_squares(X[:3], y[:3], intercept=intercept)) is None


@pytest.mark.parametrize("rows", [60, 3], ids=["moments", "rows"])
@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e200], ids=str)
def test_unusable_numbers_are_refused(rows: int, bad: float) -> None:
    """A cell that is missing, infinite or too large to be squared is refused in words, not computed with."""
    spoiled = X[:rows].copy()
    spoiled[1, 2] = bad
    with pytest.raises(DataError, match=r"missing|float64"):
        least_squares(spoiled, Y[:rows], intercept=True).curvature()


def test_counts_below_zero_are_refused() -> None:
    """Poisson's loss has no value for them, in the training rows and the held-out ones."""
    for rows in (RowsCost(X, Y - 10, intercept=True, loss=Poisson()), RowsCost(X[:3], -Y[:3], True, Poisson())):
        with pytest.raises(DataError, match=rf"negative in {(rows.y < 0).sum()} rows"):
            linear_problem(RowsCost(X, np.abs(Y), intercept=True, loss=Poisson()), rows)


def test_nothing_to_fit_is_refused() -> None:
    """No column and no intercept is no model; columns of zeros have no curvature."""
    with pytest.raises(DataError, match="No column"):
        least_squares(np.empty((5, 0)), np.ones(5), intercept=False)
    with pytest.raises(DataError, match="zero"):
        least_squares(np.zeros((5, 2)), np.ones(5), intercept=False).curvature()


def test_an_intercept_alone_is_the_mean() -> None:
    """Without any column the model is the mean of the target, and the least cost half its variance."""
    problem = least_squares(np.empty((60, 0)), Y, intercept=True)
    done = run(problem, Method(OPTIMIZERS["sgd"](), Constant(1.0), Batching()), Limits(1))
    assert done.outcome.last.theta == pytest.approx([Y.mean()], rel=1e-14)
    assert done.outcome.last.cost == pytest.approx(Y.var() / 2, rel=1e-12)


def test_finite_numbers_may_have_a_sum_that_is_not() -> None:
    """Whether all are finite is a question about each, whatever their sum comes to."""
    assert all_finite(np.array([1e308, 1e308, 1.0]))
    assert not all_finite(np.array([[1.0, np.inf], [-np.inf, 2.0]]))
