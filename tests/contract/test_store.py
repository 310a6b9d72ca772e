"""The record: every move from every state, against a real Redis."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import repeat
from time import sleep

import pytest

from contract.errors import Conflict, NotFound, StorageFull, Unavailable
from contract.job import RECORD_FORMAT, STATES, TERMINAL, new_id
from contract.redis_client import connect
from contract.store import Claim, Entries, Store
from contract.store_keys import ENDINGS, INDEXES, JOB, LEASES, QUEUE, USERS
from contract.store_lists import Selection
from contract.store_upkeep import LEASES_TO_LOSE
from tests.support.processes import redis_server
from tests.support.records import (
    FIELDS,
    HINT,
    VERSION,
    WORKER,
    a_dataset,
    accept,
    claim,
    digest,
    expire_lease,
    job_in,
)

OLD = Claim("?", 99, 1, b"{}", b"[]")


def _claim(store: Store, job: str, _: Claim | None) -> object:
    return store.claim(job, "host:2", VERSION)


def _report(store: Store, job: str, held: Claim | None) -> object:
    return store.report(held or OLD._replace(job=job), Entries(0, b"12345678"), {"progress": {"cost": 2}})


def _finish(store: Store, job: str, held: Claim | None) -> object:
    return store.finish(held or OLD._replace(job=job), "succeeded", Entries(), {"result": {"cost": 3}})


def _release(store: Store, job: str, held: Claim | None) -> object:
    return store.release(held or OLD._replace(job=job))


def _cancel(store: Store, job: str, _: Claim | None) -> object:
    return store.cancel(job)


def _delete(store: Store, job: str, _: Claim | None) -> object:
    return store.delete(job)


def _delete_listed(store: Store, _job: str, _: Claim | None) -> object:
    return store.lists.delete(Selection()) or None


def _lose_lease(store: Store, job: str, _: Claim | None) -> object:
    if store.job(job).state == "running":
        expire_lease(store, job)
    return store.upkeep.reconcile().rescued


MOVES: dict[str, Callable[[Store, str, Claim | None], object]] = {
    "claim": _claim,
    "report": _report,
    "finish": _finish,
    "release": _release,
    "cancel": _cancel,
    "lose_lease": _lose_lease,
    "delete": _delete,
    "delete_listed": _delete_listed,
}
REFUSALS = (None, False, [], "stale")
REPEATED = ("succeeded", "finish")  # the worker is told that it is done
# (state, move) -> the state afterwards; every other cell changes nothing at all.
LEGAL = {
    ("queued", "claim"): "running",
    ("queued", "cancel"): "cancelled",
    ("running", "report"): "running",
    ("running", "finish"): "succeeded",
    ("running", "release"): "queued",
    ("running", "cancel"): "running",
    ("running", "lose_lease"): "queued",
    **{(state, move): "none" for state in TERMINAL for move in ("delete", "delete_listed")},
}
CONFLICTS = {("succeeded", "cancel"), ("failed", "cancel"), ("queued", "delete"), ("running", "delete")}


@pytest.fixture(autouse=True)
def _long_running_redis(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leases expire only once Redis has been up for a while; these tests do not wait for that."""
    monkeypatch.setattr("contract.store_upkeep.UPTIME_MARGIN", -30.0)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("move", MOVES)
def test_every_cell_of_state_and_move(store: Store, state: str, move: str) -> None:
    """A legal move leads to its state; an illegal one is refused and leaves the record's digest as it was."""
    job, held = job_in(store, state)
    before = digest(store, job)
    if (state, move) in LEGAL:
        MOVES[move](store, job, held)
        assert state_of(store, job) == LEGAL[state, move]
        assert digest(store, job) != before
        return
    if (state, move) in CONFLICTS:
        with pytest.raises(Conflict, match=state):
            MOVES[move](store, job, held)
    else:
        assert MOVES[move](store, job, held) in REFUSALS or (state, move) == REPEATED
    assert digest(store, job) == before


def state_of(store: Store, job: str) -> str:
    with suppress(NotFound):
        return store.job(job).state
    return "none"


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("move", MOVES)
def test_the_revision_tells_of_every_change(store: Store, state: str, move: str) -> None:
    """Two looks with one revision saw one record: whatever a move writes or removes, the number rises."""
    job, held = job_in(store, state)
    before, record = store.revision(job), digest(store, job)
    assert store.job(job).as_revision() == before
    with suppress(Conflict):
        MOVES[move](store, job, held)
    if state_of(store, job) != "none":
        assert (store.revision(job) != before) == (digest(store, job) != record)


def test_a_record_that_counts_no_changes_has_its_revision_too(store: Store) -> None:
    """A field that was never written is 0, however the record is looked at; only a record that is gone is not found."""
    job = accept(store)
    store.client.hdel(JOB + job, "revision")
    assert store.revision(job) == store.job(job).as_revision() == (0, "queued", 0)


@pytest.mark.parametrize("state", STATES)
def test_a_job_stands_in_the_index_of_its_state_only(store: Store, state: str) -> None:
    job, _ = job_in(store, state)
    held_by = [index for index in INDEXES.values() if store.client.zscore(index, job) is not None]
    assert held_by == [f"thalweg:{state}"]
    assert (store.client.zscore(LEASES, job) is not None) == (state == "running")
    assert (store.client.zscore(ENDINGS, job) is not None) == (state in TERMINAL)


@pytest.mark.parametrize("state", STATES)
def test_a_dataset_knows_its_live_jobs(store: Store, state: str) -> None:
    """A dataset may be deleted once no queued or running job uses it."""
    job, _ = job_in(store, state)
    users = store.client.smembers(USERS + store.job(job).dataset)
    assert users == (set() if state in TERMINAL else {job.encode()})


def test_accept_keeps_record_dataset_and_place(store: Store) -> None:
    dataset = a_dataset()
    job = new_id("job")
    store.accept(job, dataset, FIELDS, HINT(job), new_dataset=True)
    record = store.job(job)
    assert (record.state, record.attempt, record.queue_position, record.worker) == ("queued", 0, 0, None)
    stored = store.datasets.get(dataset.id)
    assert stored == dataset._replace(created_at=stored.created_at, expires_at=stored.expires_at)
    assert stored.created_at is not None


def test_accept_refuses_a_dataset_that_is_not_there(store: Store) -> None:
    """Nothing is written when the dataset has expired between validation and acceptance."""
    with pytest.raises(NotFound):
        store.accept(new_id("job"), a_dataset(), FIELDS, b"hint", new_dataset=False)
    assert store.client.keys("*") == []


def test_accept_refuses_a_taken_id(store: Store) -> None:
    job = accept(store)
    with pytest.raises(Conflict):
        store.accept(job, a_dataset(), FIELDS, b"hint", new_dataset=True)


def test_queue_is_first_in_first_out(store: Store) -> None:
    jobs = [accept(store) for _ in range(5)]
    assert [store.job(job).queue_position for job in jobs] == [0, 1, 2, 3, 4]


def test_one_claim_for_one_job(store: Store) -> None:
    """Forty workers that get the same message at once: one runs the job."""
    job = accept(store)
    start = threading.Barrier(40)

    def attempt(number: int) -> Claim | None:
        start.wait()
        return store.claim(job, f"host:{number}", VERSION)

    with ThreadPoolExecutor(40) as pool:
        claims = [found for found in pool.map(attempt, range(40)) if found]
    assert len(claims) == 1
    assert store.job(job).worker == claims_worker(store, job)


def claims_worker(store: Store, job: str) -> str:
    return (store.client.hget(JOB + job, "worker") or b"").decode()


def test_a_worker_whose_claim_was_not_answered_claims_again(store: Store) -> None:
    """The lost answer costs no lease: the same worker gets the job with a new fence, another one does not."""
    job = accept(store)
    lost = claim(store, job)
    assert store.claim(job, "host:2", VERSION) is None
    again = claim(store, job)
    assert (again.attempt, again.fence > lost.fence) == (1, True)
    assert store.report(lost, Entries(), {"progress": {}}) == "stale"
    assert store.finish(again, "succeeded", Entries(), {})


def test_a_finish_sent_twice_is_one_finish(store: Store) -> None:
    """The answer to the first was lost; the second is told that it is done, and changes nothing."""
    job, held = job_in(store, "succeeded")
    assert held is not None
    before = digest(store, job)
    assert store.finish(held, "succeeded", Entries(0, b"x" * 48), {"result": {"cost": 9}})
    assert digest(store, job) == before
    assert store.workshop.stats().counters["refused_writes"] == 0


def test_a_newer_record_is_left_to_newer_workers(store: Store) -> None:
    job = accept(store)
    store.client.hset(JOB + job, "format", RECORD_FORMAT + 1)
    assert store.claim(job, WORKER, VERSION) is None
    assert store.job(job).state == "queued"


def test_a_zombie_writes_nothing(store: Store) -> None:
    """A worker whose lease was lost may wake up and write: everything is refused and counted."""
    job = accept(store)
    zombie = claim(store, job)
    expire_lease(store, job)
    assert store.upkeep.reconcile().rescued == [job]
    claim(store, job, "host:2")
    before = digest(store, job)
    assert store.report(zombie, Entries(0, b"x" * 48), {"progress": {}}) == "stale"
    assert not store.finish(zombie, "succeeded", Entries(), {"result": {}})
    assert not store.release(zombie)
    assert digest(store, job) == before
    assert store.workshop.stats().counters == {"rescues": 1, "refused_writes": 3}


def test_the_third_lost_lease_fails_the_job(store: Store) -> None:
    job = accept(store)
    for lost in range(LEASES_TO_LOSE):
        assert claim(store, job).attempt == lost + 1
        expire_lease(store, job)
        store.upkeep.reconcile()
    record = store.job(job)
    assert (record.state, record.attempt) == ("failed", LEASES_TO_LOSE)
    assert b"worker_lost" in (record.error or b"")


def test_an_orderly_hand_over_is_no_lost_lease(store: Store) -> None:
    job = accept(store)
    for _ in range(5):
        held = claim(store, job)
        assert held.attempt == 1
        assert store.release(held)
    assert claim(store, job).fence > held.fence


@pytest.mark.parametrize("way", ["release", "lose_lease"])
def test_a_requeued_job_goes_back_to_the_front_without_traces(store: Store, way: str) -> None:
    """Its record is what was accepted, but for the counts of what became of it and the time of its first start."""
    first, second = accept(store, warnings=[{"code": "accepted"}]), accept(store)
    accepted = store.client.hgetall(JOB + first)
    held = claim(store, first)
    reported = {name: {"of": "a report"} for name in ("progress", "history", "resolved", "advice", "warnings")}
    store.report(held, Entries(0, b"x" * 48), reported)
    MOVES[way](store, first, held)
    requeued = store.client.hgetall(JOB + first)
    changed = {name for name in accepted.keys() | requeued.keys() if accepted.get(name) != requeued.get(name)}
    assert changed - {b"leases_lost"} == {b"revision", b"fence", b"attempt", b"started_at"}
    assert store.job_with_history(first)[1] == b""
    assert (store.job(first).queue_position, store.job(second).queue_position) == (0, 1)
    assert claim(store, first).warnings == b'[{"code":"accepted"}]'


def test_a_report_renews_the_lease_and_hears_of_cancelling(store: Store) -> None:
    job = accept(store)
    held = claim(store, job)
    expire_lease(store, job)
    assert store.report(held, Entries(), {"progress": {"cost": 1}}) == "go_on"
    assert store.upkeep.reconcile().rescued == []
    store.cancel(job)
    assert store.report(held, Entries(), {"progress": {"cost": 1}}) == "cancel"


@pytest.mark.parametrize("way", ["release", "lose_lease"])
def test_a_cancelled_job_is_not_run_again(store: Store, way: str) -> None:
    """Once it was asked to stop, a job that comes back from its worker ends as cancelled."""
    job = accept(store)
    held = claim(store, job)
    store.cancel(job)
    MOVES[way](store, job, held)
    assert (store.job(job).state, store.job(job).stop_reason) == ("cancelled", "cancelled")


def test_no_lease_expires_while_redis_is_young(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """After an outage of Redis every worker gets time to report before its job is given away."""
    monkeypatch.setattr("contract.store_upkeep.UPTIME_MARGIN", 1e6)
    job = accept(store)
    claim(store, job)
    expire_lease(store, job)
    assert store.upkeep.reconcile().rescued == []
    assert store.job(job).state == "running"


def test_history_is_written_at_its_offset(store: Store) -> None:
    """A report repeated after a lost answer, or one that replaces the last row, leaves no double and no gap."""
    job = accept(store)
    held = claim(store, job)
    for rows in (Entries(0, b"aabb"), Entries(2, b"BBcc"), Entries(2, b"BBcc")):
        store.report(held, rows, {"progress": {}})
    assert store.job_with_history(job)[1] == b"aaBBcc"
    store.report(held, Entries(0, b"aacc"), {"progress": {}})
    assert store.job_with_history(job)[1] == b"aacc"


def test_reconcile_names_the_oldest_jobs_without_a_hint(store: Store) -> None:
    """Hints are wanted only while the broker's list is shorter than the pending index, and only the difference."""
    jobs = [accept(store) for _ in range(5)]
    assert store.upkeep.reconcile().unhinted == []
    store.client.delete(QUEUE)
    assert store.upkeep.reconcile().unhinted == jobs
    store.client.rpush(QUEUE, *["message"] * 3)
    assert store.upkeep.reconcile().unhinted == jobs[:2]
    store.client.rpush(QUEUE, *["message"] * 4)
    assert store.upkeep.reconcile().unhinted == []


def test_jobs_and_datasets_expire_together_with_all_their_keys(store: Store) -> None:
    """After the retention nothing of a job or its dataset is left; queued and running jobs and their data stay."""
    brief = Store(store.client, lease=30.0, retention=0.05)
    ended = [job_in(brief, state, labels={"team": "a", "run": state})[0] for state in TERMINAL]
    datasets = [brief.job(job).dataset for job in ended]
    alive = [job_in(brief, state)[0] for state in ("queued", "running")]
    sleep(0.1)
    assert list(brief.upkeep.expire()) == datasets
    for job in ended:
        with pytest.raises(NotFound):
            brief.job(job)
    for job in alive:
        assert brief.datasets.get(brief.job(job).dataset).rows == 10
    keys = b" ".join(store.client.keys("*")).decode()
    assert not [name for name in (*ended, *datasets, "label") if name in keys]
    assert [record.id for record in brief.lists.newest(Selection(), 10).records] == alive[::-1]


@pytest.mark.parametrize("retention", [60.0, 0.0])
def test_any_number_expires_in_small_steps(store: Store, monkeypatch: pytest.MonkeyPatch, retention: float) -> None:
    """Two of each at a time, and between them Redis may serve others; datasets in use are not looked at for ever."""
    monkeypatch.setattr("contract.store_upkeep.EXPIRED_AT_ONCE", 2)
    brief = Store(store.client, lease=30.0, retention=0.05)
    alive = [job_in(brief, "running")[0] for _ in range(3)]
    ended = [job_in(brief, "succeeded")[0] for _ in range(5)]
    datasets = {brief.job(job).dataset for job in ended}
    sleep(0.1)
    store.client.config_resetstat()
    expired = list(Store(store.client, lease=30.0, retention=retention).upkeep.expire())
    assert (len(expired), set(expired)) == (5, datasets)
    assert store.client.info("commandstats")["cmdstat_evalsha"]["calls"] > 2
    assert [record.id for record in brief.lists.newest(Selection(), 10).records] == alive[::-1]


def test_only_one_worker_has_the_turn(store: Store) -> None:
    assert [store.upkeep.take_turn(task, 5.0) for task in ("a", "a", "b")] == [True, False, True]


def test_cancelling_and_finishing_at_once_gives_one_ending(store: Store) -> None:
    """200 races: each job ends once, in the state that its index says."""
    jobs = [accept(store) for _ in range(200)]
    claims = [claim(store, job) for job in jobs]

    def cancel(job: str) -> None:
        with suppress(Conflict):
            store.cancel(job)

    with ThreadPoolExecutor(16) as pool:
        cancelling = [pool.submit(cancel, job) for job in jobs]
        finishing = [pool.submit(store.finish, held, "succeeded", Entries(), {}) for held in claims]
    assert all(future.result() is None for future in cancelling)
    assert all(future.result() for future in finishing)
    assert store.workshop.stats().states == {"queued": 0, "running": 0, "succeeded": 200, "failed": 0, "cancelled": 0}


def test_workers_are_listed_until_they_leave_or_fall_silent(store: Store) -> None:
    store.workshop.announce("host:1", {"id": "host:1", "job": None})
    store.workshop.announce("host:2", {"id": "host:2", "job": "job_x"})
    assert [worker["id"] for worker in store.workshop.workers()] == ["host:1", "host:2"]
    store.workshop.announce("host:1", None)
    assert [worker["id"] for worker in store.workshop.workers()] == ["host:2"]
    store.client.zadd("thalweg:presence", {"host:2": 1.0})
    store.upkeep.reconcile()
    assert store.workshop.workers() == []


@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(lambda store: store.job("job_x"), id="job"),
        pytest.param(lambda store: store.job_with_history("job_x"), id="history"),
        pytest.param(lambda store: store.cancel("job_x"), id="cancel"),
        pytest.param(lambda store: store.revision("job_x"), id="revision"),
        pytest.param(lambda store: store.delete("job_x"), id="delete"),
        pytest.param(lambda store: store.datasets.delete("ds_x"), id="delete dataset"),
        pytest.param(lambda store: store.datasets.get("ds_x"), id="dataset"),
    ],
)
def test_an_unknown_id_is_not_found(store: Store, ask: Callable[[Store], object]) -> None:
    with pytest.raises(NotFound, match="expired"):
        ask(store)


def test_redis_away_is_unavailable() -> None:
    away = Store(connect("redis://127.0.0.1:1/0"), lease=30.0, retention=60.0)
    for ask in (lambda: away.job("job_x"), lambda: accept(away), lambda: away.workshop.stats()):
        with pytest.raises(Unavailable):
            ask()


def test_redis_without_room_is_storage_full(tmp_path) -> None:  # type: ignore[no-untyped-def]
    """A write that Redis refuses for lack of memory is told apart from a Redis that is away."""
    with redis_server(tmp_path, "--maxmemory", "1mb") as url:
        full = Store(connect(url), lease=30.0, retention=60.0)
        with pytest.raises(StorageFull):
            list(map(accept, repeat(full, 10_000)))
