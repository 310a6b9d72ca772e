"""Sweeps over HTTP: several settings on the same rows, from one request to a ranking."""

import json
from collections.abc import Iterator
from secrets import token_hex
from typing import Any

import numpy as np
import pytest
import requests

from contract.dataset_file import path_of
from contract.job import progress
from contract.store import Entries
from contract.sweep import MOST_JOBS
from service.ranking import LAST_PART
from tests.support.jobs import LONG, line_csv, post_sweep, show, submit, submit_sweep
from tests.support.problems import left_behind, nothing_left_behind, nothing_new, problem
from tests.support.processes import Stack, eventually, stack
from tests.support.records import claim

RATES = {"learning_rate": [0.01, 0.1, 0.5]}
MIXED = {"base": {"target": "y", "optimizer": "sgd"}, "vary": {"learning_rate": [0.1, 50.0, 0.5]}}
"""The second one diverges."""


def get(base: str, path: str, **query: Any) -> Any:
    answer = requests.get(base + path, params=query, timeout=70)
    assert answer.status_code == 200, answer.text
    return answer.json()


def costs(base: str, job: str) -> list[float]:
    return list(get(base, f"/v1/jobs/{job}/history")["cost"])


def test_each_job_is_what_it_would_be_alone(base: str) -> None:
    """A grid's jobs are base with what varies, bit for bit; the sweep waits for all of them."""
    shared = {"target": "y", "batch_size": 16, "max_iterations": 20, "initial": "random", "seed": 7}
    found = submit_sweep(base, {"base": shared, "vary": {**RATES, "optimizer": ["sgd", "adam"]}}, wait=30)
    assert (found["state"], found["progress"]) == ("succeeded", {"finished": 6, "total": 6})
    expected = [
        {"learning_rate": rate, "optimizer": name} for rate in RATES["learning_rate"] for name in ("sgd", "adam")
    ]
    assert [row["varied"] for row in found["jobs"]] == expected
    for row in (found["jobs"][0], found["jobs"][5]):
        alone = submit(base, shared | row["varied"], wait=30)
        assert costs(base, alone["id"]) == costs(base, row["id"])
        assert alone["result"]["parameters"] == show(base, row["id"])["result"]["parameters"]


def test_jobs_share_rows_split_start_and_order(base: str) -> None:
    """With one seed: what a rate so small that nothing moves comes to is the same for all, on the same split."""
    shared = {"target": "y", "initial": "random", "validation": {"fraction": 0.3}, "batch_size": 8, "optimizer": "sgd"}
    found = submit_sweep(base, {"base": shared, "runs": [{"learning_rate": 0.1}, {"learning_rate": 0.2}]}, wait=30)
    jobs = [show(base, row["id"]) for row in found["jobs"]]
    histories = [get(base, f"/v1/jobs/{job['id']}/history") for job in jobs]
    assert len({job["settings"]["dataset"] for job in jobs}) == 1
    for column in ("cost", "validation_cost"):
        assert histories[0][column][0] == histories[1][column][0]
        assert histories[0][column][1] != histories[1][column][1]


def test_the_ranking_tells_how_soon_a_job_came_to_the_target(base: str) -> None:
    """Against the histories; the target lies a hundredth of the way from the best end back to its start."""
    found = submit_sweep(base, {"base": {"target": "y", "optimizer": "sgd"}, "vary": RATES}, wait=30)
    ranking, histories = found["ranking"], {row["id"]: costs(base, row["id"]) for row in found["jobs"]}
    assert [row["cost"] for row in ranking] == sorted(row["cost"] for row in ranking)
    best = histories[ranking[0]["job"]]
    assert found["target_cost"] == pytest.approx(best[-1] + LAST_PART * (best[0] - best[-1]), rel=1e-12)
    for row in ranking:
        reached = next(k for k, cost in enumerate(histories[row["job"]]) if cost <= found["target_cost"])
        seconds = get(base, f"/v1/jobs/{row['job']}/history")["seconds"][reached]
        assert (row["iterations_to_target"], row["seconds_to_target"]) == (reached, seconds)
    assert get(base, f"/v1/sweeps/{found['id']}") == found


def test_a_target_may_be_given(base: str) -> None:
    """One that nobody reaches leaves null."""
    for target, reached in ((1.0, True), (-1.0, False)):
        found = submit_sweep(base, {"base": {"target": "y"}, "vary": RATES, "target_cost": target}, wait=30)
        assert found["target_cost"] == target
        assert [row["iterations_to_target"] is not None for row in found["ranking"]] == [reached] * 3


def test_a_job_that_diverges_fails_alone_and_ranks_last(base: str) -> None:
    found = submit_sweep(base, MIXED, wait=30)
    assert (found["state"], found["progress"]["finished"]) == ("succeeded", 3)
    assert [row["error_code"] for row in found["jobs"]] == [None, "diverged", None]
    assert [row["state"] for row in found["ranking"]] == ["succeeded", "succeeded", "failed"]
    assert len(costs(base, found["jobs"][1]["id"])) > 1


def test_a_sweep_of_jobs_that_all_fail_has_failed(base: str) -> None:
    """Then there is no target but a given one."""
    found = submit_sweep(
        base, {"base": {"target": "y", "optimizer": "sgd"}, "vary": {"learning_rate": [50, 60]}}, wait=30
    )
    assert (found["state"], found["target_cost"]) == ("failed", None)


def test_with_held_out_rows_their_cost_ranks(base: str) -> None:
    """Whatever penalties add to the other one."""
    penalties = [{"name": "l2", "strength": strength} for strength in (10.0, 0.01, 1.0)]
    shared = {"target": "y", "validation": {"fraction": 0.3}}
    found = submit_sweep(base, {"base": shared, "vary": {"penalty": penalties}}, wait=30)
    assert [row["varied"]["penalty"]["strength"] for row in found["ranking"]] == [0.01, 1.0, 10.0]
    held_out = [row["validation_cost"] for row in found["ranking"]]
    assert held_out == sorted(held_out)


def test_jobs_of_a_sweep_are_listed_under_it(base: str) -> None:
    """They are jobs like others, but in no list and no feed where nobody asks for their sweep."""
    found = submit_sweep(base, {"base": {"target": "y", "labels": {"n": token_hex(4)}}, "vary": RATES}, wait=30)
    ids, label = [row["id"] for row in found["jobs"]], "n:{n}".format(**found["labels"])
    assert [row["id"] for row in get(base, "/v1/jobs", sweep=found["id"])["jobs"]] == ids[::-1]
    assert get(base, "/v1/jobs", sweep=found["id"], limit=1)["jobs"] == found["jobs"][-1:]
    assert get(base, "/v1/jobs", sweep=found["id"], state="failed")["jobs"] == []
    assert {row["id"] for row in get(base, "/v1/jobs", sweep=found["id"], finished_after=0)["jobs"]} == set(ids)
    for query in ({"label": label}, {"label": label, "state": "succeeded"}, {"finished_after": 0, "label": label}):
        assert get(base, "/v1/jobs", **query)["jobs"] == []
    assert show(base, ids[0])["sweep"] == found["id"]
    problem(requests.get(f"{base}/v1/jobs", params={"sweep": "sweep_gone"}, timeout=5), 404, "not_found")
    gone = requests.delete(f"{base}/v1/jobs", params={"label": label}, timeout=5)
    assert gone.json() == {"deleted": 0}
    problem(requests.delete(f"{base}/v1/jobs/{ids[0]}", timeout=5), 409, "conflict")


def test_a_sweep_is_deleted_with_its_jobs(running: Stack) -> None:
    """Its dataset stays, and what is gone is unknown."""
    base = running.base
    found = submit_sweep(base, {"base": {"target": "y"}, "vary": RATES}, wait=30)
    dataset = show(base, found["jobs"][0]["id"])["settings"]["dataset"]
    assert requests.delete(f"{base}/v1/sweeps/{found['id']}", timeout=5).status_code == 204
    for path in (f"/v1/sweeps/{found['id']}", f"/v1/jobs/{found['jobs'][0]['id']}"):
        problem(requests.get(base + path, timeout=5), 404, "not_found")
    for method, path in (("DELETE", ""), ("POST", "/cancel")):
        problem(requests.request(method, f"{base}/v1/sweeps/{found['id']}{path}", timeout=5), 404, "not_found")
    assert get(base, f"/v1/datasets/{dataset}")["rows"] == 200
    assert path_of(running.folder / "data" / "datasets", dataset).exists()


def test_a_running_sweep_is_cancelled_as_a_whole(base: str) -> None:
    """Running jobs keep what they have, queued ones end at once; again is no error, and a sweep that ended is one."""
    found = submit_sweep(
        base,
        {
            "base": {"target": "y", **LONG, "max_iterations": 10**7},
            "vary": {"learning_rate": [1e-4, 2e-4, 3e-4, 4e-4, 5e-4]},
        },
    )
    path = f"{base}/v1/sweeps/{found['id']}"
    eventually(lambda: sum(row["progress"]["iteration"] > 0 for row in get(path, "")["jobs"]) == 2, what="two jobs")
    assert get(path, "")["state"] == "running"
    problem(requests.delete(path, timeout=5), 409, "conflict")
    assert requests.post(f"{path}/cancel", timeout=5).status_code == 200
    ended = get(path, "", wait=30)
    assert (ended["state"], ended["progress"]["finished"]) == ("cancelled", 5)
    assert [row["state"] for row in ended["jobs"]] == ["cancelled"] * 5
    assert [row["cost"] is not None for row in ended["ranking"]] == [True, True, False, False, False]
    assert requests.post(f"{path}/cancel", timeout=5).json() == ended
    assert requests.delete(path, timeout=5).status_code == 204
    done = submit_sweep(base, {"base": {"target": "y"}, "vary": RATES}, wait=30)
    problem(requests.post(f"{base}/v1/sweeps/{done['id']}/cancel", timeout=5), 409, "conflict")


def test_one_key_makes_one_sweep(running: Stack) -> None:
    """The second answer is the first one's sweep and says so; another body is refused."""
    base, key, document = running.base, token_hex(8), {"base": {"target": "y"}, "vary": RATES}
    first = post_sweep(base, document, wait=30, key=key)
    before = left_behind(running)
    again = post_sweep(base, document, wait=30, key=key)
    assert (again.json(), again.headers["Idempotency-Replayed"]) == (first.json(), "true")
    problem(post_sweep(base, document | {"target_cost": 1}, key=key), 422, "idempotency_mismatch")
    assert nothing_new(running, before)


def test_a_sweep_on_a_dataset_that_is_there(base: str) -> None:
    """As JSON, with the dataset in base; ``Prefer`` waits as the argument does."""
    dataset = submit(base, {}, wait=30)["settings"]["dataset"]
    document = {"base": {"dataset": dataset, "target": "y"}, "runs": [{}, {"optimizer": "adam"}]}
    answer = requests.post(f"{base}/v1/sweeps", json=document, headers={"Prefer": "wait=30"}, timeout=40)
    assert (answer.status_code, answer.json()["state"]) == (202, "succeeded")
    assert {show(base, row["id"])["settings"]["dataset"] for row in answer.json()["jobs"]} == {dataset}


def test_classes_written_as_numbers_are_known_to_every_job(base: str) -> None:
    """What only the cells tell of a target holds for the jobs after the first one too."""
    csv = "a,y\n" + "".join(f"{k}.5,{k % 2}\n" for k in range(20))
    answer = post_sweep(
        base, {"base": {"target": "y", "model": "logistic"}, "vary": {"batch_size": [None, 4]}}, csv, 30
    )
    assert answer.json()["state"] == "succeeded", answer.text


GOOD = {"target": "y"}


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"base": {}, "vary": RATES}, ["/base/target"]),
        ({"base": {"target": "z"}, "vary": RATES}, ["/base/target"]),
        ({"base": {**GOOD, "lerning_rate": 1}, "vary": RATES}, ["/base/lerning_rate"]),
        ({"base": {**GOOD, "dataset": "ds_x"}, "vary": RATES}, ["/base/dataset"]),
        ({"base": {**GOOD, "validation": {"dataset": "ds_x"}}, "vary": RATES}, ["/base/validation/dataset"]),
        ({"base": GOOD, "vary": {"learning_rate": [0.1, 0.2, 0.1]}}, ["/vary/learning_rate/2"]),
        ({"base": GOOD, "vary": {"optimizer": ["sgd", {"name": "sgd"}]}}, ["/vary/optimizer/1"]),
        ({"base": GOOD, "runs": [{}, {"optimizer": "sgd"}, {"batch_size": None}]}, ["/runs/2/batch_size"]),
        ({"base": GOOD, "runs": [{}, {}]}, ["/runs/1"]),
        (
            {
                "base": {**GOOD, "penalty": {"name": "l1", "strength": 1}},
                "vary": {"optimizer": ["sgd", "adam", "lion"]},
            },
            ["/base/penalty", "/base/penalty"],
        ),
        (
            {"base": {**GOOD, "steps_per_iteration": 2, "sampling": "subset"}, "vary": {"batch_size": [8, None]}},
            ["/base/steps_per_iteration"],
        ),
        ({"base": GOOD, "vary": {"batch_size": [8, 300, 400]}}, ["/vary/batch_size/1", "/vary/batch_size/2"]),
    ],
    ids=lambda value: json.dumps(value) if isinstance(value, dict) else "",
)
def test_a_sweep_with_a_wrong_job_leaves_nothing_behind(
    running: Stack, document: dict[str, Any], expected: list[str]
) -> None:
    """Every job is checked before one is queued, and the place is told in the sweep's own document."""
    with nothing_left_behind(running):
        found = problem(post_sweep(running.base, document), 422)
        assert [place["pointer"] for place in found["errors"]] == expected


def test_an_unknown_dataset_is_told(running: Stack) -> None:
    document = {"base": {**GOOD, "dataset": "ds_unknown"}, "vary": RATES}
    with nothing_left_behind(running):
        found = problem(requests.post(f"{running.base}/v1/sweeps", json=document, timeout=5), 422, "unknown_dataset")
        assert [place["pointer"] for place in found["errors"]] == ["/base/dataset"]
        found = problem(requests.post(f"{running.base}/v1/sweeps", data="a,b", timeout=5), 415)
        assert '{"base": {"dataset": "ds_…", "target": "price"}, "vary": {"learning_rate":' in found["detail"]


def test_settings_that_are_long_in_every_job_are_refused(running: Stack) -> None:
    """One job may have them, 64 would fill Redis."""
    name, csv = "a" * 20, line_csv()
    job = submit(running.base, {}, csv.replace("a,", f"{name},", 1), wait=30)
    base = {**GOOD, "dataset": job["settings"]["dataset"], "exclude": [name] * 100_000}
    document = {"base": base, "vary": {"learning_rate": [0.1 + k / 100 for k in range(MOST_JOBS)]}}
    with nothing_left_behind(running):
        found = problem(requests.post(f"{running.base}/v1/sweeps", json=document, timeout=30), 422, "sweep_too_large")
        assert [place["pointer"] for place in found["errors"]] == ["/base"]


NAMES = [f"x{k}" for k in range(20)]
TWENTY, START = {"expression": "+".join(f"{name}**2" for name in NAMES)}, dict.fromkeys(NAMES, 1)


@pytest.mark.parametrize(
    ("base", "iterations"),
    [
        ({"function": TWENTY, "initial": START}, 10_000),
        ({"function": TWENTY, "initial": START, "history": {"every": 10}}, 10**6),
    ],
    ids=["of a path", "however seldom an entry is"],
)
def test_histories_that_many_jobs_would_fill_redis_with_are_refused(
    running: Stack, base: dict[str, Any], iterations: int
) -> None:
    """One job may be as long; few jobs may, or many that record less."""
    rates = [0.001 * (k + 1) for k in range(MOST_JOBS)]

    def asked(jobs: int, **more: Any) -> requests.Response:
        document = {"base": {**base, "max_iterations": iterations, **more}, "vary": {"learning_rate": rates[:jobs]}}
        return requests.post(f"{running.base}/v1/sweeps/validate", json=document, timeout=30)

    found = problem(asked(MOST_JOBS), 422, "sweep_too_large")
    assert [place["pointer"] for place in found["errors"]] == ["/base/history"]
    assert asked(MOST_JOBS // 2).status_code == 200
    assert asked(MOST_JOBS, history={"every": iterations // 100}).status_code == 200
    assert asked(MOST_JOBS, history={"parameters": False}).status_code == 200


@pytest.fixture(scope="module")
def idle() -> Iterator[Stack]:
    """An installation without workers."""
    with stack(workers=0) as installation:
        yield installation


def test_sweeps_are_listed_in_pages(idle: Stack) -> None:
    """Newest first, without their jobs."""
    made = [submit_sweep(idle.base, {"base": {**GOOD, "name": str(k)}, "vary": RATES}) for k in range(3)]
    assert [row["queue_position"] for row in made] == [0, 3, 6]
    answer = requests.get(f"{idle.base}/v1/sweeps?limit=2", timeout=5)
    assert [row["name"] for row in answer.json()["sweeps"]] == ["2", "1"]
    following = requests.get(idle.base + answer.links["next"]["url"], timeout=5).json()
    assert ([row["id"] for row in following["sweeps"]], following["next"]) == ([made[0]["id"]], None)
    assert following["sweeps"][0] == {name: made[0][name] for name in following["sweeps"][0]}


def test_a_sweep_is_sent_again_only_when_it_has_changed(idle: Stack) -> None:
    """Each change of one of its jobs gives another ETag, as does one of the place in the queue."""
    first, found = (submit_sweep(idle.base, {"base": GOOD, "vary": RATES}) for _ in range(2))
    path, seen = f"{idle.base}/v1/sweeps/{found['id']}", []

    def poll() -> None:
        answer = requests.get(path, timeout=5)
        seen.append(tag := answer.headers["ETag"])
        again = requests.get(path, headers={"If-None-Match": f'"other", {tag}'}, timeout=5)
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
        assert again.headers.get("Retry-After") == answer.headers.get("Retry-After")

    poll()
    idle.store.sweeps.cancel(first["id"])
    poll()
    held = claim(idle.store, found["jobs"][1]["id"])
    poll()
    idle.store.report(held, Entries(), {"progress": progress(1, 10, 2.5, 0.1)})
    poll()
    idle.store.finish(held, "failed", Entries(), {})
    poll()
    idle.store.sweeps.cancel(found["id"])
    poll()
    assert len(set(seen)) == len(seen)
    for old in seen[:-1]:
        assert requests.get(path, headers={"If-None-Match": old}, timeout=5).status_code == 200


def test_most_jobs_of_a_sweep_are_cancelled_before_they_began(idle: Stack) -> None:
    rates = np.linspace(0.1, 0.2, MOST_JOBS).tolist()
    found = submit_sweep(idle.base, {"base": GOOD, "vary": {"learning_rate": rates}})
    assert len(found["jobs"]) == MOST_JOBS
    ended = requests.post(f"{idle.base}/v1/sweeps/{found['id']}/cancel", timeout=5).json()
    assert (ended["state"], ended["progress"]["finished"], ended["target_cost"]) == ("cancelled", MOST_JOBS, None)
    assert len(ended["ranking"]) == MOST_JOBS
