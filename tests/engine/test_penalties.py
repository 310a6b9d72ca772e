"""Penalties: by hand, by central differences, and optima of a peer with the same exact zeros."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.automatic import resolve
from engine.batches import Batching
from engine.errors import StepError
from engine.losses import CrossEntropy, LogLoss, Loss, Squared
from engine.method import Method
from engine.moments import MomentsCost
from engine.optimizers import Momentum, Optimizer, Sgd
from engine.penalties import L1, L2, NO_PENALTY, PENALTIES, ElasticNet, Penalty, SoftThreshold, shares
from engine.problems import LinearProblem, RidgeCost, linear_problem, optimum
from engine.proximal import proximal_step
from engine.rows import rows_cost
from engine.schedules import Constant, Cosine, Exponential, InverseTime, Piecewise, Polynomial, Schedule
from engine.stopping import Limits
from engine.table import NumberColumn
from tests.engine.runs import run

OPTIMA = json.loads((Path(__file__).parent / "data" / "penalised_optima.json").read_text())["optima"]
RANDOM = np.random.default_rng(12)
X = RANDOM.normal(size=(40, 3)) + np.array([0.0, 2.0, -1.0])
W = RANDOM.integers(0, 4, 40).astype(float)
TARGETS: dict[str, tuple[Loss, np.ndarray]] = {
    "squared": (Squared(), X @ [1.0, -2.0, 0.0] + 5 + RANDOM.normal(size=40)),
    "log-loss": (LogLoss(), RANDOM.integers(0, 2, 40).astype(float)),
    "cross-entropy": (CrossEntropy(3), RANDOM.integers(0, 3, 40).astype(float)),
}
KINDS = {"l1": L1(0.3), "l2": L2(0.3), "elastic_net": ElasticNet(0.3, 0.25)}


def problem_of(
    name: str, penalty: Penalty, weights: np.ndarray | None = None, *, intercept: bool = True, inputs: np.ndarray = X
) -> LinearProblem:
    loss, y = TARGETS[name]
    data = rows_cost(inputs, y[: len(inputs)], weights, intercept=intercept, loss=loss)
    return linear_problem(data, data, penalty)


def from_diabetes(optimum: dict[str, Any], diabetes: dict[str, NumberColumn]) -> LinearProblem:
    """The problem of data/penalised_optima.py."""
    columns = np.column_stack([column.values for name, column in diabetes.items() if name != "progression"])
    y = diabetes["progression"].values
    third = np.searchsorted(np.quantile(y, [1 / 3, 2 / 3]), y).astype(float)
    loss, target = {
        "linear": (Squared(), y),
        "logistic": (LogLoss(), (y > 140) * 1.0),
        "softmax": (CrossEntropy(3), third),
    }[optimum["model"]]
    X = np.ascontiguousarray((columns - columns.mean(axis=0)) / columns.std(axis=0))
    weights = 1.0 + np.arange(len(y)) % 3 if optimum["weighted"] else None
    return linear_problem(rows_cost(X, target, weights, intercept=True, loss=loss), None, of(optimum["penalty"]))


def of(given: dict[str, Any]) -> Penalty:
    return PENALTIES[given["name"]](**{name: value for name, value in given.items() if name != "name"})


def label(optimum: dict[str, Any]) -> str:
    parts = [optimum["model"], *map(str, optimum["penalty"].values()), "weighted" * optimum["weighted"]]
    return "-".join(filter(None, parts))


@pytest.mark.parametrize(
    ("penalty", "expected"),
    [(NO_PENALTY, (0, 0)), (L1(2.0), (2, 0)), (L2(2.0), (0, 2)), (ElasticNet(2.0, 0.25), (0.5, 1.5))],
    ids=["none", "l1", "l2", "elastic_net"],
)
def test_every_penalty_is_two_shares(penalty: Penalty, expected: tuple[float, float]) -> None:
    assert shares(penalty) == expected


def test_the_soft_threshold_by_hand() -> None:
    """It moves by rate · strength towards zero, no further, and leaves alone what has no strength."""
    soft = SoftThreshold(np.array([1.0, 1.0, 1.0, 2.0, 0.0]))
    theta = np.array([3.0, -3.0, 0.4, -0.9, 0.1])
    landing = soft(theta, 0.5)
    assert landing.tolist() == [2.5, -2.5, 0.0, 0.0, 0.1]
    assert not np.signbit(landing[[2, 3]]).any()
    assert soft.cost(theta) == pytest.approx(3 + 3 + 0.4 + 1.8)


def test_the_subgradient_of_least_norm_by_hand() -> None:
    """Where a coefficient is zero, the strength takes off what it can of the gradient."""
    soft = SoftThreshold(np.array([1.0, 1.0, 1.0, 1.0, 0.0]))
    theta, gradient = np.array([2.0, -2.0, 0.0, 0.0, 0.0]), np.array([0.5, 0.5, 0.8, -1.5, 0.7])
    assert soft.subgradient(theta, gradient).tolist() == [1.5, -0.5, 0.0, -0.5, 0.7]


@pytest.mark.parametrize(("penalty", "slope"), [(L2(1.0), 1.5), (L1(1.0), 2.0), (ElasticNet(1.0, 0.5), 1.75)], ids=str)
def test_one_column_by_hand(penalty: Penalty, slope: float) -> None:
    """With x = ±1, y = 10 ± 3: J = ½ (3 - w)² + penalty, and the intercept stays 10 under any penalty."""
    data = rows_cost(np.array([[1.0], [-1.0]] * 2), np.array([13.0, 7.0] * 2), intercept=True, loss=Squared())
    problem = linear_problem(data, data, penalty)
    l1, l2 = shares(penalty)
    slope = (3 - l1) / (1 + l2)
    done = run(problem, Method(Sgd(), Constant(0.5), Batching()), Limits(200)).outcome.last
    assert done.theta.tolist() == pytest.approx([slope, 10.0], rel=1e-12)
    assert done.cost == pytest.approx(0.5 * (3 - slope) ** 2 + l1 * slope + 0.5 * l2 * slope**2, rel=1e-12)
    assert done.validation_cost == pytest.approx(0.5 * (3 - slope) ** 2, rel=1e-12)
    assert done.gradient_norm == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.parametrize("penalty", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("weights", [None, W], ids=["plain", "weighted"])
@pytest.mark.parametrize("intercept", [True, False])
def test_gradient_is_the_slope_of_the_cost(name: str, penalty: Penalty, weights, intercept: bool) -> None:
    """Where no coefficient is zero, central differences of J give the gradient that is reported."""
    problem = problem_of(name, penalty, weights, intercept=intercept)
    theta = np.random.default_rng(0).normal(size=problem.dimension)
    slopes = [
        (problem.cost_and_gradient(theta + step)[0] - problem.cost_and_gradient(theta - step)[0]) / 2e-5
        for step in 1e-5 * np.eye(problem.dimension)
    ]
    gradient = problem.cost_and_gradient(theta)[1]
    found = gradient if problem.proximal is None else problem.proximal.subgradient(theta, gradient)
    np.testing.assert_allclose(found, slopes, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.parametrize("penalty", KINDS.values(), ids=KINDS)
def test_the_penalty_is_added_to_the_mean_loss(name: str, penalty: Penalty) -> None:
    """J = mean loss + λ₁ Σ|w| + ½ λ₂ Σw² without the intercepts; the held-out cost is the mean loss alone."""
    problem = problem_of(name, penalty, W)
    theta = np.random.default_rng(1).normal(size=problem.dimension)
    coefficients = theta.reshape(-1, 4)[:, :3]
    l1, l2 = shares(penalty)
    added = l1 * np.abs(coefficients).sum() + 0.5 * l2 * (coefficients**2).sum()
    cost, gradient = problem.cost_and_gradient(theta)
    assert cost - problem.data.cost(theta) == pytest.approx(added, rel=1e-9)
    assert problem.report(theta, gradient).validation_cost == pytest.approx(problem.data.cost(theta), rel=1e-12)


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.parametrize("weights", [None, W], ids=["plain", "weighted"])
def test_the_mean_of_batches_is_the_full_gradient(name: str, weights) -> None:
    """Each batch's gradient holds the whole l2 part."""
    problem = problem_of(name, KINDS["elastic_net"], weights)
    theta = np.random.default_rng(2).normal(size=problem.dimension)
    batches = problem.batches(np.arange(40), 8)
    mean = sum(batches(theta, k) for k in range(5)) / 5
    np.testing.assert_allclose(mean, problem.cost_and_gradient(theta)[1], rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("penalty", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("optimizer", [Sgd(), Momentum(), Momentum(nesterov=True)], ids=str)
@pytest.mark.parametrize("size", [None, 7], ids=["full", "batch"])
def test_moments_and_rows_agree(penalty: Penalty, optimizer: Optimizer, size: int | None) -> None:
    """Every recorded number of a run is the same from moments and from rows, to 1e-9."""
    fast = problem_of("squared", penalty, W)
    rows = fast.data if fast.ridge is None else RidgeCost(fast.data, fast.ridge)
    plain = fast._replace(full=rows, held_out=fast.data)
    method = Method(optimizer, InverseTime(2.0, 50.0), Batching(size))
    assert isinstance(fast.full, MomentsCost)
    for one, other in zip(*(run(which, method, Limits(60)).points for which in (fast, plain)), strict=True):
        np.testing.assert_allclose(one.theta, other.theta, rtol=1e-9, atol=1e-12)
        numbers = [(point.cost, point.validation_cost, point.gradient_norm) for point in (one, other)]
        assert numbers[0] == pytest.approx(numbers[1], rel=1e-9)


def test_nesterov_with_an_l1_part_is_fista() -> None:
    """The textbook's two sequences: x = prox(y - rate g(y)), y = x + beta (x - x before)."""
    problem, rate, beta = problem_of("squared", L1(0.5), intercept=False), 0.05, 0.8
    prox = problem.proximal
    assert prox is not None
    y, x = np.zeros(3), np.zeros(3)
    path = run(problem, Method(Momentum(beta, nesterov=True), Constant(rate), Batching()), Limits(100)).points
    for point in path[1:]:
        before, x = x, prox(y - rate * problem.cost_and_gradient(y)[1], rate)
        y = x + beta * (x - before)
        np.testing.assert_allclose(point.theta, y, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("dampening", [0.0, 0.5])
@pytest.mark.parametrize("nesterov", [True, False])
def test_a_vanishing_l1_part_leaves_the_path_as_it_is(dampening: float, nesterov: bool) -> None:
    """With a falling rate too: the step with a proximal map is the step without one, where that has no reach."""
    method = Method(Momentum(0.7, dampening, nesterov), InverseTime(2.0, 40.0), Batching())
    pairs = (problem_of("squared", penalty, W) for penalty in (L1(1e-300), NO_PENALTY))
    for one, other in zip(*(run(problem, method, Limits(50)).points for problem in pairs), strict=True):
        np.testing.assert_allclose(one.theta, other.theta, rtol=1e-9, atol=1e-12)


ENDING = {
    "cosine": Cosine(0.1, 0.0, 20),
    "polynomial": Polynomial(0.1, 0.0, 20),
    "exponential": Exponential(0.1, 1e-30, 1),
    "piecewise": Piecewise([20], [0.1, 0.0]),
}


@pytest.mark.parametrize("schedule", ENDING.values(), ids=ENDING)
@pytest.mark.parametrize("size", [None, 40], ids=["full", "batch"])
@pytest.mark.parametrize(
    "optimizer", [Sgd(), Momentum(), Momentum(0.5, 1.0), Momentum(nesterov=True), Momentum(0.5, 0.5, True)], ids=str
)
def test_a_rate_that_ends_at_zero_ends_the_path(optimizer: Optimizer, schedule: Schedule, size: int | None) -> None:
    """Beyond the horizon nothing moves, and the momentum is that of the limit of small rates."""
    problem = problem_of("squared", ElasticNet(0.3))
    path = run(problem, Method(optimizer, schedule, Batching(size)), Limits(40)).points
    assert path[-1].learning_rate == 0.0
    assert path[-1].theta.tolist() == path[20].theta.tolist()
    numbers = (np.array([0.5, -0.5, 0.0, 9.0]), np.arange(4.0), [1.0, 1.0])
    proximal, slots = SoftThreshold(np.array([0.3, 0.3, 0.3, 0.0])), (np.full(4, 0.1), np.zeros(4), np.zeros(4))
    pair = [proximal_step(optimizer, numbers[1], numbers[0], slots, numbers[2], rate, proximal) for rate in (0.0, 1e-9)]
    np.testing.assert_allclose(pair[0][1][0], pair[1][1][0], rtol=1e-6, atol=1e-5)
    assert pair[0][0].tolist() == numbers[0].tolist()


@pytest.mark.parametrize("reference", OPTIMA, ids=label)
@pytest.mark.parametrize(
    "optimizer", ["auto", Sgd(), Momentum(), Momentum(0.8, 0.5), Momentum(0.8, nesterov=True)], ids=str
)
def test_optima_of_a_peer(reference: dict[str, Any], optimizer, diabetes: dict[str, NumberColumn]) -> None:
    """Cost, coefficients and exact zeros of scikit-learn's Ridge, Lasso, ElasticNet and LogisticRegression."""
    problem = from_diabetes(reference, diabetes)
    resolved = resolve(problem, Batching(), optimizer, "auto")
    rates = Method(resolved.optimizer, resolved.schedule, Batching(), every=50)
    done = run(problem, rates, Limits(20_000, tolerance_gradient=1e-9)).outcome
    coefficients, intercept = np.array(reference["coefficients"]), np.array(reference["intercept"])
    found = done.last.theta.reshape(len(coefficients), -1)
    least = problem.cost_and_gradient(np.column_stack([coefficients, intercept]).ravel())[0]
    assert done.last.cost <= least * (1 + 1e-12)
    assert done.last.cost == pytest.approx(least, rel=1e-9)
    size = np.abs(coefficients).max()
    np.testing.assert_allclose(found[:, :-1], coefficients, rtol=1e-5, atol=1e-5 * size)
    np.testing.assert_array_equal(found[:, :-1] == 0.0, coefficients == 0.0)
    np.testing.assert_allclose(found[:, -1] - found[0, -1], intercept - intercept[0], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("reference", OPTIMA, ids=label)
def test_defaults_reach_the_optima(reference: dict[str, Any], diabetes: dict[str, NumberColumn]) -> None:
    """Optimizer, rate and limits as they are when nobody says end within 1e-6 of the least cost."""
    problem = from_diabetes(reference, diabetes)
    resolved = resolve(problem, Batching(), "auto", "auto")
    done = run(problem, Method(resolved.optimizer, resolved.schedule, Batching()), Limits(10_000, 1e-9)).outcome
    theta = np.column_stack([np.array(reference["coefficients"]), np.array(reference["intercept"])]).ravel()
    assert done.reason == "converged"
    assert done.last.cost == pytest.approx(problem.cost_and_gradient(theta)[0], rel=1e-6)


@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("strength", [1e-6, 0.3, 1e4])
def test_the_least_cost_with_l2_is_exact(intercept: bool, strength: float) -> None:
    """That of the ridge equations on the rows; the gap at any point is J minus it."""
    problem, y = problem_of("squared", L2(strength), W, intercept=intercept), TARGETS["squared"][1]
    A = np.column_stack([X, np.ones(40)]) if intercept else X
    share, ridge = W / W.sum(), strength * np.diag([1.0, 1, 1, 0][: A.shape[1]])
    theta = np.linalg.solve(A.T @ (share[:, np.newaxis] * A) + ridge, A.T @ (share * y))
    least = 0.5 * share @ (A @ theta - y) ** 2 + 0.5 * theta @ ridge @ theta
    known, start = optimum(problem), np.zeros(problem.dimension)
    assert known is not None
    assert known.cost == pytest.approx(least, rel=1e-11)
    cost, gradient = problem.cost_and_gradient(start)
    assert problem.report(start, gradient).optimality_gap == pytest.approx(cost - least, rel=1e-9)


def test_the_least_cost_of_an_exact_fit_is_that_of_its_penalty() -> None:
    """Where no residual is left but what a small λ₂ makes, the cost is ½ λ₂ ‖w‖² to its first order."""
    w, strength = np.array([1.0, -2.0, 0.5]), 1e-7
    problem = linear_problem(rows_cost(X, X @ w + 5, intercept=True, loss=Squared()), None, L2(strength))
    known = optimum(problem)
    assert known is not None
    assert known.cost == pytest.approx(0.5 * strength * w @ w, rel=1e-5)


def test_no_optimum_is_claimed_with_an_l1_part() -> None:
    """Nor a gap: the equations of the moments do not know its corners."""
    problem = problem_of("squared", KINDS["elastic_net"])
    theta = np.zeros(problem.dimension)
    assert optimum(problem) is None
    assert problem.report(theta, problem.cost_and_gradient(theta)[1]).optimality_gap is None


@pytest.mark.parametrize("strength", [1e14, 1e300])
@pytest.mark.parametrize("rows", [40, 2])
def test_a_huge_strength_does_not_hide_the_intercept(rows: int, strength: float) -> None:
    """It is not penalised, and its own curvature is 1: the condition number is what the strength makes of it."""
    curvature = problem_of("squared", L2(strength), inputs=X[:rows]).curvature()
    assert curvature.smallest == pytest.approx(1.0, rel=0.1)
    assert curvature.condition_number == pytest.approx(strength, rel=0.1)


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.parametrize("strength", [1e-3, 1.0, 100.0])
def test_curvature_has_the_l2_part(name: str, strength: float) -> None:
    """λ₂ is added for the coefficients and not for the intercept; row by row too."""
    problem, plain = problem_of(name, L2(strength), W), problem_of(name, NO_PENALTY, W)
    A, share = np.column_stack([X, np.ones(40)]), W[:, np.newaxis] / W.sum()
    largest, at_zero = {"squared": (1, 1), "log-loss": (0.25, 0.25), "cross-entropy": (0.5, 1 / 3)}[name]
    gram, ridge = A.T @ (share * A), strength * np.diag([1.0, 1, 1, 0])
    ends = np.linalg.eigvalsh(largest * gram + ridge)[-1], np.linalg.eigvalsh(at_zero * gram + ridge)[0]
    assert problem.curvature() == pytest.approx((*ends, ends[0] / ends[1]), rel=1e-9)
    assert problem.largest_row_curvature() == pytest.approx(plain.largest_row_curvature() + strength, rel=1e-12)


def test_more_columns_than_rows_have_the_curvature_of_the_penalty() -> None:
    """λ₂ bounds the cost from below where the rows leave directions free; the largest one is not underestimated."""
    wide = RANDOM.normal(size=(12, 30))
    wide -= wide.mean(axis=0)
    problem = problem_of("squared", L2(0.2), inputs=wide)
    values = np.linalg.eigvalsh(wide.T @ wide / 12) + 0.2
    largest, smallest, _ = problem.curvature()
    assert smallest == pytest.approx(values[0], rel=1e-9)
    assert values[-1] <= largest * (1 + 1e-12) < values[-1] + 1.2


@pytest.mark.parametrize("rows", [40, 12], ids=["a-column-twice", "more-columns-than-rows"])
def test_an_l1_part_goes_along_flat_directions(rows: int) -> None:
    """The rows leave them alone, the proximal map does not: no smallest curvature is known, unless there is λ₂."""
    columns = RANDOM.normal(size=(rows, 30))
    inputs = np.hstack([X, X[:, :1]]) if rows == 40 else columns - columns.mean(axis=0)
    for penalty, known in ((NO_PENALTY, True), (L1(0.1), False), (ElasticNet(0.1), True), (L2(0.1), True)):
        largest, smallest, condition = problem_of("squared", penalty, inputs=inputs).curvature()
        assert (smallest is not None) is (condition is not None) is known
        assert largest > 1.0


def test_momentum_that_restarts_is_refused_beside_an_l1_part() -> None:
    """Its beta is not constant, so that no coefficient would stay exactly zero; an l2 part has a gradient."""
    method = Method(Momentum(nesterov=True, restart=True), Constant(0.1), Batching())
    assert run(problem_of("squared", L2(0.1)), method, Limits(2)).outcome.iterations == 2
    with pytest.raises(StepError, match="restart to false"):
        run(problem_of("squared", L1(0.1)), method, Limits(2))


@pytest.mark.parametrize("share", [0.1, 0.01])
def test_defaults_find_few_among_many_columns(share: float) -> None:
    """A lasso on 300 columns and 60 rows ends within 1e-6 of what a long run without a tolerance finds."""
    wide = np.random.default_rng(0).normal(size=(60, 300))
    y = wide[:, :5] @ [3.0, -2.0, 1.0, 1.0, 0.5] + np.random.default_rng(1).normal(size=60)
    wide = np.ascontiguousarray((wide - wide.mean(axis=0)) / wide.std(axis=0))
    strength = share * float(np.abs(wide.T @ (y - y.mean())).max()) / 60
    problem = linear_problem(rows_cost(wide, y, intercept=True, loss=Squared()), None, L1(strength))
    resolved = resolve(problem, Batching(), "auto", "auto")
    method = Method(resolved.optimizer, resolved.schedule, Batching())
    done = run(problem, method, Limits(10_000, 1e-9)).outcome
    long = run(problem, method._replace(optimizer=Momentum(0.98, nesterov=True), every=100), Limits(10_000)).outcome
    assert done.reason == "converged"
    assert done.last.cost == pytest.approx(long.best.cost, rel=1e-6)
    assert np.count_nonzero(done.last.theta) < 70


@pytest.mark.parametrize("penalty", [L1(0.05), L2(0.05), ElasticNet(0.1)], ids=str)
@pytest.mark.parametrize("name", TARGETS)
def test_small_batches_settle_near_the_optimum(name: str, penalty: Penalty) -> None:
    """With default limits sgd ends within 3 % of the least cost that a long full-batch run finds."""
    problem, batching = problem_of(name, penalty, inputs=(X - X.mean(axis=0)) / X.std(axis=0)), Batching(8)
    resolved = resolve(problem, batching, "auto", "auto")
    done = run(problem, Method(resolved.optimizer, resolved.schedule, batching), Limits(1000, 1e-4, full_batch=False))
    full = resolve(problem, Batching(), "auto", "auto")
    least = run(problem, Method(full.optimizer, full.schedule, Batching()), Limits(5000)).outcome.last
    assert done.outcome.last.cost == pytest.approx(least.cost, rel=0.03)


@pytest.mark.parametrize("strength", [0.03, 0.1, 0.3, 1.0])
def test_zeros_are_exact_wherever_the_descent_ends(strength: float) -> None:
    """Momentum that is cancelled to rounding leaves no coefficient of 1e-100 in place of a zero."""
    random = np.random.default_rng(5)
    inputs = random.normal(size=(60, 12)) @ (np.eye(12) + 0.3)
    y = inputs[:, :3] @ [1.0, -1.0, 0.5] + random.normal(size=60)
    problem = linear_problem(rows_cost(inputs, y, intercept=True, loss=Squared()), None, L1(strength))
    resolved = resolve(problem, Batching(), "auto", "auto")
    points = run(problem, Method(resolved.optimizer, resolved.schedule, Batching()), Limits(400)).points
    small = [abs(value) for point in points for value in point.theta[:-1] if 0.0 < abs(value) < 1e-12]
    assert not small
    assert (points[-1].theta[:-1] == 0.0).any()
