"""Waiting: an ending is never missed, and a client that cannot wait is answered at once."""

import threading
from collections.abc import Callable
from time import monotonic

import pytest
import requests

from contract.redis_client import connect
from contract.store import Entries, Store
from contract.store_keys import ENDED
from service.followed import wait_for_end
from service.waiting import Endings
from tests.support.jobs import submit
from tests.support.processes import eventually, stack
from tests.support.records import accept, claim

PATIENCE = 20.0  # far beyond what a wake takes; a test that waits so long has missed it


@pytest.fixture(scope="module")
def endings(redis_url: str) -> Endings:
    """Listening with two seats; the confirmed subscription wakes everybody, so it is waited for."""
    listening = Endings(redis_url, seats=2)
    with listening.watching("anything") as event:
        assert event is not None
        listening.start()
        assert event.wait(PATIENCE)
    return listening


def end(store: Store, job: str) -> None:
    store.finish(claim(store, job), "succeeded", Entries(), {})


def subscribers(redis_url: str) -> int:
    with connect(redis_url, connections=1) as client:
        return int(client.pubsub_numsub(ENDED)[0][1])


def in_background(work: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_an_ending_wakes_who_waits_for_it(store: Store, endings: Endings) -> None:
    job = accept(store)
    with endings.watching(job) as event:
        begun = monotonic()
        finishing = in_background(lambda: end(store, job))
        assert wait_for_end(store.job(job), store.job, event, PATIENCE).state == "succeeded"
        assert monotonic() - begun < PATIENCE
        finishing.join()


def test_an_ending_between_reading_and_sleeping_is_not_missed(store: Store, endings: Endings) -> None:
    """Who registers before reading is woken by what happens after reading."""
    job = accept(store)
    with endings.watching(job) as event:
        assert event is not None
        before = store.job(job)
        end(store, job)
        eventually(event.is_set, what="the wake")
        assert before.state == "queued"
        assert wait_for_end(before, store.job, event, PATIENCE).state == "succeeded"


def test_the_ending_of_another_job_wakes_nobody(store: Store, endings: Endings) -> None:
    mine, other = accept(store), accept(store)
    with endings.watching(mine) as event, endings.watching(other) as heard:
        assert event is not None
        assert heard is not None
        end(store, other)
        eventually(heard.is_set, what="the other's wake")
        assert not event.is_set()


def test_without_a_seat_the_answer_comes_at_once(store: Store, endings: Endings) -> None:
    """Two seats are taken: the third waiter gets the job as it is; a seat that is given back can be taken."""
    job = accept(store)
    with endings.watching(job) as first:
        with endings.watching(job) as second, endings.watching(job) as third:
            assert (first is None, second is None, third is None) == (False, False, True)
            assert wait_for_end(store.job(job), store.job, third, 3600.0).state == "queued"
        with endings.watching(job) as again:
            assert again is not None


def test_who_leaves_is_forgotten(store: Store, endings: Endings) -> None:
    """A process that serves for months does not gather the names of all jobs that were ever waited for."""
    for _ in range(10):
        with endings.watching(accept(store)):
            pass
    assert not endings._waiting


def test_a_lost_subscription_wakes_everybody_once_it_is_back(store: Store, endings: Endings) -> None:
    """The job ended while nobody listened: its waiter reads again as soon as the subscription is confirmed."""
    job = accept(store)
    with endings.watching(job) as event:
        assert event is not None
        before = store.job(job)
        event.clear()
        store.client.client_kill_filter(_type="pubsub")
        end(store, job)
        eventually(event.is_set, what="the wake")
        assert wait_for_end(before, store.job, event, PATIENCE).state == "succeeded"


def test_nobody_is_listened_for_while_nobody_waits(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs that end unwatched cost the API nothing; who waits later is heard for again."""
    monkeypatch.setattr("service.waiting.LINGER", 0.0)
    listening = Endings(redis_url, seats=1)
    listening.start()
    for _ in range(2):
        eventually(lambda: subscribers(redis_url) == 0, what="silence")
        with listening.watching("anything"):
            eventually(lambda: subscribers(redis_url) == 1, what="the subscription")


def test_waiting_ends_with_its_time(store: Store, endings: Endings) -> None:
    job = accept(store)
    with endings.watching(job) as event:
        assert wait_for_end(store.job(job), store.job, event, 0.05).state == "queued"


def test_seats_are_half_of_the_threads() -> None:
    """More clients wait than a process has seats: all are answered, and those without a seat at once."""
    answers: list[float] = []
    with stack(workers=0, processes="1", threads="16") as running:
        job = submit(running.base, {})["id"]

        def wait() -> None:
            url = f"{running.base}/v1/jobs/{job}?wait=4"
            answers.append(requests.get(url, timeout=30).elapsed.total_seconds())

        for thread in [in_background(wait) for _ in range(8 + 5)]:
            thread.join()
    assert sum(seconds < 2 for seconds in answers) == 5
