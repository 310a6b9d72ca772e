"""Pictures of sweeps over HTTP: each job has a curve, whatever became of it."""

import json
from typing import Any

import pytest
import requests

from service.plot_sweep import told
from tests.support.jobs import LONG, line_csv
from tests.support.pictures import dashes, marked, size, texts, vertices
from tests.support.processes import Stack, eventually

CSV = line_csv()


def sweep(base: str, document: dict[str, Any], wait: float = 30) -> dict[str, Any]:
    parts = {"file": ("data.csv", CSV), "settings": (None, json.dumps(document))}
    answer = requests.post(f"{base}/v1/sweeps", params={"wait": wait}, files=parts, timeout=70)
    assert answer.status_code == 202, answer.text
    return dict(answer.json())


def plot(base: str, found: dict[str, Any], path: str = "plot.svg", **options: Any) -> requests.Response:
    return requests.get(f"{base}/v1/sweeps/{found['id']}/{path}", timeout=30, **options)


@pytest.fixture(scope="module")
def rates(base: str) -> dict[str, Any]:
    """The second one diverges."""
    shared = {"target": "y", "optimizer": "sgd", "name": "rates & <more>", "max_iterations": 50}
    return sweep(base, {"base": shared, "vary": {"learning_rate": [0.1, 50.0, 0.5]}})


def test_each_job_of_a_sweep_is_a_curve(base: str, rates: dict[str, Any]) -> None:
    """A vertex for each entry of its history, in their order in the ranking; what diverged is dashed and says so."""
    answer = requests.get(base + rates["links"]["plot"], timeout=30)
    assert answer.headers["Content-Type"] == "image/svg+xml"
    found = answer.content
    assert {"Cost: rates & <more>", "learning_rate", "0.1", "50 (diverged)", "0.5"} <= set(texts(found))
    assert {"curve-0", "curve-1", "curve-2", "diverged-2"} == set(marked(found))
    first = requests.get(f"{base}/v1/jobs/{rates['ranking'][0]['job']}/history", timeout=30).json()
    assert len(vertices(found, "curve-0")) == first["total"]
    assert [bool(dashes(found, f"curve-{k}")) for k in range(3)] == [False, False, True]


def test_the_legend_follows_the_ranking(base: str) -> None:
    """Which is by the validation cost where there is one, so that the winner stands first, however many there are."""
    document = {"base": {"target": "y", "validation": {"fraction": 0.3}, "max_iterations": 20}}
    found = sweep(base, document | {"vary": {"learning_rate": [0.02 * k for k in range(1, 25)]}})
    ranked = [told(one["varied"]["learning_rate"]) for one in found["ranking"]]
    shown = texts(plot(base, found).content)
    last = shown.index("and 5 more, ranked lower")
    assert shown[last - 19 : last] == ranked[:19]


def test_a_sweep_has_a_png_and_other_kinds(base: str, rates: dict[str, Any]) -> None:
    assert size(plot(base, rates, "plot.png").content) == (800, 500)
    assert "Learning rate: rates & <more>" in texts(plot(base, rates, "plot.svg?kind=learning_rate").content)


def test_a_sweep_over_a_function_shows_where_each_job_went(base: str) -> None:
    """The parameters of all jobs: named by what varied where there is one parameter, and else by both."""
    for function, initial, expected in (
        ({"expression": "x**2"}, {"x": 5}, {"x", "0.1", "0.3"}),
        ({"name": "sphere"}, {"x": 5, "y": 3}, {"value", *(f"{rate}: {name}" for rate in (0.1, 0.3) for name in "xy")}),
    ):
        shared = {"function": function, "initial": initial, "optimizer": "sgd", "max_iterations": 20}
        document = {"base": shared, "vary": {"learning_rate": [0.1, 0.3]}}
        answer = requests.post(f"{base}/v1/sweeps", params={"wait": 30}, json=document, timeout=70)
        assert answer.status_code == 202, answer.text
        found = plot(base, answer.json(), "plot.svg?kind=parameters")
        assert expected | {"learning_rate", "iteration"} <= set(texts(found.content))
        assert len(marked(found.content)) == 2 * len(initial)
        assert len(vertices(found.content, "curve-0")) == 21


def test_what_a_sweep_does_not_have_is_refused(base: str, rates: dict[str, Any]) -> None:
    answer = plot(base, rates, "plot.svg?kind=parameters")
    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_to_draw")
    assert answer.json()["detail"].endswith(
        '; it has: cost, learning_rate. Ask for "history": {"parameters": true} to have them recorded.'
    )
    for kind in ("fit", "nothing"):
        assert plot(base, rates, f"plot.svg?kind={kind}").status_code == 400
    assert plot(base, {"id": "sweep_" + 26 * "a"}).status_code == 404


def test_a_sweeps_picture_that_is_known_is_not_sent_again(base: str, rates: dict[str, Any]) -> None:
    tag = plot(base, rates).headers["ETag"]
    again = plot(base, rates, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")


def test_a_running_sweep_shows_what_there_is(running: Stack) -> None:
    """Jobs that have not begun are named; before the first one begins there is nothing to draw."""
    base, many = running.base, len(running.workers) + 1
    lasting = {"base": {"target": "y", **LONG}, "vary": {"max_iterations": [9_000_000 + k for k in range(many)]}}
    found = sweep(base, lasting, wait=0)
    eventually(lambda: plot(base, found).status_code == 200, what="a first curve")
    waiting = sweep(base, lasting, wait=0)
    nothing, first = plot(base, waiting), plot(base, found)
    assert (nothing.status_code, nothing.headers["Retry-After"]) == (409, "1")
    assert {str(9_000_000 + k) for k in range(many)} <= set(texts(first.content))
    assert first.headers["Retry-After"] == "1"
    eventually(lambda: plot(base, found).headers["ETag"] != first.headers["ETag"], what="another picture")
    for one in (found, waiting):
        requests.post(f"{base}/v1/sweeps/{one['id']}/cancel", timeout=10)
    eventually(lambda: "Retry-After" not in plot(base, found).headers, what="the end")
