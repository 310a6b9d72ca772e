"""Function jobs over HTTP: an expression in, its minimum, its path and every start out."""

import json
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import requests

from contract.starts import starts
from engine.history import COLUMNS
from engine.named_functions import NAMED_FUNCTIONS
from tests.support.functions import FUNCTION_REFERENCES, PARABOLA, WAVES, FunctionReference
from tests.support.jobs import ended, line_csv, show

LONG = {
    "function": {"expression": PARABOLA},
    "initial": {"x": 5.0},
    "learning_rate": 1e-9,
    "tolerance": {"cost": 0},
    "max_iterations": 10_000_000,
}


def ask(base: str, settings: dict[str, Any], wait: float = 0) -> requests.Response:
    return requests.post(f"{base}/v1/jobs", params={"wait": wait} if wait else None, json=settings, timeout=70)


def minimise(base: str, settings: dict[str, Any]) -> dict[str, Any]:
    answer = ask(base, settings, wait=60)
    assert answer.status_code == 202, answer.text
    job: dict[str, Any] = answer.json()
    assert job["state"] in ("succeeded", "failed"), job
    return job


def history(base: str, job: dict[str, Any], **query: int) -> dict[str, Any]:
    found: dict[str, Any] = requests.get(f"{base}{job['links']['history']}", params=query, timeout=10).json()
    return found


def drawn(box: dict[str, Any], seed: int) -> list[float]:
    """The starts that are drawn in a box of x, in order."""
    return [float(one) for (one,) in starts(box, ("x",), seed)]


@pytest.mark.parametrize("reference", FUNCTION_REFERENCES[::3], ids=lambda reference: reference.id)
def test_a_tutorial_over_http(base: str, reference: FunctionReference) -> None:
    """The numbers of the reference table, with the path in the history from the start to the end."""
    job = minimise(
        base,
        {
            "function": {"expression": reference.expression},
            "initial": reference.initial,
            "optimizer": reference.optimizer,
            "learning_rate": reference.learning_rate,
            "max_iterations": reference.iterations,
            "tolerance": {"cost": 0},
        },
    )
    result, path = job["result"], history(base, job)["parameters"]
    assert job["stop_reason"] == "max_iterations"
    assert result["parameters"] == pytest.approx(reference.parameters, abs=0.51 * 10**-reference.digits)
    assert {name: column[0] for name, column in path.items()} == reference.initial
    assert {name: column[-1] for name, column in path.items()} == result["parameters"]
    assert {len(column) for column in path.values()} == {reference.iterations + 1}


def test_a_random_start_and_nothing_tuned(base: str) -> None:
    """The first example of every tutorial: x² from somewhere in a box."""
    job = minimise(base, {"function": {"expression": "x**2"}, "initial": {"random": {"x": [-100, 100]}}, "seed": 7})
    result = job["result"]
    assert (job["state"], job["stop_reason"], result["stationary_point"]) == ("succeeded", "converged", "minimum")
    assert result["parameters"]["x"] == pytest.approx(0.0, abs=1e-5)
    assert -100 < result["starts"][0]["initial"]["x"] < 100
    assert (len(result["starts"]), job["warnings"], job["links"]["model"]) == (1, [], None)
    assert result["gradient_check"] < 1e-8
    assert job["resolved"]["optimizer"]["name"] == "adam"


def test_several_starts_come_best_first_with_the_path_of_the_best(base: str) -> None:
    """Which minimum each start reached; two of this function have different values."""
    box = {"random": {"x": [-4, 6]}, "count": 8}
    job = minimise(base, {"function": {"expression": WAVES}, "initial": box, "seed": 1})
    found, path = job["result"]["starts"], history(base, job)
    ends = {round(one["parameters"]["x"], 2) for one in found}
    assert (len(found), ends) == (8, {-1.31, 3.84})
    assert [one["cost"] for one in found] == sorted(one["cost"] for one in found)
    assert job["result"]["cost"] == found[0]["cost"] == pytest.approx(-0.7945823375615284, abs=1e-9)
    assert path["parameters"]["x"][0] == found[0]["initial"]["x"]
    assert path["start"] == drawn(box, 1).index(found[0]["initial"]["x"]) != 7
    assert job["progress"]["cost"] == job["result"]["cost"]
    assert job["progress"]["iteration"] == sum(one["iterations"] for one in found)
    assert path["total"] == found[0]["iterations"] + 1 == len(path["cost"])
    progress = job["progress"]
    assert progress["iteration"] == sum(one["iterations"] for one in found)


def test_resolved_settings_repeat_the_run_bit_for_bit(base: str) -> None:
    settings = {"function": "himmelblau", "initial": {"random": {"x": [-5, 5], "y": [-5, 5]}, "count": 3}}
    first = minimise(base, settings)
    again = minimise(base, {**first["settings"], **first["resolved"]})
    assert again["resolved"] == first["resolved"]
    assert again["result"]["starts"] == first["result"]["starts"]
    columns = ("cost", "learning_rate", "gradient_norm", "parameters")
    assert [history(base, again)[name] for name in columns] == [history(base, first)[name] for name in columns]


def test_a_named_function_needs_nothing_but_its_name(base: str) -> None:
    """It starts at one point of its usual box; with central differences it ends at the same minimum."""
    for function in ("booth", {"name": "booth", "gradient": "central"}):
        job = minimise(base, {"function": function})
        assert job["settings"]["initial"] == {"random": {"x": [-10.0, 10.0], "y": [-10.0, 10.0]}, "count": 1}
        assert job["result"]["parameters"] == pytest.approx({"x": 1.0, "y": 3.0}, abs=1e-3)


def test_the_path_can_be_left_out_and_comes_as_csv(base: str) -> None:
    settings = {"function": "sphere", "initial": {"x": 3, "y": 4}, "learning_rate": 0.1, "optimizer": "sgd"}
    with_path = minimise(base, {**settings, "max_iterations": 3})
    url = f"{base}{with_path['links']['history']}"
    header, first, *_ = requests.get(url, headers={"Accept": "text/csv"}, timeout=10).text.splitlines()
    assert header == ",".join([*COLUMNS, "parameters.x", "parameters.y"])
    assert first.endswith(",3.0,4.0")
    end = history(base, with_path, since_iteration=2)["parameters"]
    assert (end["x"], end["y"]) == (pytest.approx([3 * 0.8**3]), pytest.approx([4 * 0.8**3]))
    without = minimise(base, {**settings, "max_iterations": 3, "history": {"parameters": False}})
    assert history(base, without)["parameters"] is None


def test_a_saddle_point_and_a_maximum_are_told_from_a_minimum(base: str) -> None:
    for expression, kind in (("x**2 - y**2", "saddle"), ("-x**2 - y**2", "maximum")):
        job = minimise(base, {"function": {"expression": expression}, "initial": {"x": 0, "y": 0}})
        assert job["result"]["stationary_point"] == kind
        assert [warning["code"] for warning in job["warnings"]] == ["not_a_minimum"]


def test_too_few_iterations_leave_no_minimum_and_a_word_about_it(base: str) -> None:
    job = minimise(base, {**LONG, "max_iterations": 20})
    assert (job["result"]["stationary_point"], job["stop_reason"]) == ("none", "max_iterations")
    (warning,) = job["warnings"]
    assert (warning["code"], warning["pointer"]) == ("stopped_at_max_iterations", "/learning_rate")


def test_a_function_without_a_minimum_says_so(base: str) -> None:
    job = minimise(
        base, {"function": {"expression": "x**3"}, "initial": {"x": -1}, "optimizer": "sgd", "learning_rate": 0.1}
    )
    assert (job["state"], job["stop_reason"], job["error"]["code"]) == ("failed", "diverged", "diverged")
    assert "no least value" in job["error"]["detail"]
    assert job["error"]["suggested_learning_rate"] is None


def test_a_rate_that_is_too_large_is_answered_with_a_better_one(base: str) -> None:
    settings = {"function": {"expression": PARABOLA}, "initial": {"x": 5}, "optimizer": "sgd"}
    job = minimise(base, {**settings, "learning_rate": 2.5})
    assert (job["state"], job["error"]["code"]) == ("failed", "diverged")
    better = minimise(base, {**settings, "learning_rate": job["error"]["suggested_learning_rate"]})
    assert (better["state"], better["result"]["parameters"]["x"]) == ("succeeded", pytest.approx(-2.5, abs=1e-3))


def test_a_gradient_that_is_no_number_is_not_blamed_on_the_rate(base: str) -> None:
    """The first step ends at zero, where the slopes of the roots are infinite, and their difference is NaN."""
    expression = "x**2/2 + minimum(sqrt(2*x) - sqrt(x), 0)"
    settings = {"function": {"expression": expression}, "initial": {"x": 1}, "optimizer": "sgd", "learning_rate": 1}
    job = minimise(base, settings)
    assert (job["state"], job["error"]["code"], job["error"]["iteration"]) == ("failed", "diverged", 2)
    assert "its gradient is none" in job["error"]["detail"]
    assert job["error"]["suggested_learning_rate"] is None


@pytest.mark.parametrize("x", [-800, 800])
def test_a_function_that_is_saturated_stands_still_where_it_began(base: str, x: float) -> None:
    """The exp(-x) of a sigmoid is infinite far below zero, and has no share in its slope."""
    job = minimise(base, {"function": {"expression": "1/(1 + exp(-x))"}, "initial": {"x": x}})
    assert (job["state"], job["result"]["parameters"], job["result"]["gradient_norm"]) == ("succeeded", {"x": x}, 0)


def test_starts_that_come_to_nothing_are_listed_last(base: str) -> None:
    """Where a logarithm has no value there is nothing to descend; the other starts count."""
    box = {"random": {"x": [-1, 1]}, "count": 8}
    job = minimise(base, {"function": {"expression": "x - log(x)"}, "initial": box})
    starts = job["result"]["starts"]
    nowhere = [one for one in starts if one["initial"]["x"] < 0]
    assert (job["state"], job["result"]["parameters"]["x"]) == ("succeeded", pytest.approx(1.0, abs=1e-3))
    assert starts[-len(nowhere) :] == nowhere
    assert {(one["cost"], one["stop_reason"], one["iterations"]) for one in nowhere} == {(None, None, 0)}
    assert "starts_without_value" in [warning["code"] for warning in job["warnings"]]
    failed = minimise(base, {"function": {"expression": "log(x)"}, "initial": {"random": {"x": [-2, -1]}, "count": 2}})
    assert (failed["state"], failed["error"]["code"]) == ("failed", "invalid_settings")


NOWHERE = {"function": {"expression": "log(x)"}, "learning_rate": 1e-9, "tolerance": {"cost": 0}}


def test_one_start_without_a_value_says_so(base: str) -> None:
    failed = minimise(base, {**NOWHERE, "initial": {"random": {"x": [-2, -1]}}})
    assert failed["error"]["detail"] == "The function has no finite value at its start: draw it in another box."


def test_all_starts_share_the_time_limit(base: str) -> None:
    """Each has its part of it, so that none is left out."""
    box = {"random": {"x": [-5, 5]}, "count": 10}
    job = minimise(base, {**LONG, "initial": box, "time_limit": 1})
    assert (job["state"], job["stop_reason"]) == ("succeeded", "time_limit")
    assert [start["stop_reason"] for start in job["result"]["starts"]] == 10 * ["time_limit"]
    assert [warning["code"] for warning in job["warnings"]] == ["stopped_at_time_limit"]


def test_a_running_function_job_can_be_cancelled_and_keeps_what_it_has(base: str) -> None:
    accepted = ask(base, {**LONG, "labels": {"kind": "function"}}).json()
    here = f"{base}{accepted['links']['self']}"
    while show(base, accepted["id"])["progress"]["iteration"] < 100:
        pass
    requests.post(f"{here}/cancel", timeout=10)
    job = ended(base, accepted["id"])
    assert (job["state"], job["stop_reason"]) == ("cancelled", "cancelled")
    assert job["result"]["cost"] < 60
    costs = history(base, job, points=50)["cost"]
    assert all(after <= before for before, after in pairwise(costs))
    assert requests.get(f"{here}/model", timeout=10).status_code == 409
    assert requests.delete(here, timeout=10).status_code == 204


def test_validate_answers_the_settings_of_a_function_job(base: str) -> None:
    answer = requests.post(f"{base}/v1/jobs/validate", json={"function": "ackley"}, timeout=10)
    verdict = answer.json()
    assert (answer.status_code, verdict["dataset"], verdict["settings"]["max_iterations"]) == (200, None, 10_000)


REFUSED: dict[str, tuple[dict[str, Any], str, str]] = {
    "83-import": (
        {"function": {"expression": "__import__('os').system('id')"}},
        "/function/expression",
        "invalid_expression",
    ),
    "84-attribute": ({"function": {"expression": "x.T"}}, "/function/expression", "invalid_expression"),
    "85-lambda": ({"function": {"expression": "lambda: 1"}}, "/function/expression", "invalid_expression"),
    "86-power": ({"function": {"expression": "9**9**9"}}, "/function/expression", "invalid_expression"),
    "86-infinite": (
        {"function": {"expression": "x*exp(exp(exp(100)))"}, "initial": {"x": 1}},
        "/initial",
        "invalid_settings",
    ),
    "87-signs": ({"function": {"expression": "-" * 3000 + "1"}}, "/function/expression", "invalid_expression"),
    "87-NUL": ({"function": {"expression": "x\0"}}, "/function/expression", "invalid_expression"),
    "87-surrogate": ({"function": {"expression": "x\ud800"}}, "/function/expression", "invalid_expression"),
    "87-megabyte": ({"function": {"expression": "x" * 1_000_000}}, "/function/expression", "invalid_expression"),
    "88-unknown": ({"function": {"expression": "f(x)"}}, "/function/expression", "invalid_expression"),
    "88-None": ({"function": {"expression": "None"}}, "/function/expression", "invalid_expression"),
    "no-text": ({"function": {"expression": 3}}, "/function/expression", "wrong_type"),
    "no-variable": ({"function": {"expression": "5"}}, "/function/expression", "invalid_expression"),
    "null": ({"function": None}, "/function", "wrong_type"),
    "list": ({"function": []}, "/function", "wrong_type"),
    "nothing": ({"function": {}}, "/function", "missing_field"),
    "both": ({"function": {"expression": "x", "name": "ackley"}}, "/function", "missing_field"),
    "unknown-name": ({"function": "rosenbrok"}, "/function/name", "unknown_choice"),
    "unknown-member": ({"function": {"name": "ackley", "dimension": 3}}, "/function/dimension", "unknown_field"),
    "gradient": ({"function": {"name": "ackley", "gradient": "forward"}}, "/function/gradient", "unknown_choice"),
    "no-start": ({"function": {"expression": "x"}}, "/initial", "missing_field"),
    "start-in-a-word": ({"function": "sphere", "initial": "zeros"}, "/initial", "wrong_type"),
    "start-elsewhere": ({"function": "sphere", "initial": {"x": 1, "y": 1, "z": 1}}, "/initial/z", "unknown_parameter"),
    "half-a-start": ({"function": "sphere", "initial": {"x": 1}}, "/initial", "missing_parameter"),
    "no-number": ({"function": "sphere", "initial": {"x": 1, "y": "1"}}, "/initial/y", "wrong_type"),
    "no-value": ({"function": {"expression": "log(x)"}, "initial": {"x": 0}}, "/initial", "invalid_settings"),
    "no-gradient": ({"function": {"expression": "sqrt(x)"}, "initial": {"x": 0}}, "/initial", "invalid_settings"),
    "empty-box": ({"function": "sphere", "initial": {"random": {}}}, "/initial/random", "missing_parameter"),
    "box-upside-down": (
        {"function": "sphere", "initial": {"random": {"x": [1, 0], "y": [0, 1]}}},
        "/initial/random/x",
        "out_of_range",
    ),
    "three-sides": (
        {"function": "sphere", "initial": {"random": {"x": [0, 1, 2], "y": [0, 1]}}},
        "/initial/random/x",
        "wrong_type",
    ),
    "no-box": ({"function": "sphere", "initial": {"random": [0, 1], "count": 2}}, "/initial/random", "wrong_type"),
    "many-starts": (
        {"function": "sphere", "initial": {"random": {"x": [0, 1], "y": [0, 1]}, "count": 101}},
        "/initial/count",
        "out_of_range",
    ),
    "target": ({"function": "sphere", "target": "y"}, "/target", "unknown_field"),
    "dataset": ({"function": "sphere", "dataset": "ds_x"}, "/dataset", "unknown_field"),
    "batch": ({"function": "sphere", "batch_size": None}, "/batch_size", "unknown_field"),
    "model": ({"function": "sphere", "model": "linear"}, "/model", "unknown_field"),
    "typo": ({"function": "sphere", "learnig_rate": 1}, "/learnig_rate", "unknown_field"),
    "restart": (
        {"function": "sphere", "optimizer": {"name": "momentum", "restart": True}},
        "/optimizer/restart",
        "invalid_settings",
    ),
}


@pytest.mark.parametrize(("settings", "pointer", "code"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_run_is_refused_with_its_place(
    base: str, settings: dict[str, Any], pointer: str, code: str
) -> None:
    headers = {"Content-Type": "application/json"}
    answer = requests.post(f"{base}/v1/jobs", data=json.dumps(settings), headers=headers, timeout=10)
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["errors"][0]["pointer"]) == (422, code, pointer)
    assert len(answer.content) < 2000


def test_a_file_beside_a_function_is_refused(base: str) -> None:
    parts = {"file": ("data.csv", line_csv()), "settings": (None, json.dumps({"function": "sphere"}))}
    answer = requests.post(f"{base}/v1/jobs", files=parts, timeout=10)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/function")


def test_the_catalogue_lists_every_named_function(base: str) -> None:
    """With what is needed to draw it: its text, its box, and where it is least."""
    listed = requests.get(f"{base}/v1/catalogue", timeout=10).json()["functions"]
    assert [one["name"] for one in listed] == list(NAMED_FUNCTIONS)
    for one in listed:
        named = NAMED_FUNCTIONS[one["name"]]
        assert (one["formula"], one["least"]) == (named.expression, named.least)
        assert np.array_equal([[point["x"], point["y"]] for point in one["minima"]], named.minima)
        assert one["box"] == {name: list(sides) for name, sides in named.box.items()}


def test_a_sweep_compares_rates_on_one_function(base: str) -> None:
    """The tutorials' comparison: 0.01, 0.1 and 0.5 on the same parabola from the same start."""
    shared = {"function": {"expression": PARABOLA}, "initial": {"x": 5}, "optimizer": "sgd", "max_iterations": 50}
    document = {"base": {**shared, "tolerance": {"cost": 0}}, "vary": {"learning_rate": [0.01, 0.1, 0.5]}}
    sweep = requests.post(f"{base}/v1/sweeps?wait=30", json=document, timeout=40).json()
    assert [one["varied"]["learning_rate"] for one in sweep["ranking"]] == [0.5, 0.1, 0.01]
    assert [one["iterations_to_target"] is None for one in sweep["ranking"]] == [False, False, True]
    ends = [show(base, one["job"])["result"]["parameters"]["x"] for one in sweep["ranking"]]
    assert ends == pytest.approx([-2.5, -2.4998929564, 0.2312726007], abs=1e-9)
    wrong = requests.post(f"{base}/v1/sweeps", json={**document, "vary": {"batch_size": [1, 2]}}, timeout=10)
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/vary/batch_size/0")
