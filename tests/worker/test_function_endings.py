"""What a function job says of how it ended: the kind of its end, what may be wrong, and a cure that was tried."""

from ctypes import c_byte
from types import SimpleNamespace
from typing import Any, cast

import pytest

from contract.function_settings import load_function_settings
from engine.training import train
from worker.function import descend_all, plan_function
from worker.function_result import function_ending
from worker.running import Running


def ended(function: Any, initial: dict[str, Any], **more: Any) -> tuple[str, dict[str, Any]]:
    """The terminal state and the fields of a job, run here."""
    chosen = {"expression": function} if any(sign in function for sign in "*(+- ") or function == "x" else function
    settings = load_function_settings({"function": chosen, "initial": initial, **more})
    plan = plan_function(settings)
    running = Running(cast("Any", SimpleNamespace(base=b"")), settings, c_byte(0))
    way = {"observe": running.observe, "interrupted": running.interruption}
    found, why = descend_all(plan, running, lambda theta: train(plan.problem, plan.method, theta, plan.limits, **way))
    return function_ending(plan, found, why, 0.0)[:2]


SGD = {"optimizer": "sgd"}
SETTLED, STOPPED = "settled_early", "stopped_at_max_iterations"


@pytest.mark.parametrize(
    ("function", "initial", "more", "kind", "code", "words"),
    [
        ("rosenbrock", {"x": -50, "y": 50}, {}, "none", STOPPED, "Allow more iterations"),
        ("rosenbrock", {"x": 10, "y": 10}, {}, "none", STOPPED, "Allow more iterations"),
        ("beale", {"x": 4.5, "y": 4.5}, {}, "none", STOPPED, "Allow more iterations"),
        ("x**2", {"x": 10}, SGD | {"learning_rate": 1.0}, "none", SETTLED, "jump across"),
        ("abs(x)", {"x": 3}, {}, "none", STOPPED, "jump across"),
        ("1e300*x**2", {"x": 1}, {}, "none", SETTLED, "hardly move"),
        ("1e-20*x**2", {"x": 1}, {}, "none", SETTLED, "hardly move"),
        ("exp(x) - 5*x", {"x": 50}, {}, "none", SETTLED, "hardly move"),
        ("(x - 3)**2 + 1e12", {"x": 0}, {}, "none", SETTLED, "tolerance"),
        ("x**2 - y**2", {"x": 1, "y": 0}, {}, "saddle", "not_a_minimum", "saddle"),
        ("sphere", {"x": 3, "y": 1}, {}, "minimum", None, ""),
        ("x**2", {"x": 0}, {"tolerance": {"cost": 0}, "time_limit": 1, "max_iterations": 10**7}, "minimum", None, ""),
    ],
)
def test_a_warning_names_the_cause(
    function: str, initial: dict[str, Any], more: dict[str, Any], kind: str, code: str | None, words: str
) -> None:
    state, fields = ended(function, initial, **more)
    assert (state, fields["result"]["stationary_point"]) == ("succeeded", kind)
    assert [warning["code"] for warning in fields["warnings"]] == ([code] if code else [])
    assert all(words in warning["detail"] and "inf" not in warning["detail"] for warning in fields["warnings"])


@pytest.mark.parametrize("function", ["x", "-x**2", "x**3", "x**2 - x**4", "x**2 - y**2"])
@pytest.mark.parametrize("way", [{}, SGD | {"learning_rate": 1e306}], ids=["auto", "long-steps"])
def test_a_function_that_falls_for_ever_diverges(function: str, way: dict[str, Any]) -> None:
    state, fields = ended(function, {name: -1.5 for name in "xy" if name in function}, **way)
    assert (state, fields["error"]["code"]) == ("failed", "diverged")
    assert "no least value" in fields["error"]["detail"] or way
    assert "None" not in fields["error"]["detail"]
    assert fields["error"]["iteration"] is not None


def test_a_deep_minimum_is_no_endless_fall() -> None:
    state, fields = ended("x**2 - 1e7*x", {"x": 0})
    assert (state, fields["result"]["stationary_point"]) == ("succeeded", "minimum")


@pytest.mark.parametrize(("function", "at"), [("log(x)", 1), ("sqrt(x)", 1), ("acos(x)", 0)])
def test_leaving_the_domain_is_told_and_no_rate_suggested_that_fails(function: str, at: float) -> None:
    state, fields = ended(function, {"x": at})
    error = fields["error"]
    assert (state, error["suggested_learning_rate"]) == ("failed", None)
    assert f"The step of iteration {error['iteration']} left the region" in error["detail"]


@pytest.mark.parametrize(("function", "at", "rate"), [("x - log(x)", 3, 9), ("x**2", 10, 1.5)])
def test_a_suggested_rate_does_not_diverge(function: str, at: float, rate: float) -> None:
    state, fields = ended(function, {"x": at}, **SGD, learning_rate=rate)
    assert state == "failed"
    again = ended(function, {"x": at}, **SGD, learning_rate=fields["error"]["suggested_learning_rate"])
    assert (again[0], again[1]["result"]["stationary_point"]) == ("succeeded", "minimum")
