"""Functions of named variables: their known results, how they are descended untuned, and where a descent ended."""

import json
from functools import partial

import numpy as np
import pytest

from engine.batches import Batching
from engine.expressions import names, parse
from engine.function_automatic import resolve_function
from engine.function_problem import FunctionProblem, gradient_check
from engine.method import Method
from engine.named_functions import NAMED_FUNCTIONS
from engine.optimizers import OPTIMIZERS, Sgd
from engine.randomness import starts_in_box
from engine.schedules import Constant
from engine.stationary import hessian, stationary_point
from engine.stopping import Limits
from tests.engine.runs import Run, optimizer_of, run
from tests.support.functions import FUNCTION_REFERENCES, WAVES, FunctionReference

FULL = Batching(None, "shuffle")
TOLERANCES = {"lion": 1e-2, "adamw": 0.1}
TO_THE_END = Limits(10_000, 1e-9, unit=1.0)


def function(text: str, *, central: bool = False) -> FunctionProblem:
    return FunctionProblem(expression := parse(text), names(expression), central)


def minimised(problem: FunctionProblem, start: list[float], optimizer: str = "auto") -> Run:
    chosen = "auto" if optimizer == "auto" else OPTIMIZERS[optimizer]()
    resolved = resolve_function(problem, [theta := np.array(start)], chosen, "auto")
    return run(problem, Method(resolved.optimizer, resolved.schedule, FULL), TO_THE_END, theta)


@pytest.mark.parametrize("central", [False, True], ids=["exact", "central"])
@pytest.mark.parametrize("reference", FUNCTION_REFERENCES, ids=lambda reference: reference.id)
def test_a_tutorial_ends_where_it_is_known_to(reference: FunctionReference, central: bool) -> None:
    """To all digits that are printed, and to 1e-8 with the gradient of central differences."""
    problem = function(reference.expression, central=central)
    method = Method(optimizer_of(reference.optimizer), Constant(reference.learning_rate), FULL)
    start = np.array([reference.initial[name] for name in problem.variables])
    last = run(problem, method, Limits(reference.iterations), start).outcome.last
    near = partial(pytest.approx, rel=0, abs=1e-8 if central else 0.51 * 10**-reference.digits)
    assert dict(zip(problem.variables, last.theta, strict=True)) == near(reference.parameters)
    assert reference.cost is None or last.cost == near(reference.cost)


@pytest.mark.parametrize(
    ("start", "end", "least"),
    [(-3.0, -1.3064, -0.7945823375615284), (1.9, -1.3064, -0.7945823375615284), (2.1, 3.8374, 0.831559)],
)
def test_each_start_finds_the_minimum_of_its_valley(start: float, end: float, least: float) -> None:
    problem = function(WAVES)
    last = run(problem, Method(Sgd(), Constant(0.1), FULL), Limits(1000), np.array([start])).outcome.last
    assert (last.theta[0], last.cost) == (pytest.approx(end, abs=1e-4), pytest.approx(least, abs=5e-7))
    assert stationary_point(problem, last.theta) == "minimum"


@pytest.mark.parametrize("name", NAMED_FUNCTIONS)
def test_a_named_function_has_its_least_value_where_it_says(name: str) -> None:
    """Its minima lie in the box, have the value, and are stationary but for Ackley's, which is a corner."""
    named, problem = NAMED_FUNCTIONS[name], function(NAMED_FUNCTIONS[name].expression)
    assert set(problem.variables) == set(named.box) == {"x", "y"}
    for minimum in map(np.array, named.minima):
        assert np.abs(minimum).max() <= named.reach
        assert problem.cost(minimum) == pytest.approx(named.least, abs=1e-13)
        around = problem.cost_and_gradient
        assert all(
            around(minimum + 1e-3 * np.array(way))[0] > named.least for way in [(1, 0), (-1, 0), (0, 1), (0, -1)]
        )
        if name != "ackley":
            assert np.abs(problem.gradient(minimum)).max() < 1e-12
            assert stationary_point(problem, minimum) == "minimum"


@pytest.mark.parametrize("name", NAMED_FUNCTIONS)
def test_the_gradient_of_a_named_function_is_that_of_differences(name: str) -> None:
    problem, reach = function(NAMED_FUNCTIONS[name].expression), NAMED_FUNCTIONS[name].reach
    for start in starts_in_box(np.full(2, -reach), np.full(2, reach), 5, seed=1):
        check = gradient_check(problem, start)
        assert check is not None
        assert check < (
            1e-6 if name == "ackley" else 1e-8
        )  # its waves are short beside its box, and so beside the step


@pytest.mark.parametrize("name", NAMED_FUNCTIONS)
def test_a_descent_begun_near_a_minimum_reaches_it_untuned(name: str) -> None:
    named, problem = NAMED_FUNCTIONS[name], function(NAMED_FUNCTIONS[name].expression)
    for minimum in named.minima:
        last = minimised(problem, [minimum[0] + 0.1, minimum[1] - 0.1]).outcome.last
        assert last.theta == pytest.approx(minimum, abs=1e-3)
        assert last.cost == pytest.approx(named.least, abs=2e-3 if name == "ackley" else 1e-5)


@pytest.mark.parametrize("optimizer", [*OPTIMIZERS, "auto"])
def test_any_optimizer_finds_the_bottom_of_a_bowl_untuned(optimizer: str) -> None:
    """Lion's steps are all of one length, and decoupled decay pulls with a force that the function does not know."""
    last = minimised(function("(x - 3)**2 + 2*(y + 1)**2 - 7"), [40.0, 10.0], optimizer).outcome.last
    assert last.cost == pytest.approx(-7.0, abs=TOLERANCES.get(optimizer, 1e-3))


@pytest.mark.parametrize(
    ("text", "at", "kind"),
    [
        ("x**2 + y**2", (0.0, 0.0), "minimum"),
        ("x**2 + 1e-3*y**2", (1e-8, 1e-8), "minimum"),
        ("-x**2 - 3*y**2", (0.0, 0.0), "maximum"),
        ("x**2 - y**2", (0.0, 0.0), "saddle"),
        ("x*y", (0.0, 0.0), "saddle"),
        ("x**2 + 0*y", (0.0, 5.0), "flat"),
        ("5 + 0*x + 0*y", (1.0, 1.0), "flat"),
        ("x**4 + y**2", (1e-4, 0.0), "flat"),
        ("x + y", (1.0, 1.0), "none"),
        ("x**2 + y**2", (1.0, 0.0), "none"),
        ("1e300*x**2 + y**2", (1.0, 0.0), "none"),
        ("(1 - x)**2 + 100*(y - x**2)**2", (11.909, 141.828), "none"),
        ("(1 - x)**2 + 100*(y - x**2)**2", (1.1863, 1.4076), "none"),
        ("(1 - x)**2 + 100*(y - x**2)**2", (1.0001, 1.0002), "minimum"),
        ("abs(x) + abs(y)", (0.1, 0.1), "none"),
        ("sqrt(x) + y", (-1.0, 0.0), "none"),
        ("1e6 + x**2 + y**2", (0.0, 0.0), "minimum"),
    ],
)
def test_the_kind_of_a_point(text: str, at: tuple[float, float], kind: str) -> None:
    problem = FunctionProblem(parse(text), ("x", "y"))
    assert stationary_point(problem, np.array(at)) == kind


def test_the_hessian_is_the_known_one() -> None:
    found = hessian(function("x**2*y + exp(x)"), np.array([1.0, 2.0]))
    np.testing.assert_allclose(found, [[4.0 + np.e, 2.0], [2.0, 0.0]], atol=1e-9)


def test_a_gradient_without_a_number_has_no_check() -> None:
    assert gradient_check(function("sqrt(x)"), np.array([-1.0])) is None


def test_falling_below_the_start_is_no_divergence() -> None:
    """A start below zero, and one at zero, are measured by their size."""
    for start in (3.0, 5.0):
        done = run(function("x**2 - 25"), Method(Sgd(), Constant(0.1), FULL), TO_THE_END, np.array([start]))
        assert (done.outcome.reason, round(done.outcome.last.cost, 6)) == ("converged", -25.0)


def test_the_first_value_does_not_widen_the_tolerance() -> None:
    """From 1e6 the first value is 1e12, and 1e-9 * 1e-6 of that would allow changes of 1e-3."""
    problem, theta = function("(x - 3)**2"), np.array([1e6])
    limits = TO_THE_END._replace(most=1.0)
    done = run(problem, Method(Sgd(), Constant(0.01), FULL), limits, theta)
    assert (done.outcome.reason, done.outcome.last.cost) == ("converged", pytest.approx(0.0, abs=1e-12))


@pytest.mark.parametrize(("text", "reason"), [("x", "diverged"), ("(x + 2000)**2", "max_iterations")])
def test_a_cost_that_falls_and_falls_below_the_least_there_may_be_diverges(text: str, reason: str) -> None:
    limits = Limits(30, unit=1.0, least=-5.0)
    outcome = run(
        function(text), Method(Sgd(), Constant(1.0 if text == "x" else 0.1), FULL), limits, np.zeros(1)
    ).outcome
    assert outcome.reason == reason
    if reason == "diverged":
        assert (outcome.first_bad_iteration, outcome.iterations, outcome.broken and outcome.broken.cost) == (6, 15, -15)


def test_a_function_without_a_least_value_diverges() -> None:
    done = run(function("x**3"), Method(Sgd(), Constant(0.1), FULL), TO_THE_END, np.array([-1.0]))
    assert done.outcome.reason == "diverged"
    assert done.outcome.best.cost < -1.0


@pytest.mark.parametrize(
    "text", ["x", "-exp(x)", "1e300*x", "1e-300*x**2", "0*x", "1/x", "log(x)", "exp(-x)", "abs(x)"]
)
@pytest.mark.filterwarnings("error")
def test_any_function_gets_a_finite_rate(text: str) -> None:
    """Also one that falls for ever, is flat, too steep or not finite: the rate can be posted again as JSON."""
    for optimizer in OPTIMIZERS.values():
        schedule = resolve_function(function(text), [np.array([2.0]), np.array([-1.0])], optimizer(), "auto").schedule
        assert all(0.0 < rate < np.inf for rate in schedule if isinstance(rate, float))
        json.dumps(schedule, allow_nan=False)


def test_starts_are_drawn_by_the_seed_within_the_box() -> None:
    low, high = np.array([-5.0, 1e308]), np.array([5.0, 1.1e308])
    found = starts_in_box(low, high, 8, seed=3)
    assert ((found >= low) & (found <= high)).all()
    np.testing.assert_array_equal(found[:3], starts_in_box(low, high, 3, seed=3))
    assert not np.array_equal(found, starts_in_box(low, high, 8, seed=4))
