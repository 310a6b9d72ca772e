"""The hint: a small message with a job's id, whose loss or failure nobody waits for."""

import base64
import json

import pytest

from contract.config import Config, read_config
from contract.hint import RUN_JOB, Publisher, celery_app, publish
from contract.job import new_id
from contract.store import QUEUE, Store
from tests.support.processes import eventually


@pytest.fixture
def config(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Config:
    monkeypatch.setenv("REDIS_URL", redis_url)
    return read_config()


def test_a_message_holds_the_id_and_nothing_else(store: Store, config: Config) -> None:
    """Datasets and settings never travel in messages, and what travels is JSON."""
    job = new_id("job")
    assert publish(celery_app(config), job)
    (packed,) = store.client.lrange(QUEUE, 0, -1)
    message = json.loads(packed)
    arguments, options, _ = json.loads(base64.b64decode(message["body"]))
    assert (arguments, options) == ([job], {})
    assert (message["content-type"], message["headers"]["task"]) == ("application/json", RUN_JOB)
    assert len(packed) < 1024


def test_no_broker_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reconciler publishes what could not be published."""
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")
    assert not publish(celery_app(read_config()), new_id("job"))


def test_the_publisher_keeps_the_order_and_leaves_nothing_behind(store: Store, config: Config) -> None:
    publisher = Publisher(celery_app(config))
    publisher.start()
    jobs = [new_id("job") for _ in range(50)]
    for job in jobs:
        publisher.publish(job)
    eventually(lambda: store.client.llen(QUEUE) == len(jobs), what="all messages")
    # Celery pushes on the left and takes from the right.
    sent = [json.loads(base64.b64decode(json.loads(one)["body"]))[0][0] for one in store.client.lrange(QUEUE, 0, -1)]
    assert sent[::-1] == jobs
    assert {key for key in store.client.keys("*") if not key.startswith(b"_kombu")} == {QUEUE.encode()}
