"""Idempotency keys: whatever is sent again or dies in between, a key makes one thing."""

from collections.abc import Callable

import pytest

from contract import store_replays
from contract.errors import InFlight, ThalwegError, Unprocessable
from contract.job import new_id
from contract.store import Store
from contract.store_lists import Selection
from contract.store_replays import Once
from tests.support.records import FIELDS, HINT, a_dataset


def once(digest: str = "body", key: str = "key") -> Once:
    return Once("jobs", key, digest, new_id("job"))


def make(store: Store, request: Once) -> None:
    store.accept(request.token, a_dataset(), FIELDS, HINT(request.token), new_dataset=True, once=request)


def add(store: Store, request: Once) -> None:
    store.datasets.add(a_dataset()._replace(id=request.token), request)


@pytest.mark.parametrize("work", [make, add])
def test_a_request_that_was_answered_is_answered_again(store: Store, work: Callable[[Store, Once], None]) -> None:
    first = once()
    assert store.replays.begin(first) is None
    work(store, first)
    assert store.replays.begin(once()) == first.token


def test_a_request_that_is_under_way_is_not_begun_again(store: Store) -> None:
    store.replays.begin(once())
    with pytest.raises(InFlight):
        store.replays.begin(once())


@pytest.mark.parametrize("answered", [True, False])
def test_another_body_is_refused(store: Store, answered: bool) -> None:
    first = once()
    store.replays.begin(first)
    if answered:
        make(store, first)
    with pytest.raises(Unprocessable) as refused:
        store.replays.begin(once("another"))
    assert refused.value.code == "idempotency_mismatch"


def test_keys_and_routes_do_not_meet(store: Store) -> None:
    store.replays.begin(once())
    assert store.replays.begin(once(key="other")) is None
    assert store.replays.begin(once()._replace(route="datasets")) is None


def test_a_request_that_came_to_nothing_frees_its_key(store: Store) -> None:
    """But only its own: one whose mark is gone does not free the key of another, nor of what was made."""
    first, second = once(), once("corrected")
    store.replays.begin(first)
    store.replays.abandon(first)
    assert store.replays.begin(second) is None
    store.replays.abandon(first)
    with pytest.raises(InFlight):
        store.replays.begin(once("corrected"))
    make(store, second)
    store.replays.abandon(second)
    assert store.replays.begin(once("corrected")) == second.token


def test_the_mark_of_who_died_is_gone_by_itself(store: Store) -> None:
    store.replays.begin(once())
    (key,) = store.client.keys("thalweg:replay:*")
    assert 0 < store.client.ttl(key) <= store_replays.IN_FLIGHT
    make(store, once())
    assert store_replays.IN_FLIGHT < store.client.ttl(key) <= store_replays.KEPT


@pytest.mark.parametrize(("digest", "refusal"), [("body", InFlight), ("another", Unprocessable)])
@pytest.mark.parametrize("work", [make, add])
def test_of_two_that_both_went_on_one_makes_the_thing(
    store: Store, work: Callable[[Store, Once], None], digest: str, refusal: type[ThalwegError]
) -> None:
    """The mark of a slow request was gone before its end, so another one began: the second to end makes nothing."""
    work(store, once())
    before = sorted(store.client.keys("*"))
    with pytest.raises(refusal):
        work(store, once(digest))
    assert sorted(store.client.keys("*")) == before


def test_a_key_outlives_nothing_it_made(store: Store) -> None:
    """The job may be deleted first: the key still says what it was."""
    request = once()
    make(store, request)
    store.cancel(request.token)
    store.lists.delete(Selection())
    assert store.replays.begin(once()) == request.token
