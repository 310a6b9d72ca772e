"""Jobs over HTTP, from a CSV to fitted parameters, against real workers."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import requests

from contract.dataset_file import path_of
from tests.support.jobs import LONG, ended, line_csv, post, show, submit
from tests.support.problems import problem
from tests.support.processes import Stack, eventually
from tests.support.reference import REFERENCES, Reference, noisy_line

THIRD = [reference for reference in REFERENCES if reference.data == "0" or reference in REFERENCES[::3]]


def noisy_csv(seed: int) -> str:
    X, y = noisy_line(seed)
    return "x,y\n" + "".join(f"{a!r},{b!r}\n" for a, b in zip(X[:, 0].tolist(), y.tolist(), strict=True))


@pytest.mark.parametrize("reference", THIRD, ids=lambda reference: reference.id)
def test_reference_results_over_http(base: str, reference: Reference) -> None:
    """The numbers of the reference tables come out of the service as they come out of the engine."""
    csv = noisy_csv(42 if reference.data == "A" else 0)
    job = submit(base, dict(reference.settings), csv, wait=30)
    costs = requests.get(f"{base}/v1/jobs/{job['id']}/history", timeout=10).json()["cost"]
    parameters = job["result"]["parameters"]
    found = {
        "intercept": parameters["intercept"],
        "slope": parameters["coefficients"]["x"],
        "cost": job["result"]["cost"],
        "cost_1": costs[1],
        "cost_10": costs[10],
    }
    assert {name: found[name] for name in reference.expected} == pytest.approx(reference.expected, rel=1e-8)


def test_one_call_with_defaults(base: str) -> None:
    """A CSV and a target are enough: parameters in original units, metrics, and every auto as a number."""
    job = submit(base, {}, wait=30)
    result = job["result"]
    assert (job["state"], job["stop_reason"], result["which"]) == ("succeeded", "converged", "last")
    assert result["parameters"]["intercept"] == pytest.approx(3, abs=0.05)
    assert result["parameters"]["coefficients"] == pytest.approx({"a": 2, "b": -1}, abs=0.05)
    assert result["metrics"]["train"]["r2"] > 0.99
    assert result["optimum"]["optimality_gap"] <= 1e-9
    assert job["resolved"]["optimizer"]["nesterov"] is True
    assert job["advice"]["largest_stable_learning_rate"] == pytest.approx(2 / job["advice"]["curvature"])


def test_the_dataset_of_a_one_call_job_can_be_used_again(base: str) -> None:
    first = submit(base, {"seed": 3}, wait=30)
    dataset = first["settings"]["dataset"]
    assert requests.get(f"{base}/v1/datasets/{dataset}", timeout=5).json()["rows"] == 200
    second = requests.post(f"{base}/v1/jobs?wait=30", json={"dataset": dataset, "target": "y", "seed": 3}, timeout=40)
    assert second.json()["result"]["parameters"] == first["result"]["parameters"]


def test_settings_of_a_job_can_be_posted_again(base: str) -> None:
    """The effective settings and ``resolved`` are valid settings, and repeat the history bit for bit."""
    first = submit(base, {"validation": {"fraction": 0.25}}, wait=30)
    answer = requests.post(f"{base}/v1/jobs?wait=30", json=first["settings"] | first["resolved"], timeout=40)
    assert answer.status_code == 202, answer.text
    histories = [
        requests.get(f"{base}/v1/jobs/{job}/history", timeout=5).json() for job in (first["id"], answer.json()["id"])
    ]
    assert histories[0]["cost"] == histories[1]["cost"]
    assert histories[0]["validation_cost"] == histories[1]["validation_cost"]


@pytest.mark.parametrize("sampling", ["shuffle", "sequential", "replacement", "subset"])
def test_the_same_seed_repeats_a_run_and_another_does_not(base: str, sampling: str) -> None:
    settings = {"batch_size": 8, "sampling": sampling, "learning_rate": 0.05, "max_iterations": 20, "initial": "random"}
    costs = [submit(base, settings | {"seed": seed}, wait=30)["result"]["cost"] for seed in (1, 1, 2)]
    assert costs[0] == costs[1]
    assert costs[0] != costs[2]


def test_validation_reports_the_best_parameters(base: str) -> None:
    job = submit(
        base,
        {
            "batch_size": 4,
            "learning_rate": 0.2,
            "validation": {"fraction": 0.3, "method": "last"},
            "max_iterations": 15,
            "tolerance": {"cost": 0},
        },
        wait=30,
    )
    history = requests.get(f"{base}/v1/jobs/{job['id']}/history", timeout=5).json()
    assert job["result"]["which"] == "best"
    assert job["result"]["validation_cost"] == min(history["validation_cost"])
    assert job["result"]["other"]["which"] == "last"
    assert job["result"]["other"]["iteration"] == 15
    assert job["result"]["metrics"]["validation"]["mse"] == pytest.approx(2 * job["result"]["validation_cost"])


def test_categories_become_coefficients(base: str) -> None:
    rows = "".join(f"{k % 7},{'red' if k % 2 else 'blue'},{k % 7 + 5 * (k % 2)}\n" for k in range(60))
    job = submit(base, {}, "a,colour,y\n" + rows, wait=30)
    assert job["result"]["parameters"]["coefficients"] == pytest.approx({"a": 1, "colour=red": 5}, abs=1e-3)


def test_divergence_says_what_would_have_been_stable(base: str) -> None:
    """A rate that is too large fails with parameters, the first bad iteration, and a rate that then converges."""
    job = submit(base, {"optimizer": "sgd", "learning_rate": 50}, wait=30)
    assert (job["state"], job["stop_reason"], job["error"]["code"]) == ("failed", "diverged", "diverged")
    assert job["error"]["iteration"] >= 1
    assert job["result"]["parameters"]["coefficients"].keys() == {"a", "b"}
    cured = submit(base, {"optimizer": "sgd", "learning_rate": job["error"]["suggested_learning_rate"]}, wait=30)
    assert cured["stop_reason"] == "converged"


def test_too_few_iterations_are_said_with_the_gap(base: str) -> None:
    job = submit(base, {"optimizer": "sgd", "learning_rate": 0.001, "max_iterations": 10}, wait=30)
    assert job["warnings"][0]["code"] == "stopped_at_max_iterations"
    assert f"{job['result']['optimum']['optimality_gap']:.3g}" in job["warnings"][0]["detail"]


def test_constant_columns_are_dropped_with_a_warning(base: str) -> None:
    job = submit(base, {}, "a,k,y\n1,7,2\n2,7,4\n3,7,6.5\n", wait=30)
    assert job["result"]["parameters"]["coefficients"].keys() == {"a"}
    assert "k" in job["warnings"][0]["detail"]


def test_progress_moves_while_a_job_runs(base: str) -> None:
    job = submit(base, {"max_iterations": 600, **LONG})["id"]
    seen = set()
    while (shown := show(base, job))["state"] in ("queued", "running"):
        seen.add(shown["progress"]["iteration"])
        time.sleep(0.1)
    assert len(seen) >= 5
    assert shown["progress"]["fraction"] == 1


def test_history_has_the_start_and_every_iteration(base: str) -> None:
    job = submit(base, {"max_iterations": 30, "tolerance": {"cost": 0}}, wait=30)["id"]
    history = requests.get(f"{base}/v1/jobs/{job}/history", timeout=5).json()
    assert history["iterations"] == list(range(31))
    assert (history["total"], history["stride"], history["validation_cost"]) == (31, 1, None)
    assert history["learning_rate"][0] is None
    assert history["seconds"] == sorted(history["seconds"])
    fewer = requests.get(f"{base}/v1/jobs/{job}/history?points=10", timeout=5).json()
    assert len(fewer["iterations"]) <= 10
    assert {0, 30} <= set(fewer["iterations"])
    newer = requests.get(f"{base}/v1/jobs/{job}/history?since_iteration=27", timeout=5).json()
    assert newer["iterations"] == [28, 29, 30]


def test_ten_thousand_iterations_are_thinned(base: str) -> None:
    """At most 10,000 entries are kept, the last among them, and the record says how many there were."""
    job = submit(base, {"max_iterations": 25_000, "tolerance": {"cost": 0}, "optimizer": "sgd"}, wait=30)["id"]
    history = requests.get(f"{base}/v1/jobs/{job}/history", timeout=5).json()
    assert (history["total"], history["stride"]) == (25_001, 4)
    assert history["iterations"] == list(range(0, 25_001, 4))


def test_wait_answers_when_the_job_ends(base: str) -> None:
    job = submit(base, {"max_iterations": 300, **LONG})["id"]
    begun = time.monotonic()
    assert show(base, job, wait=30)["state"] == "succeeded"
    assert time.monotonic() - begun < 15


def test_wait_ends_with_its_time(base: str) -> None:
    job = submit(base, {"max_iterations": 10_000_000, **LONG})["id"]
    answer = requests.get(f"{base}/v1/jobs/{job}?wait=1", timeout=5)
    assert answer.json()["state"] in ("queued", "running")
    assert "Retry-After" in answer.headers
    requests.post(f"{base}/v1/jobs/{job}/cancel", timeout=5)
    assert ended(base, job, limit=10)["state"] == "cancelled"


def test_prefer_wait_is_understood(base: str) -> None:
    dataset = submit(base, {}, wait=30)["settings"]["dataset"]
    answer = requests.post(
        f"{base}/v1/jobs", json={"dataset": dataset, "target": "y"}, headers={"Prefer": "wait=20"}, timeout=30
    )
    assert (answer.status_code, answer.json()["state"]) == (202, "succeeded")


def test_waiting_clients_leave_room_for_others(base: str) -> None:
    """A hundred clients wait for a job that does not end: a POST is still answered at once."""
    job = submit(base, {"max_iterations": 10_000_000, **LONG})["id"]
    with ThreadPoolExecutor(100) as pool:
        waiting = [pool.submit(show, base, job, 5) for _ in range(100)]
        time.sleep(0.5)
        assert post(base, {"target": "y"}).elapsed.total_seconds() < 2
        requests.post(f"{base}/v1/jobs/{job}/cancel", timeout=5)
        assert all(future.result()["id"] == job for future in waiting)


def test_concurrent_clients_get_their_own_results(base: str) -> None:
    """Thirty different CSVs at once: each answer fits its own data."""
    slopes = np.arange(1, 31)

    def fitted(slope: int) -> float:
        csv = "a,y\n" + "".join(f"{k},{slope * k}\n" for k in range(10))
        coefficient: float = submit(base, {}, csv, wait=60)["result"]["parameters"]["coefficients"]["a"]
        return coefficient

    with ThreadPoolExecutor(15) as pool:
        assert list(pool.map(fitted, slopes)) == pytest.approx(slopes.tolist(), rel=1e-3)


def test_cancel_a_queued_job_then_again(base: str) -> None:
    blockers = [submit(base, {"max_iterations": 10_000_000, **LONG})["id"] for _ in range(2)]
    job = submit(base, {})["id"]
    answers = [requests.post(f"{base}/v1/jobs/{job}/cancel", timeout=5) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json()["state"] == "cancelled"
    for blocker in blockers:
        requests.post(f"{base}/v1/jobs/{blocker}/cancel", timeout=5)
        assert ended(base, blocker, limit=10)["state"] == "cancelled"


def test_cancelling_a_running_job_keeps_what_it_has(base: str) -> None:
    job = submit(base, {"max_iterations": 10_000_000, **LONG})["id"]
    eventually(lambda: show(base, job)["progress"]["iteration"] > 0, what="progress")
    assert requests.post(f"{base}/v1/jobs/{job}/cancel", timeout=5).status_code == 200
    ending = ended(base, job, limit=5)
    assert (ending["state"], ending["stop_reason"]) == ("cancelled", "cancelled")
    assert ending["result"]["parameters"]["coefficients"]["a"] != 0
    assert ending["result"]["iterations"] > 0


def test_time_limit_keeps_what_it_has(base: str) -> None:
    """A job at its time limit has succeeded, with a warning, within seconds."""
    job = submit(base, {"max_iterations": 10_000_000, "time_limit": 0.5, **LONG})["id"]
    ending = ended(base, job, limit=10)
    assert (ending["state"], ending["stop_reason"]) == ("succeeded", "time_limit")
    assert ending["warnings"][0]["code"] == "stopped_at_time_limit"


def test_cancelling_an_ended_job_is_a_conflict(base: str) -> None:
    job = submit(base, {}, wait=30)["id"]
    answer = requests.post(f"{base}/v1/jobs/{job}/cancel", timeout=5)
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


def test_only_jobs_that_have_ended_are_deleted(base: str) -> None:
    """A deleted job is gone with its history; its dataset is there for others."""
    job = submit(base, {}, wait=30)
    path = f"{base}/v1/jobs/{job['id']}"
    assert (requests.delete(path, timeout=5).status_code, requests.get(path, timeout=5).status_code) == (204, 404)
    assert requests.get(f"{path}/history", timeout=5).status_code == 404
    assert requests.get(f"{base}/v1/datasets/{job['settings']['dataset']}", timeout=5).status_code == 200
    running = f"{base}/v1/jobs/{submit(base, LONG)['id']}"
    problem(requests.delete(running, timeout=5), 409, "conflict")
    requests.post(f"{running}/cancel", timeout=5)


def test_a_dataset_is_deleted_with_its_file_once_nobody_uses_it(running: Stack) -> None:
    job = submit(running.base, LONG)
    dataset = job["settings"]["dataset"]
    path, file = f"{running.base}/v1/datasets/{dataset}", path_of(running.folder / "data" / "datasets", dataset)
    problem(requests.delete(path, timeout=5), 409, "conflict")
    assert file.exists()
    requests.post(f"{running.base}/v1/jobs/{job['id']}/cancel", timeout=5)
    ended(running.base, job["id"], limit=10)
    assert (requests.delete(path, timeout=5).status_code, file.exists()) == (204, False)
    problem(requests.delete(path, timeout=5), 404, "not_found")
    again = requests.post(f"{running.base}/v1/jobs", json={"dataset": dataset, "target": "y"}, timeout=5)
    assert again.json()["errors"][0]["pointer"] == "/dataset"


def test_history_as_csv_has_the_same_numbers(base: str) -> None:
    """The names of the columns with the iteration first, an empty cell for null, and the same rows chosen."""
    job = submit(base, {"max_iterations": 50, "tolerance": {"cost": 0}}, wait=30)["id"]
    path = f"{base}/v1/jobs/{job}/history?since_iteration=3&points=10"
    answer = requests.get(path, headers={"Accept": "text/csv"}, timeout=5)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    header, *lines = [line.split(",") for line in answer.text.splitlines()]
    found = requests.get(path, timeout=5).json()
    known = ["iteration", "cost", "validation_cost", "learning_rate", "gradient_norm", "seconds"]
    assert header == [*known, "optimality_gap", "accuracy", "validation_accuracy"]
    for name, cells in zip(header, zip(*lines, strict=True), strict=True):
        column = found["iterations" if name == "iteration" else name] or [None] * len(cells)
        assert [json.loads(cell) if cell else None for cell in cells] == column


def test_list_is_newest_first_and_paged(base: str) -> None:
    mine = [submit(base, {"name": f"job {k}", "labels": {"batch": "list"}}, wait=30)["id"] for k in range(3)]
    first = requests.get(f"{base}/v1/jobs?limit=2", timeout=5)
    assert [row["id"] for row in first.json()["jobs"]] == mine[:0:-1]
    assert first.json()["jobs"][0]["cost"] is not None
    assert "result" not in first.json()["jobs"][0]
    second = requests.get(f"{base}{first.headers['Link'].split('>')[0].lstrip('<')}", timeout=5).json()
    assert second["jobs"][0]["id"] == mine[0]


def test_names_and_labels_come_back(base: str) -> None:
    job = submit(base, {"name": "Prüfung Nº 1", "labels": {"team": "data"}})
    assert (job["name"], job["labels"]) == ("Prüfung Nº 1", {"team": "data"})


def test_text_is_json_with_a_newline_and_pretty_on_demand(base: str) -> None:
    plain, pretty = (requests.get(f"{base}/v1/jobs?limit=1{more}", timeout=5).text for more in ("", "&pretty"))
    assert plain.endswith("}\n")
    assert len(pretty.splitlines()) > len(plain.splitlines())
    assert json.loads(plain)["jobs"][0]["id"] == json.loads(pretty)["jobs"][0]["id"]


def test_request_ids_are_echoed_or_made(base: str) -> None:
    given = requests.get(f"{base}/healthz", headers={"X-Request-ID": "abc-1"}, timeout=5).headers
    made = requests.get(f"{base}/v1/jobs/nothing", timeout=5)
    assert given["X-Request-ID"] == "abc-1"
    assert made.json()["request_id"] == made.headers["X-Request-ID"] != ""


def test_workers_show_what_they_do(base: str) -> None:
    job = submit(base, {"max_iterations": 10_000_000, **LONG})["id"]
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and job not in [w["job"] for w in _workers(base)]:
        time.sleep(0.1)
    busy = next(worker for worker in _workers(base) if worker["job"] == job)
    assert busy["id"] == show(base, job)["worker"] == f"{busy['host']}:{busy['pid']}"
    requests.post(f"{base}/v1/jobs/{job}/cancel", timeout=5)
    ended(base, job, limit=10)


def _workers(base: str) -> list[dict[str, object]]:
    workers: list[dict[str, object]] = requests.get(f"{base}/v1/workers", timeout=5).json()
    return workers


def test_many_threads_share_one_dataset(base: str) -> None:
    """Jobs on one dataset run side by side, each with its own settings."""
    answer = requests.post(f"{base}/v1/datasets", data=line_csv(), headers={"Content-Type": "text/csv"}, timeout=10)
    dataset = answer.json()["id"]

    def run(rate: float) -> float:
        settings = {"dataset": dataset, "target": "y", "optimizer": "sgd", "learning_rate": rate, "max_iterations": 3}
        cost: float = requests.post(f"{base}/v1/jobs?wait=30", json=settings, timeout=40).json()["result"]["cost"]
        return cost

    with ThreadPoolExecutor(8) as pool:
        costs = list(pool.map(run, [0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.08]))
    assert costs == sorted(costs, reverse=True)
    assert len(set(costs)) == 8
