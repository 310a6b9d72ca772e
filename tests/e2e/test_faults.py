"""What real workers do when messages are lost or doubled, when they die, and when they are told to leave."""

import os
import signal
import time
from collections.abc import Iterator

import pytest
import requests

from contract.store_keys import QUEUE
from tests.support.jobs import LONG, ended, show, submit
from tests.support.processes import Stack, children_of, eventually, stack, stop
from tests.support.records import HINT, accept
from worker.reconcile import reconcile

FAST = {"lease": "2", "heartbeat": "0.5", "reconcile_interval": "0.5"}


@pytest.fixture(scope="module")
def installation() -> Iterator[Stack]:
    with stack(workers=0, **FAST) as running:
        yield running


@pytest.fixture
def running(installation: Stack) -> Iterator[Stack]:
    """The installation with an empty Redis, no worker at first and none at the end."""
    installation.store.client.flushall()
    yield installation
    installation.kill_workers()


def hints(running: Stack) -> int:
    return int(running.store.client.llen(QUEUE))


def test_jobs_stay_queued_without_workers_and_end_in_worker_processes(running: Stack) -> None:
    """The API computes nothing: without workers nothing moves, and every result names a worker's process."""
    jobs = [submit(running.base, {})["id"] for _ in range(5)]
    time.sleep(1)
    assert {show(running.base, job)["state"] for job in jobs} == {"queued"}
    worker = running.start_worker()
    pids = {ended(running.base, job)["worker"].rsplit(":", 1)[1] for job in jobs}
    assert pids <= {str(child) for child in children_of(worker.pid)}
    assert running.api is not None
    assert str(running.api.pid) not in pids


def test_lost_messages_are_replaced(running: Stack) -> None:
    """The broker's whole list is deleted with 20 jobs queued: all of them end."""
    jobs = [submit(running.base, {})["id"] for _ in range(20)]
    eventually(lambda: hints(running) == 20, what="20 hints")
    running.store.client.delete(QUEUE)
    running.start_worker()
    assert {ended(running.base, job)["state"] for job in jobs} == {"succeeded"}


def test_a_message_lost_inside_a_worker_is_replaced(running: Stack) -> None:
    """A worker is frozen, fetches a message and is killed before it can claim: another one runs the job."""
    worker = running.start_worker()
    assert ended(running.base, submit(running.base, {})["id"])["state"] == "succeeded"  # it fetches by now
    for pid in [*children_of(worker.pid)]:
        os.kill(pid, signal.SIGSTOP)
    job = submit(running.base, {})["id"]
    eventually(lambda: hints(running) == 0, what="the message to be fetched")
    running.kill_workers()
    assert show(running.base, job)["state"] == "queued"
    running.start_worker()
    assert ended(running.base, job)["state"] == "succeeded"


def test_the_same_message_five_times_is_one_run(running: Stack) -> None:
    """Two workers get five messages for one job: one claim, and a history without double or gap."""
    job = submit(running.base, {"max_iterations": 200, **LONG})["id"]
    running.store.upkeep.push_hints([HINT(job)] * 4)
    for _ in range(2):
        running.start_worker()
    ending = ended(running.base, job)
    assert (ending["state"], ending["attempt"]) == ("succeeded", 1)
    assert running.store.client.hget(f"thalweg:job:{job}", "fence") == b"1"
    history = requests.get(f"{running.base}/v1/jobs/{job}/history", timeout=10).json()
    assert history["iterations"] == list(range(201))


@pytest.mark.parametrize("victim", ["main", "child"])
def test_a_killed_worker_loses_no_job(running: Stack, victim: str) -> None:
    """Kill -9 of a worker's main or pool process: the job ends elsewhere, with the result of an undisturbed run."""
    settings = {"max_iterations": 500, **LONG}
    worker = running.start_worker()
    job = submit(running.base, settings)["id"]
    eventually(lambda: show(running.base, job)["progress"]["iteration"] > 0, what="progress")
    first = show(running.base, job)["worker"]
    os.kill(worker.pid if victim == "main" else children_of(worker.pid)[0], signal.SIGKILL)
    running.start_worker()
    rescued = ended(running.base, job)
    assert (rescued["state"], rescued["attempt"]) == ("succeeded", 2)
    assert rescued["worker"] != first
    undisturbed = ended(running.base, submit(running.base, settings)["id"])
    assert rescued["result"]["parameters"] == undisturbed["result"]["parameters"]
    assert rescued["result"]["cost"] == undisturbed["result"]["cost"]


def test_a_job_that_kills_its_worker_fails_at_the_third_lease(running: Stack) -> None:
    """A poison job is tried three times and then failed; a job beside it is not disturbed."""
    running.start_worker()
    job = submit(running.base, {"max_iterations": 10_000_000, **LONG})["id"]
    for attempt in (1, 2, 3):
        eventually(lambda: _runs(running, job, attempt), what=f"attempt {attempt}")  # noqa: B023 - called at once
        os.kill(int(show(running.base, job)["worker"].rsplit(":", 1)[1]), signal.SIGKILL)
    ending = ended(running.base, job)
    assert (ending["state"], ending["error"]["code"], ending["attempt"]) == ("failed", "worker_lost", 3)
    assert ended(running.base, submit(running.base, {})["id"])["state"] == "succeeded"


def _runs(running: Stack, job: str, attempt: int) -> bool:
    shown = show(running.base, job)
    return bool(shown["state"] == "running" and shown["attempt"] == attempt)


def test_sigterm_gives_the_job_back(running: Stack) -> None:
    """SIGTERM: exit 0 within seconds, the job queued again at once, no lease lost, another worker runs it."""
    worker = running.start_worker()
    job = submit(running.base, {"max_iterations": 500, **LONG})["id"]
    eventually(lambda: show(running.base, job)["progress"]["iteration"] > 0, what="progress")
    begun = time.monotonic()
    assert stop(worker) == 0
    assert time.monotonic() - begun < 5
    assert show(running.base, job)["state"] == "queued"
    running.start_worker()
    ending = ended(running.base, job)
    assert (ending["state"], ending["attempt"]) == ("succeeded", 1)


def test_ten_thousand_queued_jobs_are_ten_thousand_hints_at_most(running: Stack) -> None:
    """With the workers stopped, reconciling adds no message beyond one for each queued job, and replaces lost ones."""
    store = running.store
    for _ in range(10_000):
        accept(store)
    for _ in range(3):
        reconcile(store, HINT)
        assert hints(running) == 10_000
    store.client.ltrim(QUEUE, 0, 3999)
    for _ in range(14):
        reconcile(store, HINT)
        assert hints(running) <= 10_000
    assert hints(running) == 10_000
    assert store.workshop.stats().states["queued"] == 10_000
