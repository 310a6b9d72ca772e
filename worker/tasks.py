"""One job after the other: claim it, run it, write the end. Whatever happens, the record says what."""

import gc
from contextlib import suppress
from multiprocessing import RawValue
from time import sleep

import structlog

from contract.any_settings import AnySettings, any_stored_settings
from contract.checkpoint_file import discard
from contract.config import VERSION, Config
from contract.errors import Unavailable
from contract.redis_client import connect
from contract.store import Claim, Entries, Store
from engine.method import Kernel
from worker import kernels
from worker.build import Means
from worker.failures import failure
from worker.rehearsal import rehearse
from worker.report import Reporter, hold, worker_id
from worker.run import End, run
from worker.running import Running

RETRY = 1.0

log = structlog.get_logger()


class Workshop:
    """A worker's pool processes: made in the main process, opened in each pool process after its fork."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._leaving = RawValue("b", 0)  # shared memory: the main process says it, the pool processes hear it
        self._kernel: Kernel | None = None
        self._store: Store
        self._reporter: Reporter

    def prepare(self) -> None:
        """In the main process before it forks: load compiled code, which the pool processes inherit."""
        self._kernel = kernels.load(self._config.cache_dir)

    def open(self) -> None:
        """Connect, start reporting, and load what the first job would otherwise wait for."""
        client = connect(self._config.redis_url, connections=4)
        self._store = Store.of(self._config, client)
        self._reporter = Reporter(self._config, self._store)
        self._rehearse()
        self._reporter.start()
        gc.collect()
        gc.freeze()  # what is loaded now stays, and need not be looked through again and again

    def _rehearse(self) -> None:
        try:
            rehearse(self._means())
        except Exception:  # whatever it is, jobs can run: the first one is slower then
            log.warning("not_rehearsed", exc_info=True)

    def _means(self) -> Means:
        return Means(self._kernel, self._config.job_threads)

    def leave(self) -> None:
        """The worker shuts down: running jobs are given back, no other is begun."""
        self._leaving.value = 1

    def close(self) -> None:
        """Stop reporting and say good-bye."""
        self._reporter.close()

    def run_job(self, job_id: str) -> None:
        """The Celery task: run the job if it can be claimed. A hint for any other job is old news."""
        with structlog.contextvars.bound_contextvars(job_id=job_id):
            claim = None if self._leaving.value else self._claim(job_id)
            if claim:
                self._run(claim)
            else:
                log.info("hint_ignored")

    def _claim(self, job_id: str) -> Claim | None:
        """Claim the job; once more where the first answer was lost, for then this worker may hold it already."""
        for _ in range(2):
            try:
                return self._store.claim(job_id, worker_id(), VERSION)
            except Unavailable:
                log.warning("claim_unanswered")
        return None

    def _run(self, claim: Claim) -> None:
        log.info("job_started", attempt=claim.attempt)
        try:
            settings = any_stored_settings(claim.settings)
            running = Running(claim, settings, self._leaving)
        except Exception as error:  # a record that nobody who validates has written, whatever is wrong with it
            self._finish(claim, Entries(), End("failed", {"error": failure(error)}))
            return
        with self._reporter.reporting(running):
            ending = self._compute(running, settings)
        if running.lost:
            discard(self._config.checkpoints_dir, ending.checkpoint if ending else b"")
            log.warning("job_lost")
        elif ending is None:
            self._give_back(claim)
        else:
            report = running.report(ended=True)
            self._finish(claim, report.rows, ending._replace(fields={**report.fields, **ending.fields}))

    def _compute(self, running: Running, settings: AnySettings) -> End | None:
        """The job's end, or None when this worker leaves before it."""
        try:
            return run(running, settings, self._config, self._means())
        except Exception as error:  # whatever it is, the job must end with a word about it
            return End("failed", {"error": failure(error)})

    def _finish(self, claim: Claim, rows: Entries, end: End) -> None:
        """Write the end, however long Redis is away or full; a job that others took over meanwhile is let go."""
        while True:
            try:
                written = self._store.finish(claim, end.state, rows, end.fields, end.model, end.checkpoint)
            except Unavailable as error:
                log.warning("finish_waits_for_redis", reason=error.detail)
                with suppress(Unavailable):
                    hold(self._store, claim)
                sleep(RETRY)
            else:
                if not written:
                    discard(self._config.checkpoints_dir, end.checkpoint)
                log.info("job_ended" if written else "job_lost", state=end.state)
                return

    def _give_back(self, claim: Claim) -> None:
        try:
            self._store.release(claim)
            log.info("job_given_back")
        except Unavailable:
            log.warning("job_not_given_back")  # its lease runs out instead
