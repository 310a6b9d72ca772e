"""The hint: a Celery message that says "this job may be claimed". It may be lost or doubled; the record decides.

The message holds the job's id and nothing else. Publishing is best effort and off the request's path: what is not
published now is published by the reconciler within seconds.
"""

from contextlib import suppress
from queue import SimpleQueue
from threading import Thread
from typing import Any

import structlog
from celery import Celery
from kombu import Queue
from kombu.exceptions import OperationalError

from contract.config import Config
from contract.store import QUEUE

RUN_JOB = "thalweg.run_job"
PUBLISH_RETRY = {"max_retries": 1, "interval_start": 0, "interval_step": 0.1, "interval_max": 0.1}
BROKER_TIMEOUTS = {"socket_timeout": 2, "socket_connect_timeout": 1, "socket_keepalive": True}

log = structlog.get_logger()


def celery_app(config: Config, **settings: Any) -> Celery:
    """A Celery app on Thalweg's queue; ``settings`` are what the worker's side adds."""
    app = Celery("thalweg", broker=config.redis_url, set_as_current=False)
    app.conf.update(
        task_serializer="json",
        accept_content=["json"],
        result_backend=None,
        task_ignore_result=True,
        task_default_queue=QUEUE,
        # Taken without acknowledgement: bookkeeping of a hint would cost two calls to Redis and protect nothing.
        task_queues=[Queue(QUEUE, no_ack=True)],
        task_publish_retry_policy=PUBLISH_RETRY,
        broker_transport_options=BROKER_TIMEOUTS,
    )
    app.conf.update(settings)
    return app


def publish(app: Celery, job_id: str) -> bool:
    """Send one hint; False when the broker cannot be reached."""
    try:
        app.send_task(RUN_JOB, args=(job_id,), ignore_result=True)
    except OperationalError as error:
        log.warning("hint_not_published", job_id=job_id, reason=str(error))
        return False
    return True


class Publisher:
    """A thread that publishes hints, so that a request never waits for the broker."""

    def __init__(self, app: Celery) -> None:
        self._app = app
        self._waiting: SimpleQueue[str] = SimpleQueue()

    def start(self) -> None:
        """Start the thread; call it in the process that will use it, after any fork."""
        Thread(target=self._run, name="hints", daemon=True).start()

    def publish(self, job_id: str) -> None:
        """Hand over one job id; returns at once."""
        self._waiting.put(job_id)

    def _run(self) -> None:
        # The first connection loads kombu's transport; no job should wait for that.
        with suppress(OperationalError), self._app.connection_for_write() as connection:
            connection.ensure_connection(max_retries=1)
        while True:
            publish(self._app, self._waiting.get())
