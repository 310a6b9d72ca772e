"""Sweeps where messages are lost and workers die: every job ends, with the result of an undisturbed run."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from contract.store_keys import QUEUE, SWEEP_OPEN
from contract.sweep import MOST_JOBS
from tests.support.jobs import LONG, show, submit_sweep
from tests.support.processes import Stack, children_of, eventually, kill, stack

FAST = {"lease": "2", "heartbeat": "0.5", "reconcile_interval": "0.5"}


@pytest.fixture(scope="module")
def running() -> Iterator[Stack]:
    with stack(workers=2, **FAST) as installation:
        yield installation


def get(running: Stack, sweep: dict[str, Any], wait: int = 0) -> dict[str, Any]:
    answer = requests.get(f"{running.base}/v1/sweeps/{sweep['id']}", params={"wait": wait}, timeout=70)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def fitted(running: Stack, sweep: dict[str, Any]) -> list[Any]:
    return [show(running.base, row["id"])["result"]["parameters"] for row in sweep["jobs"]]


def test_lost_messages_and_a_killed_worker_lose_no_job_of_a_sweep(running: Stack) -> None:
    """Its jobs run on both workers; one is killed and the broker's list deleted while two of them run."""
    base = {"target": "y", **LONG, "max_iterations": 250}
    document = {"base": base, "vary": {"learning_rate": [1e-4, 2e-4, 3e-4, 4e-4]}}
    sweep = submit_sweep(running.base, document)
    eventually(lambda: sum(row["progress"]["iteration"] > 0 for row in get(running, sweep)["jobs"]) > 1, what="two")
    assert get(running, sweep)["state"] == "running"
    running.store.client.delete(QUEUE)
    kill(running.workers.pop())
    running.start_worker()
    ended = get(running, sweep, wait=60)
    assert (ended["state"], ended["progress"]) == ("succeeded", {"finished": 4, "total": 4})
    attempts = [show(running.base, row["id"])["attempt"] for row in ended["jobs"]]
    assert sorted(attempts) == [1, 1, 1, 2]
    undisturbed = submit_sweep(running.base, document, wait=60)
    assert fitted(running, ended) == fitted(running, undisturbed)
    assert [row["cost"] for row in ended["ranking"]] == [row["cost"] for row in undisturbed["ranking"]]


def test_many_jobs_of_many_sweeps_run_on_all_workers(running: Stack) -> None:
    """However sweeps end beside each other, their counts are those of their jobs, and nothing stays open."""
    rates = [0.1 + k / 1000 for k in range(MOST_JOBS)]
    base = {"target": "y", "optimizer": "sgd", "max_iterations": 5}
    sweeps = [submit_sweep(running.base, {"base": base, "vary": {"learning_rate": rates}}) for _ in range(4)]
    requests.post(f"{running.base}/v1/sweeps/{sweeps[-1]['id']}/cancel", timeout=10)
    ended = [get(running, sweep, wait=60) for sweep in sweeps]
    assert [sweep["progress"]["finished"] for sweep in ended] == [MOST_JOBS] * 4
    assert {sweep["state"] for sweep in ended[:3]} == {"succeeded"}
    pids = {show(running.base, row["id"])["worker"].rsplit(":", 1)[1] for row in ended[0]["jobs"] + ended[1]["jobs"]}
    assert pids == {str(child) for worker in running.workers for child in children_of(worker.pid)}
    assert running.store.client.keys(f"{SWEEP_OPEN}*") == []
