"""Jobs that continue others, as Redis holds them: what they begin with outlives rescues and their parents, not them."""

from pathlib import Path
from typing import Any

import pytest

from contract.checkpoint_file import SMALL, keep
from contract.errors import Conflict, NotFound
from contract.job import RECORD_FORMAT, new_id
from contract.store import MOST_CHILDREN, Claim, Entries, Origin, Store
from contract.store_keys import BASE, CHECKPOINT, DEAD_CHECKPOINTS, JOB
from tests.support.records import FIELDS, HINT, VERSION, WORKER, a_dataset, claim, expire_lease, job_in
from worker.reconcile import delete_checkpoints, tidy_checkpoints

ROWS = b"12345678" * 9


def a_parent(store: Store, state: bytes = b"state") -> str:
    """A job that has ended with a history and a state."""
    job, held = job_in(store, "running", warnings=[{"code": "odd"}])
    assert held is not None
    fields = {"result": {"cost": 1}, "resolved": {"optimizer": "sgd"}, "warnings": [{"code": "odd"}, {"code": "late"}]}
    assert store.finish(held, "succeeded", Entries(0, ROWS), fields, b"model", state)
    return job


def a_child(store: Store, parent: str, state: bytes | None = None) -> str:
    job, dataset = new_id("job"), a_dataset()
    origin = Origin(parent, store.checkpoint(parent) if state is None else state)
    store.accept(job, dataset, FIELDS, HINT(job), new_dataset=True, origin=origin)
    return job


def begun(claimed: Claim) -> tuple[bytes, bytes, bytes, bytes]:
    return claimed.checkpoint, claimed.base, claimed.resolved, claimed.warnings


BEGIN = (b"state", ROWS, b'{"optimizer":"sgd"}', b'[{"code":"odd"}]')


def test_a_child_is_claimed_with_its_beginning(store: Store) -> None:
    """State, history and resolved settings of the parent, and the warnings that it began with, for every attempt."""
    child = a_child(store, a_parent(store))
    first = claim(store, child)
    assert begun(first) == BEGIN
    store.report(first, Entries(0, ROWS * 3), {"progress": {"cost": 2}, "warnings": []})
    expire_lease(store, child)
    store.upkeep.reconcile()
    assert begun(claim(store, child)) == BEGIN
    assert begun(claim(store, job_in(store, "queued")[0])) == (b"", b"", b"", b"[]")


def test_a_parent_may_go_first(store: Store) -> None:
    parent = a_parent(store)
    child = a_child(store, parent)
    assert store.job(parent).children == (child,)
    store.delete(parent)
    assert (store.job(child).parent, begun(claim(store, child))) == (parent, BEGIN)
    store.client.delete(JOB + parent)


@pytest.mark.parametrize("ending", ["finish", "cancel", "delete"])
def test_a_child_needs_its_beginning_until_its_end(store: Store, ending: str) -> None:
    """Then it has its own state, or none; whatever its end, what it began with is gone."""
    parent = a_parent(store)
    child = a_child(store, parent)
    if ending == "finish":
        store.finish(claim(store, child), "succeeded", Entries(), {}, checkpoint=b"its own")
        assert store.checkpoint(child) == b"its own"
    else:
        store.cancel(child)
        assert not store.client.exists(CHECKPOINT + child)
    assert not store.client.exists(BASE + child)
    store.delete(child)
    assert store.job(parent).children == ()
    assert not store.client.exists(CHECKPOINT + child)


def test_children_are_forgotten_in_any_order(store: Store) -> None:
    parent = a_parent(store)
    children = [a_child(store, parent) for _ in range(3)]
    store.cancel(children[1])
    store.delete(children[1])
    assert store.job(parent).children == (children[0], children[2])


def test_an_older_worker_leaves_a_child_alone(store: Store) -> None:
    """It would begin at the start; jobs that do so themselves it can still run."""
    child, plain = a_child(store, a_parent(store)), job_in(store, "queued")[0]
    claimed = [store._move("claim", job, WORKER, VERSION, 30, RECORD_FORMAT - 1) for job in (child, plain)]
    assert [answer is None for answer in claimed] == [True, False]


def test_what_cannot_be_continued_is_refused(store: Store) -> None:
    with pytest.raises(NotFound):
        a_child(store, "job_unknown", b"state")
    with pytest.raises(Conflict, match="No state"):
        store.checkpoint(job_in(store, "succeeded")[0])
    parent = a_parent(store)
    store.client.hset(JOB + parent, "children", " ".join(["job_x"] * MOST_CHILDREN))
    with pytest.raises(Conflict, match="delete some"):
        a_child(store, parent)


@pytest.mark.parametrize("going", ["delete", "bulk", "expire"])
def test_files_go_with_their_jobs(store: Store, tmp_path: Path, going: str) -> None:
    job = a_parent(store)
    held = keep(tmp_path, job, 1, bytes(SMALL + 1))
    store.client.set(CHECKPOINT + job, held)
    if going == "delete":
        store.delete(job)
    elif going == "bulk":
        store.client.zadd("thalweg:label:a:b", {job: 1})
        store._move("delete_jobs", "", job)
    else:
        store.client.zadd("thalweg:job_expiry", {job: 0})
        assert list(store.upkeep.expire()) == []
    assert store.client.smembers(DEAD_CHECKPOINTS)
    delete_checkpoints(store, tmp_path)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert not store.client.exists(DEAD_CHECKPOINTS)


def test_orphans_are_swept_once_they_are_old(store: Store, tmp_path: Path) -> None:
    """A file that Redis tells of stays, however old; one whose worker died before it could tell goes."""
    job = a_parent(store)
    held, orphan = (keep(tmp_path, job, fence, bytes(SMALL + 1)) for fence in (1, 2))
    store.client.set(CHECKPOINT + job, held)

    def files() -> set[Any]:
        return {b"file:" + path.name.encode() for path in tmp_path.rglob("*") if path.is_file()}

    tidy_checkpoints(store, tmp_path, 60)
    assert files() == {held, orphan}
    tidy_checkpoints(store, tmp_path, -1)
    assert files() == {held}
