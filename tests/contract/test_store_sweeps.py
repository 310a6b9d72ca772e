"""The records of sweeps: every move of a sweep and of its jobs, against a real Redis."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from time import sleep

import pytest

from contract.errors import Conflict, NotFound, Unprocessable
from contract.job import TERMINAL, new_id, result_fields
from contract.store import Entries, Store
from contract.store_keys import INDEXES, JOB_EXPIRY, QUEUE, SEQUENCE, SWEEP_OPEN
from contract.store_lists import Selection
from contract.store_replays import Once
from contract.store_sweeps import NewJob
from contract.sweep import MOST_JOBS, Sweep
from tests.support.processes import eventually
from tests.support.records import FIELDS, VERSION, a_dataset, accept, accept_sweep, claim, expire_lease

HEAD = {"name": b"null", "labels": {}, "target_cost": b"null"}


@pytest.fixture(autouse=True)
def _long_running_redis(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leases expire only once Redis has been up for a while; these tests do not wait for that."""
    monkeypatch.setattr("contract.store_upkeep.UPTIME_MARGIN", -30.0)


def end(store: Store, job: str, state: str) -> None:
    if state == "cancelled":
        store.cancel(job)
    else:
        assert store.finish(claim(store, job), state, Entries(), {"result": {"cost": 1}})


def look(store: Store, sweep: Sweep) -> tuple[str, int]:
    record = store.sweeps.get(sweep.record.id).record
    return record.state, record.finished


def ids(sweep: Sweep) -> list[str]:
    return [job.id for job in sweep.jobs]


def test_a_sweep_is_accepted_with_all_its_jobs(store: Store) -> None:
    """In the order given, queued, with their hints, and each knows its sweep and what it has of its own."""
    sweep = accept_sweep(store, 3)
    assert store.sweeps.get(sweep.record.id) == sweep
    assert (sweep.record.state, sweep.record.total, sweep.record.finished, sweep.queue_position) == ("queued", 3, 0, 0)
    assert [job.varied for job in sweep.jobs] == [b'{"max_iterations":%d}' % number for number in (1, 2, 3)]
    jobs = [store.job(job) for job in ids(sweep)]
    assert [(job.state, job.sweep, job.queue_position) for job in jobs] == [
        ("queued", sweep.record.id, place) for place in range(3)
    ]
    assert store.client.llen(QUEUE) == 3


def test_a_look_at_a_sweep_takes_the_costs_of_its_jobs_and_not_their_results(store: Store) -> None:
    """However large these are: 64 jobs of a thousand classes are polled as quickly as of one number."""
    sweep = accept_sweep(store, 1)
    result = {"parameters": [0.5] * 10**5, "cost": 1.5, "validation_cost": None}
    assert store.finish(claim(store, *ids(sweep)), "succeeded", Entries(), result_fields(result))
    (job,) = store.sweeps.get(sweep.record.id).jobs
    assert (job.result, job.costs) == (None, b'{"cost":1.5,"validation_cost":null}')


def test_the_place_of_a_sweep_in_the_queue_is_that_of_its_first_queued_job(store: Store) -> None:
    before = accept(store)
    sweep = accept_sweep(store, 2)
    assert sweep.queue_position == 1
    claim(store, before), claim(store, ids(sweep)[0])
    assert store.sweeps.get(sweep.record.id).queue_position == 0
    store.sweeps.cancel(sweep.record.id)
    assert store.sweeps.get(sweep.record.id).queue_position is None


def test_accept_refuses_a_dataset_that_is_not_there(store: Store) -> None:
    """Nothing is written when a dataset has expired between validation and acceptance."""
    dataset, jobs = a_dataset(), [NewJob(new_id("job"), b"hint", FIELDS)]
    with pytest.raises(NotFound):
        store.sweeps.accept(new_id("sweep"), HEAD, dataset, jobs, new_dataset=False)
    with pytest.raises(NotFound):
        store.sweeps.accept(new_id("sweep"), HEAD, dataset, jobs, new_dataset=True, uses=["ds_gone"])
    assert store.client.keys("*") == []


def test_one_key_makes_one_sweep(store: Store) -> None:
    once = Once("sweeps", "key", "digest", "try")
    assert store.replays.begin(once) is None
    jobs = [NewJob(new_id("job"), b"hint", FIELDS)]
    sweep = store.sweeps.accept(new_id("sweep"), HEAD, a_dataset(), jobs, new_dataset=True, once=once)
    assert store.replays.begin(once) == sweep.record.id
    with pytest.raises(Unprocessable):
        store.replays.begin(once._replace(digest="other"))


@pytest.mark.parametrize(
    ("ends", "state"),
    [
        (["succeeded", "succeeded", "succeeded"], "succeeded"),
        (["failed", "succeeded", "failed"], "succeeded"),
        (["failed", "failed", "failed"], "failed"),
        (["cancelled", "succeeded", "failed"], "succeeded"),
        (["cancelled", "failed", "failed"], "failed"),
        (["cancelled", "cancelled", "cancelled"], "cancelled"),
    ],
    ids="-".join,
)
def test_a_sweep_is_what_its_jobs_came_to(store: Store, ends: list[str], state: str) -> None:
    """It runs until the last has ended, whatever becomes of a single one, and counts them."""
    sweep = accept_sweep(store, 3)
    for count, (job, how) in enumerate(zip(ids(sweep), ends, strict=True)):
        assert look(store, sweep) == ("running" if count else "queued", count)
        end(store, job, how)
    assert look(store, sweep) == (state, 3)
    record = store.sweeps.get(sweep.record.id).record
    assert record.finished_at is not None
    assert [store.job(job).expires_at for job in ids(sweep)] == [record.expires_at] * 3
    with suppress(Conflict):
        store.sweeps.cancel(sweep.record.id)
    assert look(store, sweep) == (state, 3)


def test_a_sweep_that_began_goes_on_running(store: Store) -> None:
    """Also while its jobs are queued again, by a worker that leaves or one that died."""
    sweep = accept_sweep(store, 1)
    (job,) = ids(sweep)
    store.release(claim(store, job))
    assert look(store, sweep) == ("running", 0)
    claim(store, job)
    expire_lease(store, job)
    assert store.upkeep.reconcile().rescued == [job]
    assert look(store, sweep) == ("running", 0)
    started = store.sweeps.get(sweep.record.id).record.started_at
    claim(store, job)
    assert store.sweeps.get(sweep.record.id).record.started_at == started


def test_cancel_ends_queued_jobs_and_asks_running_ones(store: Store) -> None:
    """Those that have ended stay as they are, and the sweep is cancelled once the running ones have ended."""
    sweep = accept_sweep(store, 3)
    first, second, third = ids(sweep)
    end(store, first, "succeeded")
    held = claim(store, second)
    store.sweeps.cancel(sweep.record.id)
    assert look(store, sweep) == ("running", 2)
    assert [store.job(job).state for job in (first, third)] == ["succeeded", "cancelled"]
    store.sweeps.cancel(sweep.record.id)
    assert store.report(held, Entries(), {}) == "cancel"
    store.finish(held, "cancelled", Entries(), {})
    assert look(store, sweep) == ("cancelled", 3)
    store.sweeps.cancel(sweep.record.id)  # again: it is what was asked for


def test_a_sweep_whose_jobs_all_ended_otherwise_was_not_cancelled(store: Store) -> None:
    """As a running job that ends before it hears of it."""
    sweep = accept_sweep(store, 1)
    held = claim(store, *ids(sweep))
    store.sweeps.cancel(sweep.record.id)
    store.finish(held, "succeeded", Entries(), {})
    assert look(store, sweep) == ("succeeded", 1)


def test_the_third_lost_lease_fails_a_job_and_not_the_sweep(store: Store) -> None:
    sweep = accept_sweep(store, 2)
    first, second = ids(sweep)
    for _ in range(3):
        claim(store, first)
        expire_lease(store, first)
        store.upkeep.reconcile()
    assert (store.job(first).state, look(store, sweep)) == ("failed", ("running", 1))
    end(store, second, "succeeded")
    assert look(store, sweep) == ("succeeded", 2)


def test_jobs_of_a_sweep_whose_hints_are_lost_get_others(store: Store) -> None:
    sweep = accept_sweep(store, 5)
    store.client.delete(QUEUE)
    assert store.upkeep.reconcile().unhinted == ids(sweep)


@pytest.mark.parametrize("state", ["queued", "running"])
def test_only_an_ended_sweep_is_deleted(store: Store, state: str) -> None:
    sweep = accept_sweep(store, 2)
    if state == "running":
        claim(store, ids(sweep)[0])
    with pytest.raises(Conflict, match=state):
        store.sweeps.delete(sweep.record.id)
    assert look(store, sweep) == (state, 0)


@pytest.mark.parametrize("state", sorted(TERMINAL))
def test_a_job_of_a_sweep_goes_with_the_sweep_only(store: Store, state: str) -> None:
    """Whether it is asked for by its id or among many."""
    sweep = accept_sweep(store, 2, labels={"a": "1"})
    for job in ids(sweep):
        end(store, job, state)
    with pytest.raises(Conflict, match=sweep.record.id):
        store.delete(ids(sweep)[0])
    assert [store.job(job).state for job in ids(sweep)] == [state] * 2
    for selection in (Selection(), Selection(state), Selection(labels=["a:1"]), Selection(state, ["a:1"])):
        assert store.lists.delete(selection) == 0
    assert store.client.zcard(JOB_EXPIRY) == 0
    store.sweeps.delete(sweep.record.id)
    for job in ids(sweep):
        with pytest.raises(NotFound):
            store.job(job)
    with pytest.raises(NotFound):
        store.sweeps.delete(sweep.record.id)


def test_jobs_of_a_sweep_are_listed_by_the_sweep_only(store: Store) -> None:
    """Lists and the feed show them when they are asked for the sweep, and else the jobs that are part of none."""
    sweep, other = accept_sweep(store, 4, labels={"a": "1"}), accept_sweep(store, 1)
    alone = accept(store, labels={"a": "1"})
    for job in [*ids(sweep)[:3], alone]:
        end(store, job, "succeeded")
    of_sweep = {"sweep": sweep.record.id}
    newest = [
        (Selection(), [alone]),
        (Selection("succeeded"), [alone]),
        (Selection("queued"), []),
        (Selection("succeeded", ["a:1"]), [alone]),
        (Selection(**of_sweep), ids(sweep)[::-1]),
        (Selection("queued", **of_sweep), ids(sweep)[3:]),
        (Selection("succeeded", ["a:1"], **of_sweep), ids(sweep)[2::-1]),
        (Selection(sweep=other.record.id), ids(other)),
        (Selection(sweep="sweep_unknown"), []),
    ]
    for selection, expected in newest:
        assert [job.id for job in store.lists.newest(selection, 10).records] == expected
    assert [job.id for job in store.lists.ended(Selection(), 10, 0).records] == [alone]
    assert [job.id for job in store.lists.ended(Selection(**of_sweep), 10, 0).records] == ids(sweep)[:3]


def test_a_sweep_expires_with_its_jobs(store: Store) -> None:
    """After the retention since its last job ended, not earlier, and nothing of it stays."""
    short = Store(store.client, lease=30.0, retention=0.2)
    sweep = accept_sweep(short, 3)
    first, *others = ids(sweep)
    end(short, first, "succeeded")
    sleep(0.3)
    list(short.upkeep.expire())
    assert look(short, sweep) == ("running", 1)
    for job in others:
        end(short, job, "failed")
    eventually(lambda: _nothing_is_left(short), what="the expiry")


def _nothing_is_left(store: Store) -> bool:
    """What an installation still has that has seen jobs and has none: the counter, and hints that nobody took."""
    list(store.upkeep.expire())
    return set(store.client.keys("*")) <= {QUEUE.encode(), SEQUENCE.encode()}


def test_expiry_takes_few_sweeps_at_a_time_and_all_of_them(store: Store) -> None:
    short = Store(store.client, lease=30.0, retention=0.01)
    for _ in range(7):
        short.sweeps.cancel(accept_sweep(short, 2).record.id)
    sleep(0.05)
    assert _nothing_is_left(short)


def test_the_ranking_stays_with_a_sweep_that_has_ended(store: Store) -> None:
    """And with no other: one that was deleted meanwhile does not come back."""
    sweep = accept_sweep(store, 1)
    store.sweeps.keep_ranking(sweep.record.id, b"[]")
    assert store.sweeps.get(sweep.record.id).record.ranking is None
    end(store, *ids(sweep), "succeeded")
    store.sweeps.keep_ranking(sweep.record.id, b"[]")
    assert store.sweeps.get(sweep.record.id).record.ranking == b"[]"
    store.sweeps.delete(sweep.record.id)
    store.sweeps.keep_ranking(sweep.record.id, b"[]")
    with pytest.raises(NotFound):
        store.sweeps.get(sweep.record.id)
    assert not store.client.keys("thalweg:sweep*")


def test_sweeps_are_listed_newest_first_in_pages(store: Store) -> None:
    sweeps = [accept_sweep(store, 2).record for _ in range(5)]
    first, following = store.sweeps.newest(2)
    second, after = store.sweeps.newest(10, following)
    assert (first + second, after) == (sweeps[::-1], None)
    assert store.sweeps.newest(5) == (sweeps[::-1], None)


def test_twenty_sweeps_of_most_jobs(store: Store) -> None:
    """Four workers run them while others cancel: each job ends once, and no count drifts."""
    sweeps = [accept_sweep(store, MOST_JOBS) for _ in range(20)]
    jobs = [job for sweep in sweeps for job in ids(sweep)]

    def work(number: int) -> int:
        done = 0
        for job in jobs[number:] + jobs[:number]:
            if held := store.claim(job, f"host:{number}", VERSION):
                done += store.finish(held, "failed" if done % 3 else "succeeded", Entries(), {})
        return done

    with ThreadPoolExecutor(5) as pool:
        done = pool.map(work, range(0, 4 * 300, 300))
        cancelling = pool.submit(lambda: [_cancelled(store, sweep) for sweep in sweeps[::-4]])
        cancelling.result()
        finished = sum(done)
    records = [store.sweeps.get(sweep.record.id).record for sweep in sweeps]
    assert [(record.finished, record.is_terminal) for record in records] == [(MOST_JOBS, True)] * 20
    assert not store.client.keys(f"{SWEEP_OPEN}*")
    assert finished + store.client.zcard(INDEXES["cancelled"]) == len(jobs)
    ended = store.lists.ended(Selection(sweep=sweeps[0].record.id), 100, 0).records
    assert sorted(job.id for job in ended) == sorted(ids(sweeps[0]))


def _cancelled(store: Store, sweep: Sweep) -> None:
    with suppress(Conflict):
        store.sweeps.cancel(sweep.record.id)
