"""Records of datasets: listed, used by jobs, deleted when nobody uses them, gone after their time."""

from time import sleep

import pytest

from contract.errors import Conflict, NotFound
from contract.job import STATES, TERMINAL, new_id
from contract.store import Entries, Store
from tests.support.records import FIELDS, HINT, a_dataset, claim, job_in


def test_a_dataset_lives_on_while_it_is_used(store: Store) -> None:
    """Each job on a dataset puts its end off."""
    dataset = store.datasets.add(a_dataset())
    sleep(0.01)
    store.accept(new_id("job"), dataset, FIELDS, b"hint", new_dataset=False)
    assert (store.datasets.get(dataset.id).expires_at or "") > (dataset.expires_at or "")


@pytest.mark.parametrize("limit", [1, 2, 5, 9])
def test_datasets_are_listed_newest_first_in_pages(store: Store, limit: int) -> None:
    added = [store.datasets.add(a_dataset()).id for _ in range(5)]
    seen, before = [], None
    while True:
        rows, before = store.datasets.newest(limit, before)
        seen += [row.head for row in rows]
        if before is None:
            break
    assert [head.decode().split('"')[3] for head in seen] == added[::-1]


@pytest.mark.parametrize("state", STATES)
def test_a_dataset_in_use_is_not_deleted(store: Store, state: str) -> None:
    job, _ = job_in(store, state)
    dataset = store.job(job).dataset
    if state in TERMINAL:
        store.datasets.delete(dataset)
    else:
        with pytest.raises(Conflict, match="queued or running job"):
            store.datasets.delete(dataset)
    assert store.datasets.exists(dataset) == (state not in TERMINAL)


def test_a_second_dataset_is_kept_like_the_first(store: Store) -> None:
    """While the job lives neither is deleted or expires; once it has ended, both may go."""
    brief = Store(store.client, lease=30.0, retention=0.05)
    first, second = brief.datasets.add(a_dataset()), brief.datasets.add(a_dataset())
    job = new_id("job")
    brief.accept(job, first, FIELDS, HINT(job), new_dataset=False, uses=[second.id])
    sleep(0.1)
    assert list(brief.upkeep.expire()) == []
    for dataset in (first, second):
        with pytest.raises(Conflict):
            brief.datasets.delete(dataset.id)
    brief.finish(claim(brief, job), "succeeded", Entries(), {})
    sleep(0.1)
    assert sorted(brief.upkeep.expire()) == sorted([first.id, second.id])


def test_a_second_dataset_must_be_there(store: Store) -> None:
    """Nothing is written otherwise, not even the first one's record."""
    with pytest.raises(NotFound, match="ds_gone"):
        store.accept(new_id("job"), a_dataset(), FIELDS, b"hint", new_dataset=True, uses=["ds_gone"])
    assert store.client.keys("*") == []


def test_the_time_that_is_shown_is_put_off_with_the_end(store: Store) -> None:
    """A dataset in use when its time comes gets another one, and shows it."""
    brief = Store(store.client, lease=30.0, retention=0.05)
    job, _ = job_in(brief, "running")
    dataset = brief.job(job).dataset
    before = brief.datasets.get(dataset).expires_at or ""
    sleep(0.1)
    assert list(brief.upkeep.expire()) == []
    assert (brief.datasets.get(dataset).expires_at or "") > before
