"""The hint: a small message with a job's id, which a worker takes for one that Celery sent."""

import base64
import json
import re

from contract.hint import RUN_JOB, celery_app, hint_maker
from contract.job import new_id
from contract.store import Store
from contract.store_keys import QUEUE

IDS = re.compile(rb"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def parts(packed: bytes) -> tuple[dict[str, object], list[object]]:
    message = json.loads(packed)
    return message, json.loads(base64.b64decode(message.pop("body")))


def test_a_message_holds_the_id_and_nothing_else() -> None:
    """Datasets and settings never travel in messages, and what travels is JSON."""
    job = new_id("job")
    packed = hint_maker()(job)
    message, (arguments, options, _) = parts(packed)
    assert (arguments, options) == ([job], {})
    assert (message["content-type"], message["headers"]["task"]) == ("application/json", RUN_JOB)  # type: ignore[index]
    assert len(packed) < 1024


def test_a_hint_is_what_celery_would_send(store: Store, redis_url: str) -> None:
    """Sent by Celery to Redis or made here, a message is the same but for the ids that Celery draws."""
    job = new_id("job")
    celery_app(redis_url).send_task(RUN_JOB, args=(job,), task_id=job, ignore_result=True)
    (sent,) = store.client.lrange(QUEUE, 0, -1)
    (theirs, their_body), (ours, our_body) = parts(IDS.sub(b"ID", sent)), parts(IDS.sub(b"ID", hint_maker()(job)))
    assert our_body == their_body
    assert ours == theirs


def test_hints_differ_by_their_job_only() -> None:
    hint, jobs = hint_maker(), [new_id("job") for _ in range(2)]
    first, second = (parts(hint(job).replace(job.encode(), b"X"))[0] for job in jobs)
    assert first == second


def test_hints_are_taken_in_their_order(store: Store) -> None:
    """Celery takes from the right of the list: what was put in first comes out first."""
    hint, jobs = hint_maker(), [new_id("job") for _ in range(5)]
    store.upkeep.push_hints([hint(job) for job in jobs])
    taken = [parts(store.client.rpop(QUEUE))[1][0] for _ in jobs]
    assert taken == [[job] for job in jobs]
