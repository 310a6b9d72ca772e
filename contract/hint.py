"""The hint: a Celery message that says "this job may be claimed". It may be lost or doubled; the record decides.

The message holds the job's id and nothing else. It enters the broker's list in the same call in which the job is
accepted; one that is lost later is replaced by the reconciler within seconds.
"""

from base64 import b64decode, b64encode
from collections.abc import Callable
from json import dumps
from typing import Any

from celery import Celery
from kombu import Queue

from contract.store_keys import QUEUE

RUN_JOB = "thalweg.run_job"
IN_MEMORY = "memory://"
ANY_JOB, BODY = b"job_any", "BODY"

Hint = Callable[[str], bytes]


def celery_app(broker: str, **settings: Any) -> Celery:
    """A Celery app on Thalweg's queue; ``settings`` are what the worker's side adds."""
    app = Celery("thalweg", broker=_kombu_url(broker), set_as_current=False)
    app.conf.update(
        task_serializer="json",
        accept_content=["json"],
        result_backend=None,
        task_ignore_result=True,
        task_default_queue=QUEUE,
        # Taken without acknowledgement: bookkeeping of a hint would cost two calls to Redis and protect nothing.
        task_queues=[Queue(QUEUE, no_ack=True)],
    )
    app.conf.update(settings)
    return app


def _kombu_url(url: str) -> str:
    """Kombu has a scheme of its own for a Redis behind a socket of this machine, and another word for ``db``."""
    if not url.startswith("unix:"):
        return url
    return url.replace("unix:", "redis+socket:", 1).replace("?db=", "?virtual_host=").replace("&db=", "&virtual_host=")


def hint_maker() -> Hint:
    """A function from a job's id to its hint as it stands in the broker's list.

    Celery itself makes one message, on a broker in memory; all others differ from it by the id alone.
    """
    app, any_job = celery_app(IN_MEMORY), ANY_JOB.decode()
    with app.connection_for_write() as connection, app.amqp.Producer(connection) as producer:
        app.send_task(RUN_JOB, args=(any_job,), task_id=any_job, producer=producer, ignore_result=True)
        # What kombu asks of each of its virtual transports; its Redis transport keeps the same dict as JSON.
        channel: Any = producer.channel
        message = channel._get(QUEUE)
    body = b64decode(message["body"])
    before, after = dumps(message | {"body": BODY}).encode().split(BODY.encode())

    def hint(job_id: str) -> bytes:
        job = job_id.encode()
        return before.replace(ANY_JOB, job) + b64encode(body.replace(ANY_JOB, job)) + after.replace(ANY_JOB, job)

    return hint
