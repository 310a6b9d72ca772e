"""The bound on how far a cost is above its least, beside the optima of peers and the best costs that are found."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.arrays import FloatArray
from engine.boxes import box_of
from engine.duality import SLACK, UNMET, gap_bound
from engine.loss_formulas import PAIRS
from engine.losses import Absolute, Hinge, Huber, LogCosh, LogLoss, Loss, Poisson, Quantile, Squared
from engine.penalties import L1, L2, NO_PENALTY, ElasticNet, Penalty
from engine.problems import LinearProblem, linear_problem
from engine.rows import rows_cost
from tests.engine.test_loss_optima import ENTRIES, named, problem_of

BOXED: list[Loss] = [Absolute(), Quantile(0.2), Hinge(), Huber(0.7), LogCosh(), LogLoss()]
PENALTIES: list[Penalty] = [NO_PENALTY, L1(0.03), L2(0.1), ElasticNet(0.2)]
KNOWN = [entry for entry in ENTRIES if entry["loss"]["name"] not in ("poisson", "squared_hinge", "squared")]
KNOWN = [entry for entry in KNOWN if entry["target"] != "third"]


@pytest.mark.parametrize("entry", KNOWN, ids=named)
@pytest.mark.parametrize("away", [0.0, 1e-3, 0.05, 1.0])
def test_the_bound_is_the_gap_to_the_peers_optimum(entry: dict[str, Any], away: float) -> None:
    """Never below it, and to a hundredth no more: at the optimum, near it, and where all parameters are zero."""
    problem, theta = problem_of(entry), (1.0 - away) * np.array(entry["parameters"]).ravel()
    gap, (found, measured) = problem.cost(theta) - entry["cost"], gap_bound(problem, theta)
    assert measured
    assert gap - 1e-10 * entry["cost"] <= found <= (1.0 + 1.1 * SLACK) * gap + 1e-8 * entry["cost"]


@pytest.mark.parametrize("loss", BOXED, ids=lambda loss: type(loss).__name__)
def test_a_boxed_loss_is_the_largest_of_its_lines(loss: Loss) -> None:
    """Lines unit ((s + v)(z - t) - e(v)) of many |v| <= 1 come up to the loss and never above it."""
    z, v = np.linspace(-3.0, 3.0, 61)[:, np.newaxis], np.linspace(-1.0, 1.0, 4001)
    entropy = np.log((1 + v) ** (1 + v) * (1 - v) ** (1 - v)) / 2
    for y in (0.0, 1.0):
        box = box_of(loss, np.array([y]))
        assert box is not None
        e = box.rest * (entropy if box.entropy else v**2 / 2) + box.level
        lines = box.unit * ((box.s + v) * (z - box.t) - e)
        value = PAIRS[type(loss)].value(loss, z[:, 0], np.full(61, y))
        assert (lines <= value[:, np.newaxis] + 1e-12).all()
        np.testing.assert_allclose(lines.max(axis=1), value, atol=1e-4)


@pytest.mark.parametrize("loss", [Squared(), Poisson()], ids=["squared", "poisson"])
def test_of_a_loss_without_a_box_only_its_sign_is_known(loss: Loss) -> None:
    problem = linear_problem(rows_cost(np.eye(3), np.arange(3.0), intercept=True, loss=loss))
    assert gap_bound(problem, np.zeros(4)) == (problem.cost(np.zeros(4)), False)


def found_downhill(problem: LinearProblem, theta: FloatArray) -> float:
    """The least cost of points downhill, with steps that double where they help and are halved where not."""
    best, size = problem.cost(theta), 1.0
    for _ in range(200):
        gradient = problem.cost_and_gradient(theta)[1]
        trial = theta - size * gradient / max(float(np.abs(gradient).max()), 1e-300)
        cost = problem.cost(trial)
        theta, size, best = (trial, 2.0 * size, cost) if cost < best else (theta, 0.5 * size, best)
    return best


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_no_cost_that_is_found_lies_below_the_bound(data: st.DataObject) -> None:
    """Whatever the shape, the scales, the weights: the bound is a number, at most the cost, and no cost is lower."""
    random = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    rows, columns = data.draw(st.sampled_from([1, 2, 5, 40])), data.draw(st.integers(0, 6) | st.sampled_from([45, 80]))
    X = random.normal(size=(rows, columns)) * 10.0 ** random.uniform(-6, 6, columns)
    if columns > 1 and data.draw(st.booleans()):
        X[:, 1] = X[:, 0]
    loss = data.draw(st.sampled_from([*BOXED, Huber(1e-300), Quantile(1e-9)]))
    y = random.normal(size=rows) * 10.0 ** random.uniform(-8, 8) + data.draw(st.sampled_from([0.0, 1e7]))
    y = (y > np.median(y)) * 1.0 if isinstance(loss, Hinge | LogLoss) else y
    weights = data.draw(st.sampled_from([None, 1.0 + np.arange(rows) % 3, np.arange(rows) + (rows == 1)]))
    data_rows = rows_cost(X, y, weights, intercept=columns == 0 or data.draw(st.booleans()), loss=loss)
    problem = linear_problem(data_rows, penalty=data.draw(st.sampled_from([*PENALTIES, L2(1e-300)])))
    theta = data.draw(st.sampled_from([0.0, 1.0, 1e3])) * random.normal(size=problem.dimension)
    cost, (gap, _) = problem.cost(theta), gap_bound(problem, theta)
    assert 0.0 <= gap <= cost
    assert found_downhill(problem, theta) >= cost - gap - UNMET * cost
