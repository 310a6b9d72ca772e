"""Sample weights: J = mean(wᵢ·lossᵢ) with weights of mean one, so that integer weights equal repeated rows."""

import numpy as np
import pytest

from engine.automatic import resolve
from engine.batches import Batching
from engine.errors import DataError
from engine.losses import CrossEntropy, LogLoss, Loss, Squared
from engine.method import Method
from engine.optimizers import Adam, Momentum
from engine.problems import LinearProblem, linear_problem, optimum
from engine.rows import RowsCost, rows_cost
from engine.schedules import Constant
from engine.spectrum import power_iteration
from engine.stopping import Limits
from tests.engine.runs import run

RANDOM = np.random.default_rng(23)
X = RANDOM.normal(size=(40, 3)) + np.array([0.0, 3.0, -1.0])
W = RANDOM.integers(0, 4, size=40)
LOSSES: dict[str, tuple[Loss, np.ndarray]] = {
    "squared": (Squared(), X @ [1.0, -2.0, 0.5] + RANDOM.normal(size=40)),
    "log-loss": (LogLoss(), RANDOM.integers(0, 2, 40).astype(float)),
    "cross-entropy": (CrossEntropy(3), RANDOM.integers(0, 3, 40).astype(float)),
}
ANY = np.array([0.3, 0.0, 2.5, 1.0])


def pair(name: str, *, intercept: bool = True, wide: bool = False) -> tuple[LinearProblem, LinearProblem]:
    """The weighted problem, and the one with the rows repeated; `wide` has more columns than rows."""
    loss, y = LOSSES[name]
    inputs = np.ascontiguousarray(np.hstack([X] + [X**k for k in range(2, 18)])[:, :50] / 50) if wide else X
    weighted = rows_cost(inputs, y, 0.25 * W, intercept=intercept, loss=loss)
    repeated = rows_cost(np.repeat(inputs, W, axis=0), np.repeat(y, W), intercept=intercept, loss=loss)
    return linear_problem(weighted, weighted), linear_problem(repeated, repeated)


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("intercept", [True, False])
def test_a_run_is_that_of_repeated_rows(name: str, intercept: bool) -> None:
    """Every recorded number of a full-batch run, to 1e-9: parameters, costs, validation costs, gradient norms."""
    method = Method(Momentum(0.5), Constant(0.02), Batching())
    one, other = (run(problem, method, Limits(80)).points for problem in pair(name, intercept=intercept))
    for mine, theirs in zip(one, other, strict=True):
        np.testing.assert_allclose(mine.theta, theirs.theta, rtol=1e-9, atol=1e-12)
        numbers = [(point.cost, point.validation_cost, point.gradient_norm) for point in (mine, theirs)]
        assert numbers[0] == pytest.approx(numbers[1], rel=1e-9)


@pytest.mark.parametrize("name", LOSSES)
def test_curvature_and_automatic_rates_are_those_of_repeated_rows(name: str) -> None:
    """So that "auto" does not depend on how the same rows were written."""
    weighted, repeated = pair(name)
    assert weighted.curvature() == pytest.approx(repeated.curvature(), rel=1e-9)
    assert power_iteration(weighted.data) == pytest.approx(power_iteration(repeated.data), rel=1e-9)
    for optimizer in ("auto", Adam()):
        one, other = (resolve(problem, Batching(), optimizer, "auto") for problem in (weighted, repeated))
        assert one.schedule[:2] == pytest.approx(other.schedule[:2], rel=1e-9)


def test_the_optimum_is_that_of_repeated_rows() -> None:
    weighted, repeated = (optimum(problem) for problem in pair("squared"))
    assert weighted is not None
    assert weighted == pytest.approx(repeated, rel=1e-12)


def test_more_columns_than_rows() -> None:
    """The path without moments, and its curvature, count weights in the same way."""
    weighted, repeated = pair("squared", wide=True)
    assert isinstance(weighted.full, RowsCost)
    theta = np.random.default_rng(1).normal(size=weighted.dimension)
    for one, other in zip(weighted.cost_and_gradient(theta), repeated.data.cost_and_gradient(theta), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-9)
    assert weighted.curvature().largest == pytest.approx(repeated.curvature().largest, rel=1e-9)


def test_a_long_row_of_zeros() -> None:
    """Blocks of rows that all have weight zero leave no trace, wherever they stand."""
    inputs, y = np.random.default_rng(4).normal(size=(200_000, 2)), np.arange(200_000.0)
    weights = np.zeros(200_000)
    weights[100_000:100_050] = 1.0
    some = slice(100_000, 100_050)
    one = optimum(linear_problem(rows_cost(inputs, y, weights, intercept=True, loss=Squared())))
    other = optimum(linear_problem(rows_cost(inputs[some], y[some], intercept=True, loss=Squared())))
    assert one is not None
    assert one == pytest.approx(other, rel=1e-9)


@pytest.mark.parametrize("name", LOSSES)
def test_batches_are_means_of_weighted_gradients(name: str) -> None:
    """A batch's gradient is 1/|B| Σ wᵢ gᵢ with weights of mean one over all rows, a short last batch included."""
    problem, _ = pair(name)
    loss, y = LOSSES[name]
    theta, order = np.random.default_rng(2).normal(size=problem.dimension), np.arange(40)[::-1]
    gradients, weights = problem.batches(order, 16), W / W.mean()
    for k, rows in enumerate([order[:16], order[16:32], order[32:]]):
        alone = [RowsCost(X[[i]], y[[i]], intercept=True, loss=loss).cost_and_gradient(theta)[1] for i in rows]
        expected = sum(weights[i] * gradient for i, gradient in zip(rows, alone, strict=True)) / rows.size
        np.testing.assert_allclose(gradients(theta, k), expected, rtol=1e-9, atol=1e-12)


def test_the_steepest_row_is_a_weighted_one() -> None:
    """Rates of small batches follow from the largest wᵢ(‖xᵢ‖² + 1)."""
    problem, _ = pair("squared")
    expected = (W / W.mean() * ((X**2).sum(axis=1) + 1)).max()
    assert problem.largest_row_curvature() == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    "weights",
    [
        np.array([1.0, -1, 1, 1]),
        np.zeros(4),
        np.array([1.0, np.inf, 1, 1]),
        np.full(4, 1e308),
        np.array([1, np.nan, 1, 1]),
    ],
    ids=["negative", "zero", "infinite", "sum", "missing"],
)
def test_weights_that_cannot_be_used_are_refused(weights: np.ndarray) -> None:
    with pytest.raises(DataError, match=r"[Ww]eights"):
        rows_cost(X[:4], np.ones(4), weights, intercept=True, loss=Squared())


@pytest.mark.parametrize("scale", [1e-310, 1e-3, 1e300], ids=str)
def test_the_size_of_weights_does_not_matter(scale: float) -> None:
    """Only their ratios do, however small or large they are."""
    one, other = (rows_cost(X[:4], np.ones(4), w, intercept=True, loss=Squared()) for w in (ANY, scale * ANY))
    assert one.cost(np.ones(4)) == pytest.approx(other.cost(np.ones(4)), rel=1e-6)
