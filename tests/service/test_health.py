"""Health: alive whatever happens, ready only where jobs are safe, and figures that are those of the store."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import requests

from contract.store_keys import QUEUE
from tests.support.processes import Stack, stack
from tests.support.records import accept, claim, expire_lease, job_in


@pytest.fixture(scope="module")
def installation() -> Iterator[Stack]:
    """One without workers, whose Redis the tests may change."""
    with stack(workers=0) as running:
        yield running


@pytest.fixture
def lonely(installation: Stack) -> Iterator[Stack]:
    client = installation.store.client
    client.flushall()
    yield installation
    for name, value in {"appendonly": "yes", "maxmemory": "512mb", "maxmemory-policy": "noeviction"}.items():
        client.config_set(name, value)


def ready(running: Stack) -> tuple[int, dict[str, list[str]]]:
    answer = requests.get(f"{running.base}/readyz", timeout=5)
    return answer.status_code, answer.json()


def test_an_api_with_workers_is_ready(base: str) -> None:
    answer = requests.get(f"{base}/readyz", timeout=5)
    assert (answer.status_code, answer.json()) == (200, {"ready": True, "reasons": [], "warnings": []})


def test_without_workers_jobs_are_taken_with_a_warning(lonely: Stack) -> None:
    status, document = ready(lonely)
    assert (status, document["reasons"]) == (200, [])
    assert ["No worker" in warning for warning in document["warnings"]] == [True]


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("appendonly", "no", "append-only file"),
        ("maxmemory-policy", "allkeys-lru", "maxmemory-policy allkeys-lru"),
        ("maxmemory-policy", "volatile-ttl", "set noeviction"),
        ("maxmemory", "1100kb", "more than 75%"),
    ],
)
def test_a_redis_that_may_lose_jobs_makes_it_unready(lonely: Stack, name: str, value: str, words: str) -> None:
    """Red with the reason, and green again once the operator has mended it; the process stays alive meanwhile."""
    client = lonely.store.client
    before = client.config_get(name)[name]
    client.config_set(name, value)
    status, document = ready(lonely)
    assert (status, document["ready"], len(document["reasons"])) == (503, False, 1)
    assert words in document["reasons"][0]
    assert requests.get(f"{lonely.base}/healthz", timeout=5).json() == {"status": "alive"}
    client.config_set(name, before)
    assert ready(lonely)[0] == 200


def test_a_redis_without_a_bound_is_warned_of(lonely: Stack) -> None:
    """It works, and would take the machine's memory before any work is refused."""
    lonely.store.client.config_set("maxmemory", 0)
    status, document = ready(lonely)
    assert (status, document["reasons"]) == (200, [])
    assert "no maxmemory" in document["warnings"][1]


def metrics(running: Stack) -> dict[str, float]:
    answer = requests.get(f"{running.base}/metrics", timeout=5)
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    lines = [line.rsplit(" ", 1) for line in answer.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in lines}


def test_metrics_are_the_figures_of_the_store(lonely: Stack) -> None:
    store = lonely.store
    for state, count in {"queued": 4, "running": 3, "succeeded": 2, "failed": 1, "cancelled": 2}.items():
        for _ in range(count):
            job_in(store, state)
    store.client.delete(QUEUE)
    store.client.rpush(QUEUE, "hint", "hint")
    store.client.hset("thalweg:counters", mapping={"rescues": 5, "refused_writes": 6})
    found = metrics(lonely)
    assert 0 <= found.pop("thalweg_oldest_queued_seconds") < 60
    assert found == {
        'thalweg_jobs{state="queued"}': 4,
        'thalweg_jobs{state="running"}': 3,
        'thalweg_jobs{state="succeeded"}': 2,
        'thalweg_jobs{state="failed"}': 1,
        'thalweg_jobs{state="cancelled"}': 2,
        "thalweg_queue_depth": 4,
        "thalweg_hints": 2,
        "thalweg_rescues_total": 5,
        "thalweg_refused_writes_total": 6,
    }


def test_the_age_is_that_of_the_oldest_queued_job(lonely: Stack) -> None:
    assert metrics(lonely)["thalweg_oldest_queued_seconds"] == 0
    first, _ = accept(lonely.store), accept(lonely.store)
    created = float(lonely.store.client.hget(f"thalweg:job:{first}", "created_at"))
    lonely.store.client.hset(f"thalweg:job:{first}", "created_at", created - 100)
    assert metrics(lonely)["thalweg_oldest_queued_seconds"] == pytest.approx(100, abs=10)
    claim(lonely.store, first)
    assert metrics(lonely)["thalweg_oldest_queued_seconds"] < 50


def test_a_lost_lease_is_counted(lonely: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("contract.store_upkeep.UPTIME_MARGIN", -30.0)
    store = lonely.store
    job = accept(store)
    claim(store, job)
    expire_lease(store, job)
    assert store.upkeep.reconcile().rescued == [job]
    assert metrics(lonely)["thalweg_rescues_total"] == 1


def test_every_metric_is_explained(lonely: Stack) -> None:
    text = requests.get(f"{lonely.base}/metrics", timeout=5).text
    explained = set(re.findall(r"^# HELP (\S+) .+\.$", text, re.MULTILINE))
    assert explained == {re.split("[{ ]", line)[0] for line in text.splitlines() if not line.startswith("#")}


def test_workers_are_listed_as_the_contract_shows_them(base: str) -> None:
    workers = requests.get(f"{base}/v1/workers", timeout=5).json()
    assert len(workers) == 2
    for worker in workers:
        assert list(worker) == ["id", "host", "pid", "version", "job", "last_seen"]
        assert worker["id"] == f"{worker['host']}:{worker['pid']}"
        assert datetime.now(UTC) - datetime.fromisoformat(worker["last_seen"]) < timedelta(seconds=30)


def test_no_workers_are_an_empty_list(lonely: Stack) -> None:
    assert requests.get(f"{lonely.base}/v1/workers", timeout=5).json() == []
