"""Gradients of every model, loss and penalty are slopes of the cost, for the full batch and for each batch."""

import numpy as np
import pytest

from engine.class_weights import weigh_classes
from engine.loss_formulas import PAIRS
from engine.losses import LOSSES, CrossEntropy, Huber, Loss, Quantile
from engine.penalties import L2, NO_PENALTY, Penalty
from engine.problems import LinearProblem, linear_problem
from engine.rows import rows_cost

RANDOM = np.random.default_rng(41)
ROWS = 40
X = RANDOM.normal(size=(ROWS, 3))
NUMBERS = X @ [1.0, -2.0, 0.5] + RANDOM.normal(size=ROWS)
TWO, THREE = RANDOM.integers(0, 2, ROWS) * 1.0, RANDOM.integers(0, 3, ROWS) * 1.0
OF_CLASSES = {"log_loss", "hinge", "squared_hinge"}
EXAMPLES: dict[str, tuple[Loss, np.ndarray]] = {
    **{name: (kind(), TWO if name in OF_CLASSES else NUMBERS) for name, kind in LOSSES.items()},
    "huber-2": (Huber(2.0), NUMBERS),
    "quantile-0.9": (Quantile(0.9), NUMBERS),
    "poisson": (LOSSES["poisson"](), RANDOM.poisson(2.0, ROWS) * 1.0),
    "softmax": (CrossEntropy(3), THREE),
}
WEIGHTS = {"plain": None, "weighted": RANDOM.integers(0, 4, ROWS) * 1.0}
CASES = [
    pytest.param(name, weights, factors, penalty, id="-".join([name, weights, *["class"] * factors, str(penalty)]))
    for name, (_, y) in EXAMPLES.items()
    for weights in WEIGHTS
    for penalty in (NO_PENALTY, L2(0.3))
    for factors in ((False, True) if y is not NUMBERS and name != "poisson" else (False,))
]


def problem_of(name: str, weights: str, factors: bool, penalty: Penalty, intercept: bool) -> LinearProblem:
    loss, y = EXAMPLES[name]
    data = rows_cost(X, y, WEIGHTS[weights], intercept=intercept, loss=loss)
    return linear_problem(weigh_classes(data, np.array([0.5, 2.0, 1.5])) if factors else data, penalty=penalty)


def slopes(cost, theta: np.ndarray, step: float = 1e-6) -> list[float]:
    """Central differences in every direction of theta."""
    return [(cost(theta + one) - cost(theta - one)) / (2 * step) for one in step * np.eye(theta.size)]


@pytest.mark.parametrize("intercept", [True, False], ids=["intercept", "none"])
@pytest.mark.parametrize(("name", "weights", "factors", "penalty"), CASES)
def test_the_gradient_is_the_slope_of_the_cost(
    name: str, weights: str, factors: bool, penalty: Penalty, intercept: bool
) -> None:
    problem = problem_of(name, weights, factors, penalty, intercept)
    theta = np.random.default_rng(0).normal(size=problem.dimension)
    expected = slopes(lambda at: problem.cost_and_gradient(at)[0], theta)
    np.testing.assert_allclose(problem.cost_and_gradient(theta)[1], expected, rtol=1e-6, atol=1e-8)
    assert problem.cost(theta) == pytest.approx(problem.cost_and_gradient(theta)[0], rel=1e-12)


@pytest.mark.parametrize("intercept", [True, False], ids=["intercept", "none"])
@pytest.mark.parametrize(("name", "weights", "factors", "penalty"), CASES)
def test_the_gradient_of_a_batch_is_the_slope_of_its_mean(
    name: str, weights: str, factors: bool, penalty: Penalty, intercept: bool
) -> None:
    """1/|B| Σ wᵢ lᵢ over the batch's own rows, with weights of mean one over all rows; the last batch is short."""
    problem = problem_of(name, weights, factors, penalty, intercept)
    data, order = problem.data, np.random.default_rng(1).permutation(ROWS)
    inputs = np.column_stack([X, np.ones(ROWS)]) if intercept else X
    theta, gradients = np.random.default_rng(2).normal(size=problem.dimension), problem.batches(order, 16)
    for k, rows in enumerate([order[:16], order[16:32], order[32:]]):

        def mean(at: np.ndarray, rows: np.ndarray = rows) -> float:
            scores = inputs[rows] @ at.reshape(data.shape).T
            losses = PAIRS[type(data.loss)].value(data.loss, scores, data.y[rows])
            pull = 0.0 if problem.ridge is None else 0.5 * float((problem.ridge * at).dot(at))
            return pull + float((losses if data.weights is None else losses * data.weights[rows]).mean())

        np.testing.assert_allclose(gradients(theta, k), slopes(mean, theta), rtol=1e-6, atol=1e-8)
