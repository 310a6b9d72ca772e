"""The worker process: ``celery -A worker.app worker``. Here, and only here, a worker is wired together."""

import warnings

from celery import Celery
from celery.signals import (
    setup_logging,
    worker_init,
    worker_process_init,
    worker_process_shutdown,
    worker_ready,
    worker_shutting_down,
)
from celery.worker.request import Request

from contract.config import Config, read_config
from contract.hint import RUN_JOB, celery_app
from contract.logs import configure_logs
from worker.reconcile import Reconciler
from worker.tasks import Workshop

WEEK = 7 * 86_400

# Leases and the reconciler recover jobs, so everything in Celery that would deliver a message again is off.
CELERY_SETTINGS = {
    "task_acks_late": False,
    "task_reject_on_worker_lost": False,
    "worker_prefetch_multiplier": 1,
    "worker_disable_prefetch": True,
    "worker_cancel_long_running_tasks_on_connection_loss": False,
    "broker_connection_retry_on_startup": True,
    "broker_connection_max_retries": None,
    "broker_transport_options": {
        "visibility_timeout": WEEK,
        "socket_keepalive": True,
        "socket_timeout": 10,
        "socket_connect_timeout": 3,
        "health_check_interval": 10,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
    },
    "worker_enable_remote_control": False,
    "worker_send_task_events": False,
    # A backstop against leaks. Celery takes up to 5 s to replace a process (celery/celery#9588): not more often than
    # every few minutes, even where each job takes milliseconds.
    "worker_max_tasks_per_child": 50_000,
}


class Hinted(Request):
    """A hint on its way to a pool process. The broker forgot it when it handed it out; there is nothing to tell it."""

    def acknowledge(self) -> None:
        """Spare the calls to Redis that Celery makes although the queue wants no acknowledgement."""
        self.acknowledged = True


def make_app(config: Config) -> Celery:
    """A Celery app whose pool processes run jobs and whose main process reconciles."""
    app = celery_app(config.redis_url, **CELERY_SETTINGS)
    workshop, reconciler = Workshop(config), Reconciler(config)
    app.task(name=RUN_JOB, ignore_result=True, Request=Hinted)(workshop.run_job)
    _connect(config, workshop, reconciler)
    return app


def _connect(config: Config, workshop: Workshop, reconciler: Reconciler) -> None:
    # Celery warns of root because of pickled messages; only JSON is accepted here.
    warnings.filterwarnings("ignore", message="You're running the worker with superuser")
    setup_logging.connect(lambda **_: configure_logs(config.log_level), weak=False)
    worker_init.connect(lambda **_: workshop.prepare(), weak=False)
    worker_process_init.connect(lambda **_: workshop.open(), weak=False)
    worker_process_shutdown.connect(lambda **_: workshop.close(), weak=False)
    worker_ready.connect(lambda **_: reconciler.start(), weak=False)
    worker_shutting_down.connect(lambda **_: workshop.leave(), weak=False)
    worker_shutting_down.connect(lambda **_: reconciler.stop(), weak=False)


app = make_app(read_config())
