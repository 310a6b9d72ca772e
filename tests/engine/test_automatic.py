"""Every "auto" becomes numbers that work, and that repeat the run when they are given explicitly."""

from collections.abc import Callable

import numpy as np
import pytest

from contract.settings import load_settings
from engine.automatic import Resolved, resolve
from engine.batches import Batching
from engine.expressions import parse
from engine.formula import formula_of
from engine.formula_automatic import resolve_formula
from engine.formula_problem import FormulaProblem, formula_problem
from engine.formula_rows import FormulaRows
from engine.function_automatic import resolve_function
from engine.function_problem import FunctionProblem
from engine.losses import Poisson, Squared
from engine.method import Method
from engine.network_automatic import resolve_network
from engine.optimizers import (
    Adadelta,
    Adagrad,
    Adam,
    Adamax,
    Adamw,
    Amsgrad,
    Lion,
    Momentum,
    Nadam,
    Optimizer,
    Rmsprop,
    Sgd,
)
from engine.problems import LinearProblem, linear_problem, optimum
from engine.rows import rows_cost
from engine.schedules import Constant, InverseTime, learning_rates
from engine.stopping import Limits
from tests.engine.runs import least_squares, run
from tests.support.reference import DATA_A_OPTIMUM, noisy_line

LINE = noisy_line(42)
RANDOM = np.random.default_rng(11)


def standard(X: np.ndarray, y: np.ndarray) -> LinearProblem:
    return least_squares(np.ascontiguousarray((X - X.mean(axis=0)) / X.std(axis=0)), y, intercept=True)


def correlated() -> LinearProblem:
    X = RANDOM.normal(size=(800, 6)) @ RANDOM.normal(size=(6, 6)) + 0.1 * RANDOM.normal(size=(800, 6))
    return standard(X, X @ RANDOM.normal(size=6) + 100 + 3 * RANDOM.normal(size=800))


def heavy_tailed() -> LinearProblem:
    X = RANDOM.standard_t(3, size=(500, 8))
    return standard(X, X @ RANDOM.normal(size=8) + RANDOM.standard_t(3, size=500))


def tiny() -> LinearProblem:
    X = RANDOM.normal(size=(20, 3))
    return standard(X, X @ [1.0, 2.0, 3.0] + 1000 + 0.5 * RANDOM.normal(size=20))


PROBLEMS = {"line": standard(*LINE), "correlated": correlated(), "heavy": heavy_tailed(), "tiny": tiny()}


def gap(problem: LinearProblem, batching: Batching, optimizer, limits: Limits) -> float:
    """How far a run with automatic rates ends above the least cost, relative to it."""
    resolved = resolve(problem, batching, optimizer, "auto")
    method = Method(resolved.optimizer, resolved.schedule, batching)
    least = optimum(problem)
    assert least is not None
    return (run(problem, method, limits).outcome.last.cost - least.cost) / least.cost


@pytest.mark.parametrize("name", PROBLEMS)
@pytest.mark.parametrize(
    "optimizer",
    ["auto", Sgd(), Momentum(), Adagrad(), Adam(), Amsgrad(), Nadam(), Adamax(), Adamw(weight_decay=0.0)],
    ids=str,
)
def test_full_batch_reaches_the_optimum(name: str, optimizer) -> None:
    """With default limits every automatic rate ends within 1e-6 of the least cost."""
    assert gap(PROBLEMS[name], Batching(), optimizer, Limits(10_000, 1e-9)) < 1e-6


@pytest.mark.parametrize("name", ["line", "correlated", "heavy"])
@pytest.mark.parametrize("optimizer", [Rmsprop(), Adadelta(), Lion()], ids=str)
def test_full_batch_comes_close(name: str, optimizer) -> None:
    """What circles around the optimum with the size of its rate, which falls, leaves less than 1e-3."""
    assert gap(PROBLEMS[name], Batching(), optimizer, Limits(10_000, 1e-9)) < 1e-3


@pytest.mark.parametrize("name", PROBLEMS)
@pytest.mark.parametrize("size", [1, 10, 32])
def test_smaller_batches_settle(name: str, size: int) -> None:
    """With default limits sgd ends within 3 % of the least cost, untuned, whatever the batch."""
    assert gap(PROBLEMS[name], Batching(size), "auto", Limits(1000, 1e-4, full_batch=False)) < 0.03


@pytest.mark.parametrize("batching", [Batching(), Batching(10)], ids=["full", "batch"])
def test_resolved_repeats_the_run_bit_for_bit(batching: Batching) -> None:
    """Explicit settings go through unchanged, so posting what was resolved gives the same bits."""
    problem = PROBLEMS["correlated"]
    first = resolve(problem, batching, "auto", "auto")
    assert resolve(problem, batching, first.optimizer, first.schedule) == first


def test_full_batch_numbers() -> None:
    """Nesterov at 1/L with beta from L and mu; advice L, L/mu and 2/L: the numbers of data A."""
    L, mu = DATA_A_OPTIMUM["largest"], DATA_A_OPTIMUM["smallest"]
    resolved = resolve(least_squares(*LINE, intercept=True), Batching(), "auto", "auto")
    beta = (np.sqrt(L) - np.sqrt(mu)) / (np.sqrt(L) + np.sqrt(mu))
    assert resolved.optimizer == pytest.approx((beta, 0.0, True, False), rel=1e-6)
    assert resolved.schedule == pytest.approx((1 / L,), rel=1e-6)
    assert resolved.advice == pytest.approx((L, L / mu, 2 / L), rel=1e-6)


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [(Constant(0.1), Momentum), (Constant(0.9), Sgd), (InverseTime(5, 50), Sgd)],
    ids=["small", "large", "falling"],
)
def test_an_explicit_rate_chooses_a_stable_optimizer(schedule, expected: type) -> None:
    """Nesterov momentum is used up to 1/L only, because it diverges from 4/(3L) on."""
    problem = least_squares(*LINE, intercept=True)
    resolved = resolve(problem, Batching(), "auto", schedule)
    done = run(problem, Method(resolved.optimizer, resolved.schedule, Batching()), Limits(1000, 1e-9))
    assert isinstance(resolved.optimizer, expected)
    assert resolved.schedule == schedule
    assert done.outcome.reason != "diverged"
    assert done.outcome.last.cost == pytest.approx(DATA_A_OPTIMUM["cost"], rel=1e-2)


@pytest.mark.parametrize("rate", [1e-300, 1e-12, 0.1])
def test_the_beta_of_any_rate_is_one_that_settings_take(rate: float) -> None:
    resolved = resolve(least_squares(*LINE, intercept=True), Batching(), "auto", Constant(rate))
    given = {"name": "momentum", **resolved.optimizer._asdict()}
    assert load_settings({"target": "y", "learning_rate": rate, "optimizer": given}).optimizer == given


@pytest.mark.parametrize(
    ("batching", "optimizer"), [(Batching(5), Sgd()), (Batching(), Adam()), (Batching(5), "auto")], ids=str
)
def test_no_stable_rate_where_there_is_no_such_bound(batching: Batching, optimizer) -> None:
    """2/L is the bound of full-batch descent along the gradient."""
    assert resolve(PROBLEMS["line"], batching, optimizer, "auto").advice.largest_stable_learning_rate is None


@pytest.mark.parametrize("scale", [1e-8, 1.0, 1e8], ids=str)
def test_counts_of_any_scale_are_fitted_where_nothing_bounds_the_bend(scale: float) -> None:
    """The search for the size of the parameters looks below one too, where e^z is beyond float64."""
    X = RANDOM.normal(size=(60, 2))
    y = RANDOM.poisson(np.exp(1 + X @ [0.5, -0.3])) * 1.0
    problem = linear_problem(rows_cost(scale * X, y, intercept=True, loss=Poisson()))
    resolved = resolve(problem, Batching(), "auto", "auto")
    done = run(problem, Method(resolved.optimizer, resolved.schedule, Batching()), Limits(300)).outcome
    assert done.reason == "max_iterations"
    assert done.last.cost < problem.cost(np.zeros(3))


DECAYING = [Adamw(weight_decay=1e5), Lion(weight_decay=1e5)]
OTHERS: dict[str, Callable[[Optimizer], Resolved]] = {
    "network": lambda one: resolve_network(one, "auto"),
    "formula": lambda one: resolve_formula(formula(), Batching(), one, "auto"),
    "function": lambda one: resolve_function(FunctionProblem(parse("x**2"), ("x",)), [np.ones(1)], one, "auto"),
}


def formula() -> FormulaProblem:
    x = np.arange(1.0, 9.0)
    of_it = formula_of(parse("a*x"), ["x"], {"a": 1.0})
    return formula_problem(FormulaRows(x[:, np.newaxis], x, of_it, Squared(), None, 1.0, slice(0, 8)))


@pytest.mark.parametrize("model", OTHERS)
@pytest.mark.parametrize("optimizer", DECAYING, ids=["adamw", "lion"])
def test_no_rate_of_any_model_is_above_one_by_the_decay(model: str, optimizer: Optimizer) -> None:
    """An explicit one may be."""
    found = OTHERS[model](optimizer)
    assert learning_rates(found.schedule, np.zeros(1, dtype=np.int64), 1)[0] <= 1e-5
    assert resolve_network(optimizer, Constant(3.0)).schedule == Constant(3.0)


@pytest.mark.parametrize("size", [None, 8])
@pytest.mark.parametrize("optimizer", [Adamw(weight_decay=1000.0), Lion(weight_decay=1000.0)], ids=["adamw", "lion"])
def test_no_rate_turns_coefficients_round(optimizer: Adamw | Lion, size: int | None) -> None:
    """The decay of a step is at most the whole coefficient, so that none grows by it."""
    problem, batching = PROBLEMS["correlated"], Batching(size)
    resolved = resolve(problem, batching, optimizer, "auto")
    assert isinstance(resolved.schedule, InverseTime)
    assert resolved.schedule.t0 <= resolved.schedule.t1 / 1000.0
    outcome = run(problem, Method(resolved.optimizer, resolved.schedule, batching), Limits(200)).outcome
    assert outcome.reason == "max_iterations"
    assert outcome.last.cost <= outcome.start_cost
