"""Admission: new work is refused while Redis has little room, and why Redis cannot be trusted is said."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

import pytest

from contract.errors import StorageFull, Unavailable
from contract.redis_client import connect
from contract.store import Store
from service.admission import Admission, unready
from tests.support.proxy import proxy

GOOD = {"used_memory": 75, "maxmemory": 100, "maxmemory_policy": "noeviction", "aof_enabled": 1}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, []),
        ({"maxmemory": 0, "used_memory": 10**12}, []),
        ({"used_memory": 76}, ["Redis uses 76 % of its maxmemory, more than 75%"]),
        ({"maxmemory_policy": "allkeys-lru"}, ["allkeys-lru); set noeviction"]),
        ({"maxmemory_policy": None}, ["set noeviction"]),
        ({"aof_enabled": 0}, ["set appendonly yes"]),
        ({"aof_enabled": 0, "used_memory": 99}, ["99 %", "appendonly"]),
    ],
    ids=["good", "no limit", "full", "evicting", "unknown policy", "no AOF", "two reasons"],
)
def test_every_reason_is_said(change: dict[str, object], words: list[str]) -> None:
    reasons = unready(GOOD | change, 0.75)
    assert len(reasons) == len(words)
    assert all(word in reason for word, reason in zip(words, reasons, strict=True))


@pytest.fixture
def limited(store: Store) -> Iterator[Store]:
    """The store on a Redis whose limit the test moves."""
    yield store
    store.client.config_set("maxmemory", 0)


def set_limit(store: Store, share_used: float) -> None:
    used = int(store.workshop.server_info()["used_memory"])
    store.client.config_set("maxmemory", int(used / share_used))


def test_new_work_is_refused_while_redis_is_too_full(limited: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """And taken again once there is room; the reading is renewed every second, here at once."""
    monkeypatch.setattr("service.admission.FRESH", -1.0)
    admission = Admission(limited, share=0.75)
    admission.check()
    set_limit(limited, 0.9)
    with pytest.raises(StorageFull, match="maxmemory"):
        admission.check()
    set_limit(limited, 0.5)
    admission.check()


def test_a_reading_serves_all_requests_of_a_second(store: Store) -> None:
    """Asking Redis for each request would cost more than it protects."""
    admission = Admission(store, share=0.75)
    admission.check()
    before = store.client.info("commandstats")["cmdstat_info"]["calls"]
    for _ in range(100):
        admission.check()
    assert store.client.info("commandstats")["cmdstat_info"]["calls"] - before <= 1


def test_a_silent_redis_does_not_make_requests_queue(redis_url: str) -> None:
    """One request asks and learns within 2 s that nobody answers; the others do not wait for their turn to ask."""
    with proxy(redis_url) as between:
        silent = Store(connect(between.url), lease=30, retention=60)
        admission = Admission(silent, share=0.75)
        between.stall()

        def attempt(_: int) -> tuple[float, bool]:
            begun = monotonic()
            try:
                admission.check()
            except Unavailable:
                return monotonic() - begun, True
            return monotonic() - begun, False

        with ThreadPoolExecutor(10) as pool:
            found = list(pool.map(attempt, range(10)))
    assert max(seconds for seconds, _ in found) < 3
    assert any(refused for _, refused in found)
