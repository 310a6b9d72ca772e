"""Dense networks: exact gradients, known models as their simplest case, two precisions, one path whatever the pace."""

from typing import Any

import numpy as np
import pytest

from engine.arrays import FloatArray
from engine.batches import Batching
from engine.class_weights import weigh_classes
from engine.errors import DataError
from engine.losses import CrossEntropy, Loss, Squared
from engine.method import Method
from engine.network import Architecture, Network, initial_theta, layers
from engine.network_problem import NetworkProblem
from engine.network_rows import NetworkRows, architecture_of, network_rows
from engine.optimizers import Adam, Sgd
from engine.penalties import L2, NO_PENALTY, ElasticNet, Penalty
from engine.problems import Problem, linear_problem
from engine.rows import RowsCost, rows_cost
from engine.scaling import Spread
from engine.schedules import Constant
from engine.stopping import Limits
from tests.engine.runs import run

RANDOM = np.random.default_rng(7)
ROWS, COLUMNS = 50, 4
X = RANDOM.normal(size=(ROWS, COLUMNS))
W = RANDOM.integers(0, 4, ROWS).astype(np.float64)
TARGETS: dict[str, tuple[Loss, FloatArray]] = {
    "squared": (Squared(), X @ [1.0, -2.0, 0.5, 0.0] + RANDOM.normal(size=ROWS)),
    "cross_entropy": (CrossEntropy(3), RANDOM.integers(0, 3, ROWS).astype(np.float64)),
}
DEPTHS: dict[str, tuple[int, ...]] = {"0": (), "1": (6,), "2": (5, 4), "3": (4, 3, 5)}
FEW = Limits(4)


def rows(loss: str, *, weighted: bool = False) -> RowsCost:
    kind, y = TARGETS[loss]
    return rows_cost(X, y, W if weighted else None, intercept=True, loss=kind)


def network(loss: str, hidden: tuple[int, ...] = (6,), *, weighted: bool = False, **options: Any) -> NetworkRows:
    data = rows(loss, weighted=weighted)
    return network_rows(data, architecture_of(data, Network(hidden, **options)))


def somewhere(architecture: Architecture) -> FloatArray:
    """Weights and biases away from the bends of relu."""
    return initial_theta(architecture, 3) + 0.1 * np.random.default_rng(5).normal(size=architecture.dimension)


PENALTIES: dict[str, Penalty] = {"none": NO_PENALTY, "l2": L2(0.3), "elastic_net": ElasticNet(0.3, 0.4)}


@pytest.mark.parametrize("penalty", PENALTIES)
@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid"])
@pytest.mark.parametrize("loss", TARGETS)
def test_gradients(loss: str, activation: str, weighted: bool, depth: str, penalty: str) -> None:
    """The gradient is that of the cost by central differences, and a batch of all rows has the same one.

    An l1 part is in the cost, and its sign added to the gradient where no parameter is zero.
    """
    data = network(loss, DEPTHS[depth], weighted=weighted, activation=activation)
    problem = NetworkProblem(data, penalty=PENALTIES[penalty])
    theta = somewhere(problem.data.architecture)
    steps = 1e-6 * np.eye(problem.dimension)
    slopes = [(problem.cost(theta + step) - problem.cost(theta - step)) / 2e-6 for step in steps]
    cost, gradient = problem.cost_and_gradient(theta)
    if problem.proximal is not None:
        slopes = (np.array(slopes) - problem.proximal.strengths * np.sign(theta)).tolist()
    np.testing.assert_allclose(gradient, slopes, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(problem.batches(np.arange(ROWS), ROWS)(theta, 0), gradient, rtol=1e-12, atol=1e-15)
    assert cost == pytest.approx(problem.cost(theta.copy()), rel=1e-15)


@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
@pytest.mark.parametrize("loss", TARGETS)
def test_without_hidden_layers(loss: str, weighted: bool) -> None:
    """A network of one layer is linear or softmax regression: the same costs on the same path."""
    deep = NetworkProblem(network(loss, (), weighted=weighted))
    flat = linear_problem(rows(loss, weighted=weighted))
    ends = [run(problem, Method(Sgd(), Constant(0.1), Batching(7)), FEW) for problem in (deep, flat)]
    costs = [[point.cost for point in end.points] for end in ends]
    np.testing.assert_allclose(*costs, rtol=1e-12)
    (layer,) = layers(deep.data.architecture, ends[0].outcome.last.theta)
    scores = layer.weights.shape[1]
    expected = ends[1].outcome.last.theta.reshape(scores, -1)
    np.testing.assert_allclose(np.column_stack([layer.weights.T, layer.bias]), expected, rtol=1e-11)


def test_penalties_are_of_weights_alone() -> None:
    """A penalty adds ½ λ₂ and λ₁ times the squares and sizes of all weights, of no bias; held-out rows have none."""
    data = network("squared", (5, 4))
    theta = somewhere(data.architecture)
    weights = np.concatenate([layer.weights.ravel() for layer in layers(data.architecture, theta)])
    plain, held = NetworkProblem(data), NetworkProblem(data, data, ElasticNet(0.3, 0.4))
    penalty = 0.12 * np.abs(weights).sum() + 0.09 * (weights**2).sum()
    assert held.cost(theta) == pytest.approx(plain.cost(theta) + penalty, rel=1e-13)
    assert held.report(theta, None).validation_cost == pytest.approx(plain.cost(theta), rel=1e-13)
    assert held.proximal is not None
    biases = np.concatenate([layer.bias for layer in layers(data.architecture, held.proximal(theta, 1.0))])
    np.testing.assert_array_equal(biases, np.concatenate([one.bias for one in layers(data.architecture, theta)]))


def test_class_weights() -> None:
    """They weigh the cost as rows repeated, and leave the accuracy that of the rows."""
    data, factors = network("cross_entropy", weighted=True), np.array([3.0, 1.0, 2.0])
    weighed = weigh_classes(data, factors)
    theta = somewhere(data.architecture)
    report = NetworkProblem(weighed, weighed).report(theta, None)
    assert report.accuracy == report.validation_accuracy == NetworkProblem(data).report(theta, None).accuracy
    rows_alone = (data._replace(X=data.X[[k]], y=data.y[[k]], weights=None) for k in range(ROWS))
    losses = [row.cost(theta) for row in rows_alone]
    weights = W * factors[data.y.astype(int)]
    assert NetworkProblem(weighed).cost(theta) == pytest.approx(np.average(losses, weights=weights), rel=1e-12)


def test_a_batch_is_the_mean_over_its_rows() -> None:
    """Batches read the rows that they are given; the short last one is divided by its own length."""
    problem = NetworkProblem(network("squared", weighted=True))
    theta, order = somewhere(problem.data.architecture), np.random.default_rng(1).permutation(ROWS)
    gradient, weights = problem.batches(order, 16), problem.data.weights
    assert weights is not None
    for k in range(4):
        some = order[16 * k : 16 * k + 16]
        data = problem.data._replace(X=X[some], y=problem.data.y[some], weights=weights[some])
        np.testing.assert_allclose(gradient(theta, k), NetworkProblem(data).cost_and_gradient(theta)[1], rtol=1e-11)


def test_evaluation_in_blocks() -> None:
    """More rows than one block holds cost what they cost together, and give the gradient of all."""
    many = np.random.default_rng(2).normal(size=(2500, 3))
    data = rows_cost(many, many.sum(axis=1), intercept=True, loss=Squared())
    whole = network_rows(data, architecture_of(data, Network((4,))))
    theta = somewhere(whole.architecture)
    parts = [whole._replace(X=whole.X[block], y=whole.y[block]) for block in (slice(0, 1250), slice(1250, None))]
    found = [NetworkProblem(part).cost_and_gradient(theta) for part in parts]
    cost, gradient = NetworkProblem(whole).cost_and_gradient(theta)
    assert cost == pytest.approx(sum(one for one, _ in found) / 2, rel=1e-13)
    np.testing.assert_allclose(gradient, sum(one for _, one in found) / 2, rtol=1e-11)
    assert whole.cost(theta) == pytest.approx(cost, rel=1e-15)


@pytest.mark.parametrize("loss", TARGETS)
@pytest.mark.parametrize("size", [None, 8], ids=["full", "batches"])
def test_single_precision_stays_near(loss: str, size: int | None) -> None:
    """Passes in float32 leave costs and parameters within 1e-4 of those in float64."""
    ends = []
    for dtype in ("float64", "float32"):
        data = network(loss, (8, 5), dtype=dtype, activation="tanh")
        theta, method = initial_theta(data.architecture, 0), Method(Adam(), Constant(0.01), Batching(size))
        ends.append(run(NetworkProblem(data), method, Limits(20), theta))
    np.testing.assert_allclose(*([point.cost for point in end.points] for end in ends), rtol=1e-4)
    np.testing.assert_allclose(*(end.outcome.last.theta for end in ends), atol=1e-4)
    assert ends[0].outcome.last.cost != ends[1].outcome.last.cost


def test_what_is_recorded() -> None:
    """Batches leave the gradient's norm unknown; accuracies are shares of weight on either side."""
    data, held_out = network("cross_entropy", weighted=True), network("cross_entropy")
    problem = NetworkProblem(data, held_out)
    theta = initial_theta(data.architecture, 0)
    for size in (None, 10):
        last = run(problem, Method(Sgd(), Constant(0.1), Batching(size)), FEW, theta).points[-1]
        assert (last.gradient_norm is None) == (size is not None)
        hits = [np.concatenate([s.argmax(axis=1) for _, s in one.scores(last.theta)]) == data.y for one in (data, data)]
        assert last.accuracy == pytest.approx(np.average(hits[0], weights=W))
        assert last.validation_accuracy == pytest.approx(np.mean(hits[0]))
        assert last.cost == pytest.approx(data.cost(last.theta), rel=1e-14)
        assert last.validation_cost == pytest.approx(held_out.cost(last.theta), rel=1e-14)
    numbers: Problem = NetworkProblem(network("squared"))
    assert numbers.report(somewhere(network("squared").architecture), None).accuracy is None


def test_the_scale_of_a_target_changes_no_step() -> None:
    """Costs are in the target's own units; a target in other units has the same path, to rounding."""
    paths = []
    for unit in (1.0, 1e6):
        data = rows("squared")
        moved = data._replace(y=data.y * unit + unit)
        target = Spread(float(moved.y.mean()), float(moved.y.std()))
        problem = NetworkProblem(network_rows(moved, architecture_of(moved, Network((6,))), target))
        theta = initial_theta(problem.data.architecture, 0)
        end = run(problem, Method(Adam(), Constant(0.01), Batching(10)), FEW, theta)
        scores = np.concatenate([s for _, s in problem.data.scores(end.outcome.last.theta)])
        errors = scores * target.scale + target.shift - moved.y
        assert end.outcome.last.cost == pytest.approx(0.5 * np.mean(errors**2), rel=1e-12)
        paths.append([point.cost / unit**2 for point in end.points])
    np.testing.assert_allclose(*paths, rtol=1e-8)


@pytest.mark.parametrize(
    ("activation", "reach"), [("relu", (6 / 100) ** 0.5), ("tanh", (6 / 300) ** 0.5), ("sigmoid", (6 / 300) ** 0.5)]
)
def test_the_start(activation: Any, reach: float) -> None:
    """He's range before relu, Glorot's else and for the scores; biases are zero, and the seed decides the rest."""
    architecture = Architecture(100, Network((200,), activation), 10)
    theta = initial_theta(architecture, 1)
    first, last = layers(architecture, theta)
    assert 0.99 * reach < np.abs(first.weights).max() <= reach
    assert 0.95 * (6 / 210) ** 0.5 < np.abs(last.weights).max() <= (6 / 210) ** 0.5
    assert not first.bias.any()
    assert not last.bias.any()
    assert (initial_theta(architecture, 1) == theta).all()
    assert (initial_theta(architecture, 2) != theta).any()


@pytest.mark.parametrize("place", ["X", "y"])
def test_cells_that_are_not_finite(place: str) -> None:
    """They are refused before the first pass."""
    data = network("squared")
    spoilt = {"X": data.X.copy(), "y": data.y.copy()}[place]
    spoilt[0] = np.nan
    with pytest.raises(DataError, match="not finite"):
        NetworkProblem(data._replace(**{place: spoilt}))
