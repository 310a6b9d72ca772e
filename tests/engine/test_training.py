"""Runs from start to end."""

import warnings

import numpy as np
import pytest

from engine.batches import Batching
from engine.descent import Point
from engine.errors import InitialError
from engine.method import Method
from engine.optimizers import Sgd
from engine.schedules import Constant
from engine.stopping import Limits
from engine.training import train
from tests.engine.runs import least_squares, run
from tests.support.reference import noisy_line

X, Y = noisy_line(42)
PROBLEM = least_squares(X, Y, intercept=True)


def test_converged_keeps_last_and_best() -> None:
    """A run that converges says so and ends near the optimum, with both points observed."""
    done = run(PROBLEM, Method(Sgd(), Constant(0.4), Batching()), Limits(1000, 1e-9))
    assert done.outcome.reason == "converged"
    assert done.outcome.iterations == done.outcome.last.iteration == len(done.points) - 1 < 1000
    assert done.outcome.best.cost == min(point.cost for point in done.points)


@pytest.mark.parametrize("rate", [1.0, 50.0, 1e200], ids=str)
@pytest.mark.parametrize("size", [None, 1])
def test_divergence_keeps_the_best(rate: float, size) -> None:
    """A rate that is too large ends as diverged, without a warning, with finite points only."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        done = run(PROBLEM, Method(Sgd(), Constant(rate), Batching(size)), Limits(10_000))
    assert done.outcome.reason == "diverged"
    assert done.outcome.first_bad_iteration is not None
    assert 1 <= done.outcome.first_bad_iteration <= done.outcome.iterations
    begun = done.points[0]._replace(state=None)
    assert done.outcome.last._replace(state=None) == done.outcome.best._replace(state=None) == begun
    assert all(np.isfinite(point.cost) for point in done.points)


def test_divergence_is_found_ten_iterations_after_it_began() -> None:
    """With a cost that grows steadily, the first bad iteration is nine before the one that proves it."""
    done = run(PROBLEM, Method(Sgd(), Constant(1.5), Batching()), Limits(10_000))
    costs = [point.cost for point in done.points]
    first = next(k for k, cost in enumerate(costs) if cost > 1e6 * costs[0])
    assert (done.outcome.first_bad_iteration, done.outcome.iterations) == (first, first + 9)


@pytest.mark.parametrize("reason", ["cancelled", "time_limit"])
@pytest.mark.parametrize("every", [1, 10])
def test_interruption_keeps_the_last_whole_iteration(reason, every: int) -> None:
    """An answer in the midst of a pass ends the run with the point of the pass before it, observed or not."""
    random = np.random.default_rng(0)
    problem = least_squares(random.normal(size=(20_000, 2)), random.normal(size=20_000), intercept=True)
    method = Method(Sgd(), Constant(0.001), Batching(1), every=every)
    asked, seen = iter([None] * 6 + [reason] * 9), list[Point]()
    outcome = train(problem, method, np.zeros(3), Limits(50), observe=seen.append, interrupted=lambda: next(asked))
    steady = run(problem, method._replace(every=1), Limits(outcome.iterations)).points
    assert outcome.reason == reason
    assert 1 <= outcome.iterations < 9
    assert outcome.last.theta.tobytes() == steady[-1].theta.tobytes()
    assert outcome.last[2:-1] == steady[-1][2:-1]
    assert seen[-1] == outcome.last._replace(state=seen[-1].state)


def test_interruption_before_the_first_iteration() -> None:
    """Cancelled at once, a run has its start as its answer."""
    outcome = train(
        PROBLEM,
        Method(Sgd(), Constant(0.1), Batching()),
        np.ones(2),
        Limits(10),
        observe=[].append,
        interrupted=lambda: "cancelled",
    )
    assert (outcome.reason, outcome.iterations, outcome.last.theta.tolist()) == ("cancelled", 0, [1.0, 1.0])


def test_a_start_without_a_finite_cost_is_refused() -> None:
    """There is nothing to compare later costs with."""
    with pytest.raises(InitialError, match="not finite"):
        run(PROBLEM, Method(Sgd(), Constant(0.1), Batching()), Limits(10), np.full(2, 1e300))


def test_best_by_validation_cost() -> None:
    """With held-out rows the best point is the one with their lowest cost, at its own iteration."""
    problem = least_squares(X[:80], Y[:80], intercept=True, validation=(X[80:], Y[80:]))
    done = run(problem, Method(Sgd(), Constant(0.1), Batching()), Limits(1000))
    held_out = [point.validation_cost or 0.0 for point in done.points]
    assert done.outcome.best.iteration == int(np.argmin(held_out)) < done.outcome.last.iteration
    assert held_out[3] == pytest.approx(
        least_squares(X[80:], Y[80:], intercept=True).cost_and_gradient(done.points[3].theta)[0]
    )
