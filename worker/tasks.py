"""Running one job: claim it, build it, descend, write the end. Whatever happens, the record says what."""

from time import sleep
from typing import Any

import structlog

from contract.config import VERSION, Config
from contract.errors import Unavailable
from contract.redis_client import connect
from contract.settings import Settings, settings_from_json
from contract.store import Claim, Store
from engine.training import train
from worker.build import build
from worker.failures import failure
from worker.report import Reporter, Running, worker_id
from worker.result import ending

RETRY = 1.0

log = structlog.get_logger()


class Workshop:
    """What a pool process holds while it lives: its store and its reporter."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._store: Store
        self._reporter: Reporter

    def open(self) -> None:
        """Connect and start reporting; called in each pool process after its fork."""
        client = connect(self._config.redis_url, connections=4)
        self._store = Store(client, lease=self._config.lease, retention=self._config.retention)
        self._reporter = Reporter(self._config, self._store)
        self._reporter.start()

    def close(self) -> None:
        """Stop reporting and say good-bye."""
        self._reporter.close()

    def run_job(self, job_id: str) -> None:
        """The Celery task: run the job if it can be claimed. A hint for any other job is old news."""
        with structlog.contextvars.bound_contextvars(job_id=job_id):
            try:
                claim = self._store.claim(job_id, worker_id(), VERSION)
            except Unavailable:
                log.warning("claim_failed")  # the reconciler replaces the hint
                return
            if claim:
                self._run(claim)
            else:
                log.info("hint_ignored")

    def _run(self, claim: Claim) -> None:
        log.info("job_started", attempt=claim.attempt)
        settings = settings_from_json(claim.settings)
        running = Running(claim, settings.max_iterations, settings.history["every"])
        try:
            with self._reporter.reporting(running):
                state, fields = self._compute(running, settings)
        except SystemExit:
            self._give_back(claim)
            raise
        if not running.lost:
            self._finish(running, state, fields)

    def _compute(self, running: Running, settings: Settings) -> tuple[str, dict[str, Any]]:
        try:
            plan = build(settings, running.claim.warnings, self._config.datasets_dir)
            running.fields = plan.fields()
            outcome = train(
                plan.problem,
                plan.method,
                plan.theta,
                plan.limits,
                observe=running.observe,
                interrupted=lambda: running.interruption(settings.time_limit),
            )
            return ending(plan, outcome, running.seconds())
        except Exception as error:  # whatever it is, the job must end with a word about it
            return "failed", {"error": failure(error)}

    def _finish(self, running: Running, state: str, fields: dict[str, Any]) -> None:
        """Write the end, however long Redis stays away; a job that others took over meanwhile is let go."""
        rows, _ = running.unsent()
        fields = {"progress": running.progress(), "history": running.total(), **fields}
        while True:
            try:
                written = self._store.finish(running.claim, state, rows, fields)
            except Unavailable:
                log.warning("finish_waits_for_redis")
                sleep(RETRY)
            else:
                log.info("job_ended" if written else "job_lost", state=state, seconds=running.seconds())
                return

    def _give_back(self, claim: Claim) -> None:
        try:
            self._store.release(claim)
            log.info("job_given_back")
        except Unavailable:
            log.warning("job_not_given_back")  # its lease runs out instead
