"""Lists of jobs: every selected job once and in order, whatever ends or goes while the list is read."""

from collections.abc import Iterator
from threading import Thread

import pytest

from contract import store_lists
from contract.store import Entries, Store
from contract.store_lists import Selection
from tests.support.records import accept, claim, job_in

ALL = Selection()


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """A list looks at three jobs a time, and at nine for one page."""
    monkeypatch.setattr(store_lists, "STEP", 3)
    monkeypatch.setattr(store_lists, "MOST_LOOKED_AT", 9)
    monkeypatch.setattr(store_lists, "DELETED_AT_ONCE", 2)
    monkeypatch.setattr(store_lists, "MOST_DELETED", 6)


def end(store: Store, job: str) -> str:
    store.finish(claim(store, job), "succeeded", Entries(), {})
    return job


def listed(store: Store, selection: Selection, limit: int) -> list[str]:
    """The ids on all pages."""
    ids, before = [], None
    while True:
        records, position, more = store.lists.newest(selection, limit, before)
        assert len(records) <= limit
        ids += [record.id for record in records]
        if not more:
            return ids
        before = position


def feed(store: Store, limit: int, selection: Selection = ALL) -> Iterator[list[str]]:
    """The ids on each page of the feed, for ever."""
    position = 0
    while True:
        records, position, _ = store.lists.ended(selection, limit, position)
        yield [record.id for record in records]


@pytest.mark.parametrize("limit", [1, 3, 6, 7, 100])
def test_jobs_are_listed_newest_first_in_pages(store: Store, limit: int) -> None:
    jobs = [accept(store) for _ in range(7)]
    assert listed(store, ALL, limit) == jobs[::-1]


@pytest.mark.parametrize("limit", [1, 4, 100])
@pytest.mark.usefixtures("small_steps")
def test_a_list_is_what_all_its_filters_have_in_common(store: Store, limit: int) -> None:
    """State and labels in any combination give the jobs that have all of them, newest first."""
    jobs = {}
    for number in range(24):
        state, team, urgent = ("queued", "succeeded", "cancelled")[number % 3], "ab"[number % 2], number % 4 == 0
        labels = {"team": team} | ({"urgent": "yes: very"} if urgent else {})
        jobs[job_in(store, state, labels=labels)[0]] = (state, team, urgent)
    newest = list(jobs)[::-1]
    for state in (None, "queued", "succeeded", "failed"):
        for team in (None, "a", "b", "c"):
            for urgent in (False, True):
                labels = ([f"team:{team}"] if team else []) + (["urgent:yes: very"] if urgent else [])
                wanted = [
                    job
                    for job in newest
                    if (state is None or jobs[job][0] == state)
                    and (team is None or jobs[job][1] == team)
                    and (not urgent or jobs[job][2])
                ]
                assert listed(store, Selection(state, labels), limit) == wanted


@pytest.mark.usefixtures("small_steps")
def test_a_page_looks_at_so_many_jobs_only(store: Store) -> None:
    """A page that finds nothing among them says where the next one goes on."""
    first = accept(store, labels={"a": "1", "b": "1"})
    for number in range(40):
        accept(store, labels={"ab"[number % 2]: "1"})
    selection = Selection(labels=["a:1", "b:1"])
    page = store.lists.newest(selection, 10)
    assert (page.records, page.more) == ([], True)
    assert listed(store, selection, 10) == [first]


def test_the_feed_is_in_order_of_ending(store: Store) -> None:
    jobs = [accept(store) for _ in range(6)]
    order = [jobs[k] for k in (3, 0, 5, 1)]
    for job in order:
        end(store, job)
    pages = feed(store, 3)
    assert [next(pages), next(pages), next(pages)] == [order[:3], order[3:], []]
    store.cancel(jobs[2])
    assert next(pages) == [jobs[2]]


@pytest.mark.usefixtures("small_steps")
def test_the_feed_takes_filters_too(store: Store) -> None:
    jobs = [end(store, accept(store, labels={"n": str(k % 2)})) for k in range(30)]
    pages = feed(store, 4, Selection("succeeded", ["n:1"]))
    assert [job for _ in range(10) for job in next(pages)] == jobs[1::2]


def test_a_reader_of_the_feed_meets_every_job_once(store: Store) -> None:
    """Four threads end 400 jobs while it reads, and a page that comes to nothing loses no place."""
    jobs = [accept(store) for _ in range(400)]
    claims = [claim(store, job) for job in jobs]
    threads = [
        Thread(target=lambda part=claims[k::4]: [store.finish(held, "succeeded", Entries(), {}) for held in part])
        for k in range(4)
    ]
    for thread in threads:
        thread.start()
    seen: list[str] = []
    pages = feed(store, 7)
    while any(thread.is_alive() for thread in threads):
        seen += next(pages)
    while page := next(pages):
        seen += page
    assert (len(seen), set(seen)) == (400, set(jobs))


def test_expiry_does_not_move_the_feed(store: Store) -> None:
    """A position stands for a time, not for a job: what is deleted before it or at it changes nothing after it."""
    jobs = [end(store, accept(store)) for _ in range(5)]
    position = store.lists.ended(ALL, 2, 0).position
    store.delete(jobs[0])
    store.delete(jobs[1])
    assert [record.id for record in store.lists.ended(ALL, 9, position).records] == jobs[2:]
    for job in jobs[2:]:
        store.delete(job)
    assert store.lists.ended(ALL, 9, position) == ([], position, False)


@pytest.mark.usefixtures("small_steps")
def test_only_selected_jobs_that_have_ended_are_deleted(store: Store) -> None:
    """By state, by labels, by the time of their end, in any number; live jobs stay whatever is asked."""
    jobs = {
        (state, team): [job_in(store, state, labels={"team": team})[0] for _ in range(5)]
        for state in ("queued", "running", "succeeded", "failed")
        for team in "ab"
    }
    assert store.lists.delete(Selection("failed", ["team:b"])) == 5
    last = store.job(jobs["succeeded", "b"][0]).finished_at
    assert store.lists.delete(Selection(labels=["team:b"]), finished_before=last) == 0
    before = store.job(jobs["failed", "a"][2]).finished_at
    assert [store.lists.delete(Selection(), finished_before=before) for _ in range(3)] == [6, 6, 0]
    assert store.lists.delete(Selection(labels=["team:a"])) == 3
    left = [job for (state, _), group in jobs.items() for job in group if state in ("queued", "running")]
    assert sorted(listed(store, ALL, 100)) == sorted(left)
