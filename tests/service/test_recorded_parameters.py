"""Parameters as columns of the history of a fit: in original units, and those of the answer at the end."""

from typing import Any

import pytest
import requests

from tests.support.jobs import post, submit

THREE = "x,colour,kind,y\n" + "".join(
    f"{k * 7 % 11},{('red', 'blue', 'green')[k % 3]},{'abc'[k * k % 3 - 1]},{k * 5 % 13}.5\n" for k in range(40)
)
RECORDED = {"history": {"parameters": True}, "max_iterations": 20}
FITS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "linear": ({"target": "y"}, ["intercept", "x", "colour=green", "colour=red"]),
    "no-intercept": ({"target": "y", "intercept": False}, ["x", "colour=blue", "colour=green", "colour=red"]),
    "small-batches": ({"target": "y", "batch_size": 4}, ["intercept", "x", "colour=green", "colour=red"]),
    "formula": (
        {"target": "y", "model": {"name": "formula", "expression": "a*x + b"}, "initial": {"a": 1.0, "b": 2.0}},
        ["a", "b"],
    ),
    "softmax": (
        {"target": "colour", "model": "softmax"},
        [f"{kind}: {name}" for kind in ("blue", "green", "red") for name in ("intercept", "x")],
    ),
    "network": (
        {"target": "y", "model": {"name": "network", "hidden": [2]}, "loss": "squared"},
        [
            *("layers[0].weights[0][0]", "layers[0].weights[0][1]", "layers[0].bias[0]", "layers[0].bias[1]"),
            *("layers[1].weights[0][0]", "layers[1].weights[1][0]", "layers[1].bias[0]"),
        ],
    ),
}


def leaves(parameters: Any) -> list[float]:
    """All numbers in a document."""
    if isinstance(parameters, dict | list):
        inner = parameters.values() if isinstance(parameters, dict) else parameters
        return [number for one in inner for number in leaves(one)]
    return [parameters] if isinstance(parameters, float) else []


@pytest.mark.parametrize(("settings", "names"), FITS.values(), ids=FITS)
def test_the_last_entry_has_the_parameters_of_the_answer(base: str, settings: dict[str, Any], names: list[str]) -> None:
    exclude = ["kind"] if len(names) == 4 else ["kind", "colour", "y"]
    exclude = [name for name in exclude if name != settings["target"]]
    job = submit(base, {**settings, "exclude": exclude, **RECORDED}, THREE, wait=30)
    found = requests.get(f"{base}{job['links']['history']}", timeout=10).json()
    assert list(found["parameters"]) == names
    assert {len(column) for column in found["parameters"].values()} == {len(found["iterations"])}
    last = sorted(column[-1] for column in found["parameters"].values())
    assert last == pytest.approx(sorted(leaves(job["result"]["parameters"])), rel=1e-12)


def test_two_parameters_never_share_a_name(base: str) -> None:
    """However columns and classes are called, each has a column of its own with the end that the result tells."""
    csv = "b: c,c,y\n1,2,a\n2,1,a: b\n0,1,a\n3,1,a: b\n"
    job = submit(base, {"target": "y", "model": "softmax", "intercept": False, **RECORDED}, csv, wait=30)
    found = requests.get(f"{base}{job['links']['history']}", timeout=10).json()["parameters"]
    assert list(found) == ["a: b: c", "a: c", "a: b: b: c", "a: b: c (2)"]
    assert [column[-1] for column in found.values()] == pytest.approx(leaves(job["result"]["parameters"]), rel=1e-12)


def test_a_model_of_too_many_parameters_is_refused(base: str) -> None:
    model = {"name": "network", "hidden": [400]}
    answer = post(base, {"target": "y", "model": model, "loss": "squared", **RECORDED}, THREE)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/history/parameters")


def test_nobody_pays_who_does_not_ask(base: str) -> None:
    job = submit(base, {"target": "y"}, wait=30)
    assert requests.get(f"{base}{job['links']['history']}", timeout=10).json()["parameters"] is None
