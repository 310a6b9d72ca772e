"""Formulas: NIST's problems, gradients of every loss and penalty, blocks, batches, rows where there is no number."""

import json
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from engine.automatic import Resolved
from engine.batches import Batching
from engine.errors import InitialError
from engine.expressions import ExpressionError, names, parse
from engine.formula import formula_of
from engine.formula_automatic import resolve_formula
from engine.formula_model import formula_standard_errors, predicted_decrease
from engine.formula_problem import FormulaProblem, formula_problem
from engine.formula_rows import FormulaRows
from engine.losses import LOSSES, Loss, Poisson, Squared
from engine.method import Method
from engine.optimizers import Momentum
from engine.penalties import L1, L2, NO_PENALTY, ElasticNet, Penalty
from engine.schedules import Constant
from engine.stopping import Limits
from tests.engine.runs import Run, run

ROOT = Path(__file__).resolve().parents[2]
NIST = json.loads((ROOT / "tests" / "engine" / "data" / "nist_nonlinear.json").read_text())
PROBLEMS = ("Misra1a", "DanWood", "Chwirut2", "Thurber")
DECAY = {"a": 2.0, "b": 0.0, "c": -0.5}
SQUARED, FULL = Squared(), Batching()
NUMBERS = ("squared", "absolute", "huber", "quantile", "log_cosh", "poisson")


def problem_of(
    text: str,
    initial: dict[str, float],
    X: np.ndarray,
    y: np.ndarray,
    weights: np.ndarray | None = None,
    loss: Loss = SQUARED,
    penalty: Penalty = NO_PENALTY,
    threads: int = 1,
    scaled: bool = True,
) -> FormulaProblem:
    expression = parse(text)
    columns = [name for name in names(expression) if name not in initial]
    formula = formula_of(expression, columns, initial, scaled=scaled)
    return formula_problem(FormulaRows(X, y, formula, loss, weights, 1.0, slice(0, len(y)), threads), None, penalty)


def nist(name: str) -> FormulaProblem:
    given = NIST[name]
    y, x = np.loadtxt(ROOT / "examples" / "data" / f"{name.lower()}.csv", delimiter=",", skiprows=1).T
    return problem_of(given["expression"], given["first_start"], x[:, np.newaxis], y)


def certified(name: str, problem: FormulaProblem) -> np.ndarray:
    formula = problem.data.formula
    return np.array([NIST[name]["parameters"][parameter] for parameter in formula.parameters]) / formula.unit


def resolved(problem: FormulaProblem, batching: Batching = FULL) -> Resolved:
    return resolve_formula(problem, batching, "auto", "auto")


def fit(problem: FormulaProblem, limits: Limits, batching: Batching = FULL, way: Resolved | None = None) -> Run:
    found = way or resolved(problem, batching)
    return run(problem, Method(found.optimizer, found.schedule, batching), limits, problem.data.formula.start)


@pytest.mark.parametrize("iterations", [10, 30, 300])
@pytest.mark.parametrize("name", PROBLEMS)
def test_a_gauss_newton_step_tells_how_far_the_cost_is_above_the_least(name: str, iterations: int) -> None:
    """To some tenths, however early NIST's problems are broken off; nothing is left to gain at the certified values."""
    problem = nist(name)
    least, last = problem.cost(certified(name, problem)), fit(problem, Limits(iterations)).outcome.last
    promised = predicted_decrease(problem, last.theta)
    assert promised is not None
    assert promised == pytest.approx(last.cost - least, rel=0.4)
    assert promised <= last.cost
    assert predicted_decrease(problem, certified(name, problem)) <= 1e-8 * least


def test_what_a_gauss_newton_step_promises_is_exact_for_a_straight_line() -> None:
    """With weights and a ridge too; parameters that say the same are one, and other costs are not promised."""
    x, y, weights = np.arange(8.0), np.cos(np.arange(8.0)), np.linspace(0.5, 1.5, 8)
    line, twice = (
        problem_of(text, dict.fromkeys(names, 3.0), x[:, np.newaxis], y, weights, penalty=penalty)
        for text, names, penalty in (("a*x + b", "ab", L2(0.1)), ("(a + b)*x + c", "abc", NO_PENALTY))
    )
    A = np.column_stack([x, np.ones(8)])
    best = np.linalg.solve(A.T @ (A * weights[:, np.newaxis]) / 8 + 0.1 * np.eye(2), A.T @ (y * weights) / 8)
    gap = line.cost(line.data.formula.start) - line.cost(best / line.data.formula.unit)
    assert predicted_decrease(line, line.data.formula.start) == pytest.approx(gap, rel=1e-12)
    rooted = np.sqrt(weights)
    least = 0.5 * np.mean(
        (rooted * y - (A * rooted[:, None]) @ np.linalg.lstsq(A * rooted[:, None], rooted * y)[0]) ** 2
    )
    start = twice.data.formula.start
    assert predicted_decrease(twice, start) == pytest.approx(twice.cost(start) - least, rel=1e-9)
    for given in ({"loss": Poisson()}, {"penalty": L1(0.1)}):
        other = problem_of("a*x + b", {"a": 0.1, "b": 0.1}, x[:, np.newaxis], np.abs(y), **given)
        assert predicted_decrease(other, other.data.formula.start) is None


@pytest.mark.parametrize("name", PROBLEMS)
def test_the_data_are_nists(name: str) -> None:
    """At the certified parameters the sum of squares and the standard errors are the certified ones."""
    problem, given = nist(name), NIST[name]
    theta = certified(name, problem)
    assert 2 * problem.rows * problem.cost(theta) == pytest.approx(given["sum_of_squares"], rel=1e-10)
    errors = formula_standard_errors(problem, theta)
    assert errors == pytest.approx(given["standard_deviations"], rel=1e-7)


@pytest.mark.parametrize("name", ["Misra1a", "DanWood", "Chwirut2"])
def test_auto_comes_to_nists_values(name: str) -> None:
    """Four digits of every parameter from the first start, within the default number of iterations."""
    problem = nist(name)
    found = fit(problem, Limits(10_000, 1e-12)).outcome.last.theta
    np.testing.assert_allclose(found, certified(name, problem), rtol=5e-5)


@pytest.mark.parametrize(("name", "rate"), [("Misra1a", 2e-5), ("Thurber", 1e-8)], ids=["Misra1a", "Thurber"])
def test_momentum_with_restart_comes_to_nists_values(name: str, rate: float) -> None:
    """Where parameters hang together, as in a ratio of polynomials, four digits need a velocity."""
    problem = nist(name)
    way = resolved(problem)._replace(optimizer=Momentum(0.9999, nesterov=True, restart=True), schedule=Constant(rate))
    found = fit(problem, Limits(20_000), way=way).outcome.last.theta
    np.testing.assert_allclose(found, certified(name, problem), rtol=5e-5)


def decay(
    loss: Loss = SQUARED, *, weighted: bool = False, penalty: Penalty = NO_PENALTY, rows: int = 40, threads: int = 1
) -> FormulaProblem:
    random = np.random.default_rng(3)
    X = random.uniform(0.1, 2.0, size=(rows, 2))
    y = random.poisson(3.0, rows) * 1.0 if isinstance(loss, Poisson) else random.normal(size=rows)
    weights = random.uniform(0.0, 2.0, rows) if weighted else None
    return problem_of("a*exp(-b*x) + c*log(u)", DECAY, X[:, ::-1], y, weights, loss, penalty, threads)


@pytest.mark.parametrize("penalty", [NO_PENALTY, L2(0.3)], ids=["none", "l2"])
@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
@pytest.mark.parametrize("loss", NUMBERS)
def test_the_gradient_is_the_slope_of_the_cost(loss: str, weighted: bool, penalty: Penalty) -> None:
    """In units of the initial values, where the one that is zero has the unit 1."""
    problem = decay(LOSSES[loss](), weighted=weighted, penalty=penalty)
    theta = np.array([0.7, 0.4, 1.3])
    cost, gradient = problem.cost_and_gradient(theta)
    steps = 1e-6 * np.eye(3)
    expected = [(problem.cost(theta + step) - problem.cost(theta - step)) / 2e-6 for step in steps]
    np.testing.assert_allclose(gradient, expected, rtol=1e-6, atol=1e-8)
    assert problem.cost(theta) == pytest.approx(cost, rel=1e-14)


@pytest.mark.parametrize(
    ("columns", "initial"),
    [(["x"], {"a": 1.0}), (["x", "a"], {"a": 1.0, "b": 1.0}), (["x", "u"], {"a": 1.0, "b": 1.0})],
    ids=["a name is missing", "a name is both", "a column is none of its names"],
)
def test_a_formula_has_each_of_its_names_as_a_column_or_as_a_parameter(
    columns: list[str], initial: dict[str, float]
) -> None:
    with pytest.raises(ExpressionError, match="each once: a, x, b"):
        formula_of(parse("a*x + b"), columns, initial)


def test_a_large_batch_is_read_in_blocks() -> None:
    """Not with a column of all its rows for each of 61 nodes, which would be 116 MB."""
    rows = 240_000
    problem = problem_of("a" + "*x" * 30, {"a": 1.0}, np.ones((rows, 1)), np.zeros(rows))
    gradient = problem.batches(np.arange(rows), rows)
    tracemalloc.start()
    found = gradient(np.array([0.5]), 0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.tolist() == [0.5]
    assert peak < 10e6


@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
def test_the_batches_of_a_pass_have_the_full_gradient(weighted: bool) -> None:
    """Their mean by rows is that of all rows, a short last batch too."""
    problem, theta = decay(weighted=weighted, penalty=L2(0.3)), np.array([0.7, 0.4, 1.3])
    gradient = problem.batches(np.random.default_rng(0).permutation(40), 12)
    parts = sum(gradient(theta, k) * rows for k, rows in enumerate((12, 12, 12, 4))) / 40
    np.testing.assert_allclose(parts, problem.cost_and_gradient(theta)[1], rtol=1e-12)


def test_penalties_are_of_the_parameters_as_they_are_written() -> None:
    """The cost does not depend on the units of the fit."""
    X, y, penalty = np.ones((3, 1)), np.zeros(3), ElasticNet(0.5, 0.4)
    for scaled in (True, False):
        problem = problem_of("a*x + b", {"a": 4.0, "b": -0.5}, X, y, penalty=penalty, scaled=scaled)
        expected = 0.5 * 3.5**2 + 0.5 * (0.4 * 4.5 + 0.6 * 0.5 * (16 + 0.25))
        assert problem.cost(problem.data.formula.start) == pytest.approx(expected, rel=1e-14)


def test_an_l1_part_makes_exact_zeros() -> None:
    x = np.linspace(0.0, 1.0, 50)
    problem = problem_of("a*x + b*x**2", {"a": 1.0, "b": 1.0}, x[:, np.newaxis], 0.5 * x, penalty=L1(0.05))
    assert fit(problem, Limits(5000)).outcome.last.theta[1] == 0.0


def test_blocks_and_threads_change_no_bit() -> None:
    one, two = decay(rows=60_000), decay(rows=60_000, threads=2)
    theta = np.array([0.7, 0.4, 1.3])
    (cost, gradient), (other, slope) = one.cost_and_gradient(theta), two.cost_and_gradient(theta)
    assert (cost, gradient.tolist()) == (other, slope.tolist())
    scores = np.concatenate([scores for _, scores in one.data.scores(theta)])
    assert cost == pytest.approx(0.5 * np.mean((scores - one.data.y) ** 2), rel=1e-12)


@pytest.mark.parametrize("size", [1, 8], ids=str)
def test_smaller_batches_come_near(size: int) -> None:
    """A tenth of the noise of the target, from a start at ones."""
    random = np.random.default_rng(5)
    x = random.uniform(0.0, 5.0, 400)
    y = 5.0 * np.exp(-0.7 * x) + 1.0 + 0.05 * random.normal(size=400)
    problem = problem_of("a*exp(-b*x) + c", {"a": 1.0, "b": 1.0, "c": 1.0}, x[:, np.newaxis], y)
    found = fit(problem, Limits(200), Batching(size)).outcome.last.theta
    np.testing.assert_allclose(found, [5.0, 0.7, 1.0], rtol=0.05)


BROKEN = [
    ("log(x)*a", [1.0, -2.0, 3.0], "Row 2 (x = -2): the formula's value"),
    ("x**a", [4.0, 9.0, -1.0], "Row 3 (x = -1): the formula's value"),
    ("(x - a)**0.5", [3.0, 1.0], "Row 2 (x = 1): the formula's derivative by 'a'"),
]


@pytest.mark.parametrize(("text", "cells", "expected"), BROKEN, ids=[text for text, *_ in BROKEN])
def test_a_start_without_a_number_names_the_row(text: str, cells: list[float], expected: str) -> None:
    with pytest.raises(InitialError) as raised:
        problem_of(text, {"a": 1.0 if "-" in text else 0.5}, np.array(cells)[:, np.newaxis], np.zeros(len(cells)))
    assert str(raised.value).startswith(expected)


def test_there_are_no_errors_without_a_least_squares_fit() -> None:
    """With a penalty, another loss, parameters that only count together, or no more rows than parameters."""
    start = np.ones(2)
    x, y = np.array([[1.0], [2.0], [4.0]]), np.array([1.0, 3.0, 4.0])
    initial = {"a": 1.0, "b": 1.0}
    assert formula_standard_errors(problem_of("a*x + b", initial, x, y), start) is not None
    for problem in (
        problem_of("a*x + b", initial, x, y, penalty=L2(1.0)),
        problem_of("a*x + b", initial, x, y, loss=LOSSES["huber"]()),
        problem_of("a*b*x", initial, x, y),
        problem_of("a*x + b", initial, x[:2], y[:2]),
        problem_of("a*x + b", initial, x, y, np.array([1.5, 1.5, 0.0])),
    ):
        assert formula_standard_errors(problem, start) is None
