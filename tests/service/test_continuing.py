"""Going on over HTTP with real workers: more iterations of a job are those that it would have made in one run."""

import json
import re
from typing import Any

import numpy as np
import pytest
import requests

from contract.store_keys import BASE, CHECKPOINT, DEAD_CHECKPOINTS, JOB
from service.shown import JOB_ID
from tests.support.jobs import LONG, ended, submit
from tests.support.problems import problem
from tests.support.processes import Stack, eventually

WIDE = 900
KINDS: dict[str, dict[str, Any]] = {
    "auto": {"scaling": "none", "tolerance": {"cost": 0}},
    "adam": {"batch_size": 8, "optimizer": "adam", "learning_rate": 0.01, "tolerance": {"cost": 0}},
    "drawn": {"batch_size": 5, "sampling": "replacement", "averaging": True, "tolerance": {"cost": 0}},
    "held out": {"validation": {"fraction": 0.2, "method": "random"}, "early_stopping": {"patience": 50}, "seed": 4},
    "thin": {"history": {"every": 4}, "batch_size": 20, "tolerance": {"cost": 0}},
    "formula": {
        "model": {"name": "formula", "expression": "p + exp(q)*a + r*b"},
        "initial": {"p": 0, "q": 0.1, "r": 0},
        "validation": {"fraction": 0.3},
    },
    "network": {"model": {"name": "network", "hidden": [4]}, "loss": "squared", "batch_size": 16},
}


def go_on(base: str, job_id: str, more: int = 10, wait: int = 30, **headers: str) -> requests.Response:
    url, body = f"{base}/v1/jobs/{job_id}/continue", {"max_iterations": more}
    return requests.post(url, params={"wait": wait}, json=body, headers=headers, timeout=70)


def child_of(base: str, job_id: str, more: int = 10) -> dict[str, Any]:
    """The ended job that continues this one."""
    answer = go_on(base, job_id, more)
    assert answer.status_code == 202, answer.text
    return ended(base, answer.json()["id"])


def history_of(base: str, job: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = requests.get(base + job["links"]["history"], timeout=10).json()
    return found


def answer_of(base: str, job: dict[str, Any]) -> str:
    """What the job came to, in digits that tell all floats apart, without what depends on the clock."""
    shown = {name: value for name, value in job["result"].items() if name != "duration_seconds"}
    history = {name: value for name, value in history_of(base, job).items() if name not in ("job", "seconds")}
    return json.dumps([job["stop_reason"], job["resolved"], shown, history, job["warnings"], job["progress"]["cost"]])


@pytest.mark.parametrize("settings", KINDS.values(), ids=KINDS)
def test_ten_and_ten_are_twenty(base: str, settings: dict[str, Any]) -> None:
    """Answer, history and warnings of two jobs, the second of which continues the first, are those of one."""
    whole = submit(base, {**settings, "max_iterations": 20}, wait=30)
    first = submit(base, {**settings, "max_iterations": 10}, wait=30)
    second = child_of(base, first["id"])
    assert second["state"] == whole["state"] == "succeeded"
    assert answer_of(base, second) == answer_of(base, whole)
    seconds = history_of(base, second)["seconds"]
    assert seconds == sorted(seconds)


def test_parent_and_child_know_each_other(base: str) -> None:
    """Name, labels and dataset are the parent's, every auto is what it was, and the iterations count on."""
    parent = submit(base, {"max_iterations": 3, "name": "valley", "labels": {"team": "blue"}}, wait=30)
    answer = go_on(base, parent["id"], 4)
    child = ended(base, answer.json()["id"])
    assert answer.headers["Location"] == f"/v1/jobs/{child['id']}"
    assert re.fullmatch(JOB_ID, child["id"])
    assert (child["parent"], child["children"]) == (parent["id"], [])
    assert ended(base, parent["id"])["children"] == [child["id"]]
    assert [child[name] for name in ("name", "labels")] == ["valley", {"team": "blue"}]
    assert child["settings"] == parent["settings"] | {"max_iterations": 7}
    assert child["resolved"] == parent["resolved"]
    assert child["progress"]["iteration"] == child["result"]["iterations"] == 7
    listed = requests.get(f"{base}/v1/jobs", params={"label": "team:blue"}, timeout=10).json()["jobs"]
    assert {child["id"], parent["id"]} <= {row["id"] for row in listed}


def test_a_chain_outlives_its_first_links(base: str) -> None:
    """A child of a child, whose ancestors are deleted meanwhile, has the whole curve."""
    settings = {"batch_size": 8, "optimizer": "adam", "learning_rate": 0.01, "tolerance": {"cost": 0}}
    whole, job = (
        submit(base, {**settings, "max_iterations": 12}, wait=30),
        submit(base, settings | {"max_iterations": 3}, wait=30),
    )
    for _ in range(3):
        child = child_of(base, job["id"], 3)
        assert requests.delete(base + job["links"]["self"], timeout=10).status_code == 204
        job = child
    assert answer_of(base, job) == answer_of(base, whole)
    assert history_of(base, job)["iterations"] == list(range(13))


def test_a_deleted_child_is_no_child(base: str) -> None:
    parent = submit(base, {"max_iterations": 3}, wait=30)
    first, second = child_of(base, parent["id"]), child_of(base, parent["id"])
    requests.delete(base + first["links"]["self"], timeout=10)
    assert ended(base, parent["id"])["children"] == [second["id"]]


def test_a_converged_job_goes_on(base: str) -> None:
    """Its tolerance counts anew: it converges again, some iterations later."""
    parent = submit(base, {}, wait=30)
    child = child_of(base, parent["id"], 100)
    assert parent["stop_reason"] == child["stop_reason"] == "converged"
    assert child["result"]["iterations"] == parent["result"]["iterations"] + 5


def test_a_cancelled_job_goes_on(base: str) -> None:
    """From the step that it had come to; more iterations count from its last whole one."""
    parent = submit(base, {**LONG, "max_iterations": 100_000})
    eventually(lambda: requests.get(f"{base}/v1/jobs/{parent['id']}", timeout=10).json()["progress"]["iteration"] > 2)
    requests.post(f"{base}/v1/jobs/{parent['id']}/cancel", timeout=10)
    parent = ended(base, parent["id"])
    made = parent["result"]["iterations"]
    child = child_of(base, parent["id"], 5)
    whole = submit(base, {**LONG, "max_iterations": made + 5}, wait=60)
    assert parent["state"] == "cancelled"
    assert answer_of(base, child) == answer_of(base, ended(base, whole["id"]))


def test_a_job_of_a_sweep_goes_on_by_itself(base: str) -> None:
    """The job that continues it is part of no sweep, and outlives it."""
    dataset = submit(base, {"max_iterations": 1}, wait=30)["settings"]["dataset"]
    asked = {"base": {"dataset": dataset, "target": "y", "max_iterations": 3}, "vary": {"learning_rate": [0.1, 0.2]}}
    sweep = requests.post(f"{base}/v1/sweeps", params={"wait": 30}, json=asked, timeout=70).json()
    child = child_of(base, sweep["jobs"][0]["id"], 2)
    assert (child["sweep"], child["parent"], child["result"]["iterations"]) == (None, sweep["jobs"][0]["id"], 5)
    assert requests.delete(f"{base}/v1/sweeps/{sweep['id']}", timeout=10).status_code == 204
    assert child_of(base, child["id"], 2)["result"]["iterations"] == 7


FUNCTION = {"function": {"expression": "(1 - x)**2 + 100*(y - x**2)**2"}, "tolerance": {"cost": 0}}
STARTS = {
    "given": {"x": -1.2, "y": 1},
    "one of many": {"random": {"x": [-2, 2], "y": [-1, 3]}, "count": 5},
}


@pytest.mark.parametrize("initial", STARTS.values(), ids=STARTS)
@pytest.mark.parametrize("optimizer", ["auto", "momentum"])
def test_functions_go_on(base: str, initial: dict[str, Any], optimizer: str) -> None:
    """The best start does, as one run from there, with its path in the history."""
    asked = {**FUNCTION, "optimizer": optimizer, "initial": initial, "seed": 3}
    asked |= {"learning_rate": 1e-4} if optimizer == "momentum" else {}

    def ran(settings: dict[str, Any]) -> dict[str, Any]:
        answer = requests.post(f"{base}/v1/jobs", params={"wait": 30}, json=settings, timeout=70)
        assert answer.status_code == 202, answer.text
        return ended(base, answer.json()["id"])

    parent = ran({**asked, "max_iterations": 30})
    child = child_of(base, parent["id"], 20)
    best, steps = parent["result"]["starts"][0]["initial"], ("optimizer", "learning_rate")
    whole = ran({**asked, "initial": best, "max_iterations": 50, **{name: parent["resolved"][name] for name in steps}})
    # Its warnings are in other words, as it was told what the other one had to find.
    assert json.loads(answer_of(base, child))[:4] == json.loads(answer_of(base, whole))[:4]
    assert len(history_of(base, child)["parameters"]["x"]) == 51
    assert child["progress"]["iteration"] == 50


def wide_csv() -> str:
    random = np.random.default_rng(1)
    rows = random.normal(size=(30, WIDE + 1)).round(3).tolist()
    head = ",".join([*(f"x{k}" for k in range(WIDE)), "y"])
    return "\n".join([head, *(",".join(map(str, row)) for row in rows), ""])


def checkpoint_files(running: Stack) -> set[str]:
    """The files in the folder of checkpoints."""
    return {path.name for path in (running.folder / "data" / "checkpoints").rglob("*") if path.is_file()}


def test_large_checkpoints_are_files_that_go_with_their_jobs(base: str, running: Stack) -> None:
    """As exact as small ones; a child has a name of its own for its parent's file, which it needs no longer later."""
    settings = {
        "model": {"name": "network", "hidden": [20]},
        "loss": "squared",
        "tolerance": {"cost": 0},
        "features": [f"x{k}" for k in range(WIDE)],
    }
    csv = wide_csv()
    whole = submit(base, {**settings, "max_iterations": 6}, csv, wait=60)
    parent = submit(base, {**settings, "max_iterations": 3}, csv, wait=60)
    child = child_of(base, parent["id"], 3)
    assert answer_of(base, child) == answer_of(base, whole)
    ids = {job["id"] for job in (whole, parent, child)}
    eventually(lambda: {name.partition(".")[0] for name in checkpoint_files(running)} >= ids, what="three files")
    eventually(lambda: f"{child['id']}.0" not in checkpoint_files(running), what="the child's first file is deleted")
    for job in (whole, parent, child):
        assert requests.delete(base + job["links"]["self"], timeout=10).status_code == 204
    gone = lambda: not ids & {name.partition(".")[0] for name in checkpoint_files(running)}  # noqa: E731 - said once
    eventually(gone, what="the files are deleted")
    assert (
        running.store.client.exists(DEAD_CHECKPOINTS, *(stem + job for stem in (CHECKPOINT, BASE, JOB) for job in ids))
        == 0
    )


def test_a_file_that_is_gone_is_said(base: str, running: Stack) -> None:
    parent = submit(base, {"max_iterations": 3}, wait=30)
    running.store.client.set(CHECKPOINT + parent["id"], f"file:{parent['id']}.1")
    assert "cannot be read" in problem(go_on(base, parent["id"]), 409, "state_unreadable")["detail"]


def test_a_state_of_another_version_is_refused(base: str, running: Stack) -> None:
    parent = submit(base, {"max_iterations": 3}, wait=30)
    running.store.client.set(CHECKPOINT + parent["id"], b"thalweg checkpoint 999\n{}")
    problem(go_on(base, parent["id"]), 409, "state_unreadable")


def test_a_damaged_state_fails_the_child(base: str, running: Stack) -> None:
    """Not the worker: the job says what to do."""
    parent = submit(base, {"max_iterations": 3}, wait=30)
    held = running.store.client.get(CHECKPOINT + parent["id"])
    running.store.client.set(CHECKPOINT + parent["id"], held[:-5])
    child = child_of(base, parent["id"])
    assert (child["state"], child["error"]["code"]) == ("failed", "state_unreadable")
    assert "damaged" in child["error"]["detail"]
    problem(go_on(base, child["id"]), 409, "conflict")


REFUSED: dict[str, tuple[Any, int, str | None]] = {
    "nothing": ({}, 422, "missing_field"),
    "zero": ({"max_iterations": 0}, 422, None),
    "a text": ({"max_iterations": "10"}, 422, None),
    "a fraction": ({"max_iterations": 1.5}, 422, None),
    "true": ({"max_iterations": True}, 422, None),
    "null": ({"max_iterations": None}, 422, None),
    "too many": ({"max_iterations": 10_000_000}, 422, "out_of_range"),
    "far too many": ({"max_iterations": 10**30}, 422, None),
    "an unknown field": ({"max_iterations": 1, "learning_rate": 0.1}, 422, "unknown_field"),
    "a list": ([], 422, "expected_object"),
    "a number": (7, 422, "expected_object"),
}


@pytest.fixture(scope="module")
def done(base: str) -> str:
    """The id of a job that has ended."""
    return str(submit(base, {"max_iterations": 3}, wait=30)["id"])


@pytest.mark.parametrize(("body", "status", "code"), REFUSED.values(), ids=REFUSED)
def test_bad_bodies_are_refused(base: str, done: str, body: Any, status: int, code: str | None) -> None:
    answer = requests.post(f"{base}/v1/jobs/{done}/continue", json=body, timeout=10)
    found = problem(answer, status, code)
    assert found["errors"][0]["pointer"] in ("/max_iterations", "/learning_rate", "")


def test_only_json_is_read(base: str, done: str) -> None:
    url = f"{base}/v1/jobs/{done}/continue"
    problem(requests.post(url, data="{}", headers={"Content-Type": "text/plain"}, timeout=10), 415)
    problem(requests.post(url, data="{", headers={"Content-Type": "application/json"}, timeout=10), 400, "invalid_json")
    problem(requests.post(url, json={"max_iterations": 1}, params={"nope": 1}, timeout=10), 400, "invalid_parameter")


def test_what_cannot_go_on_says_why(base: str) -> None:
    """Unknown, running, diverged, cancelled before it began: 404 and 409s with a sentence each."""
    problem(go_on(base, "job_" + "a" * 26), 404, "not_found")
    running = submit(base, {**LONG, "max_iterations": 100_000})
    assert "wait for its end" in problem(go_on(base, running["id"]), 409, "conflict")["detail"]
    requests.post(f"{base}/v1/jobs/{running['id']}/cancel", timeout=10)
    diverged = submit(base, {"learning_rate": 1e6, "optimizer": "sgd"}, wait=30)
    assert diverged["stop_reason"] == "diverged"
    assert "smaller" in problem(go_on(base, diverged["id"]), 409, "conflict")["detail"]


def test_rows_that_are_gone_are_said(base: str) -> None:
    parent = submit(base, {"max_iterations": 3}, wait=30)
    assert requests.delete(f"{base}/v1/datasets/{parent['settings']['dataset']}", timeout=10).status_code == 204
    assert "rows are gone" in problem(go_on(base, parent["id"]), 409, "conflict")["detail"]


def test_a_key_makes_one_child(base: str, done: str) -> None:
    key = {"Idempotency-Key": f"child of {done}"}
    first, again = go_on(base, done, **key), go_on(base, done, **key)
    assert first.json()["id"] == again.json()["id"]
    assert again.headers["Idempotency-Replayed"] == "true"
    problem(go_on(base, done, 11, **key), 422, "idempotency_mismatch")


def test_many_children_are_enough(base: str, done: str, running: Stack) -> None:
    many = " ".join(f"job_{k:026d}" for k in range(100))
    children = running.store.client.hget(JOB + done, "children") or b""
    running.store.client.hset(JOB + done, "children", many)
    assert "delete some" in problem(go_on(base, done), 409, "conflict")["detail"]
    running.store.client.hset(JOB + done, "children", children)
