"""Reporting: one thread in each pool process tells Redis how its job fares, and hears whether to stop.

The loop only appends to a history in memory; a Redis that is slow or away never holds it up. Every
``report_interval`` the thread sends what is new in one call, which also renews the lease.
"""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Lock, Thread
from time import monotonic

import structlog

from contract.config import VERSION, Config
from contract.errors import StorageFull, Unavailable
from contract.store import Claim, Entries, Store
from worker.running import Running

log = structlog.get_logger()


def worker_id() -> str:
    """This process as ``host:pid``."""
    return f"{socket.gethostname()}:{os.getpid()}"


def hold(store: Store, claim: Claim) -> str:
    """Renew the lease and nothing else, for which a full Redis may still have room; answers as ``Store.report`` does.

    Without the connections that are free: Redis would keep a buffer as large as the write that it just refused on one.
    """
    store.client.connection_pool.disconnect(inuse_connections=False)
    return store.report(claim, Entries(), {})


class Reporter:
    """The thread that reports this process's job, if it has one, and that the process is alive."""

    def __init__(self, config: Config, store: Store) -> None:
        self._config = config
        self._store = store
        self._running: Running | None = None
        self._turn = Lock()
        self._closed = Event()
        self._announced: tuple[str | None, float] = (None, float("-inf"))

    def start(self) -> None:
        """Start the thread, in the process whose jobs it reports."""
        Thread(target=self._run, name="reporter", daemon=True).start()

    def close(self) -> None:
        """Stop reporting and say good-bye."""
        self._closed.set()
        with self._turn:
            try:
                self._store.workshop.announce(worker_id(), None)
            except Unavailable:
                log.info("left_without_saying")

    @contextmanager
    def reporting(self, running: Running) -> Iterator[None]:
        """Report this job while the block runs; nothing is sent for it after the block."""
        self._running = running
        try:
            yield
        finally:
            with self._turn:
                self._running = None

    def _run(self) -> None:
        while not self._closed.is_set():
            with self._turn:
                self._round()
            self._closed.wait(self._config.report_interval)

    def _round(self) -> None:
        try:
            if self._running:
                self._report(self._running)
            self._announce()
        except Unavailable:
            log.warning("report_waits_for_redis")
        except Exception:
            # Without this thread the lease would run out under a healthy job: the next round tries again.
            log.exception("report_failed")

    def _report(self, running: Running) -> None:
        report = running.report()
        try:
            running.hear(self._store.report(running.claim, report.rows, report.fields))
            running.acknowledge(report)
        except StorageFull as error:
            log.warning("report_waits_for_room", reason=error.detail)
            running.hear(hold(self._store, running.claim))

    def _announce(self) -> None:
        """Say that this worker is there when it turned to another job, and at every heartbeat."""
        job = self._running.claim.job if self._running else None
        if job == self._announced[0] and monotonic() < self._announced[1] + self._config.heartbeat:
            return
        host, pid = socket.gethostname(), os.getpid()
        document = {"id": worker_id(), "host": host, "pid": pid, "version": VERSION, "job": job}
        self._store.workshop.announce(worker_id(), document)
        self._announced = (job, monotonic())
