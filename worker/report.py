"""Reporting: one thread in each pool process tells Redis how its job fares, and hears whether to stop.

The loop only appends to a history in memory; a Redis that is slow or away never holds it up. Every
``report_interval`` the thread sends what is new in one call, which also renews the lease.
"""

import os
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from ctypes import c_byte
from threading import Event, Lock, Thread
from time import monotonic
from typing import Any, NamedTuple

import numpy as np
import structlog

from contract.any_settings import AnySettings
from contract.config import VERSION, Config
from contract.errors import Unavailable
from contract.job import progress
from contract.store import Claim, Entries, Store
from engine.arrays import FloatArray
from engine.checkpoint import Checkpoint
from engine.descent import Point
from engine.history import COLUMNS, History
from engine.training import Interruption

log = structlog.get_logger()


def worker_id() -> str:
    """This process as ``host:pid``."""
    return f"{socket.gethostname()}:{os.getpid()}"


class Path(NamedTuple):
    """The parameters that a history keeps beside its columns: their names, and their values by theta."""

    names: tuple[str, ...] = ()
    values: Callable[[FloatArray], Sequence[float]] = lambda _theta: ()


class Running:
    """A job while it runs here: its claim, what it has computed so far, and whether it should stop."""

    def __init__(self, claim: Claim, settings: AnySettings, leaving: c_byte) -> None:
        """Start the clock; ``leaving`` becomes true when this worker shuts down."""
        self.claim = claim
        self.lost = False
        self._news: Mapping[str, Any] = {}
        self._settings = settings
        self._leaving = leaving
        self.cancelled = False
        self._path = Path()
        self._history = self._sent = History(settings.history["every"])
        self._latest: Point | None = None
        self._lock = Lock()
        self._started = monotonic()
        self._path_started = self._started
        self._before, self._first = 0.0, 0
        self._made, self._later = 0, 0
        self._acknowledged = 0
        self._stride = self._history.stride

    def resume(self, begin: Checkpoint) -> None:
        """Go on with the history of the run that the job continues, in the entries and in the seconds."""
        rows = np.frombuffer(self.claim.base, "<f8").reshape(-1, len(COLUMNS) + len(self._path.names))
        with self._lock:
            self._history.resume(rows, begin.tally.iteration)
            self._latest, self._first = begin.tally.latest, begin.state.iteration
            self._before = float(rows[-1, COLUMNS.index("seconds")])
            self._stride = self._history.stride

    def seconds(self) -> float:
        """Seconds of computing so far."""
        return monotonic() - self._started

    def interruption(self) -> Interruption | None:
        """Why the descent should end now, if it should."""
        if self.cancelled or self.lost or self._leaving.value:
            return "cancelled"
        return "time_limit" if self.seconds() > self._settings.time_limit else None

    def hear(self, answer: str) -> None:
        """What Redis answered to a report."""
        self.cancelled = answer == "cancel"
        self.lost = answer == "stale"

    def observe(self, point: Point) -> None:
        """Keep one point of the descent."""
        with self._lock:
            seconds = self._before + monotonic() - self._path_started
            self._history.add(point, seconds, self._path.values(point.theta))
            self._latest = point

    def begin(self, path: Path, later: int = 0) -> History:
        """Record another path from now on, in place of the one before; as many as `later` may follow it."""
        history = History(self._settings.history["every"], len(path.names))
        with self._lock:
            self._made += self._latest.iteration if self._latest else 0
            self._path_started = monotonic() if self._latest else self._started
            self._path, self._later, self._latest = path, later, None
            self._history = history
        return history

    def show(self, history: History) -> None:
        """Take this path, recorded before, for the one of the job."""
        with self._lock:
            self._history = history

    def unsent(self) -> tuple[Entries, int]:
        """History rows that Redis may not have yet, and how many rows there are then.

        The last row is sent again next time, since it is kept only while it is the last; thinned rows are all sent,
        and those of another path too.
        """
        with self._lock:
            history = self._history
            rows, stride = history.rows(), history.stride
        if stride != self._stride or history is not self._sent:
            self._acknowledged, self._stride, self._sent = 0, stride, history
        first = max(self._acknowledged - 1, 0)
        return Entries(first * rows.strides[0], rows[first:].tobytes()), len(rows)

    def tell(self, news: Mapping[str, Any]) -> None:
        """Fields of the record to send with the next report that Redis answers, and not with each one after it."""
        with self._lock:
            self._news = news

    def news(self) -> Mapping[str, Any]:
        """Fields that were told and that Redis may not have yet."""
        return self._news

    def acknowledge(self, rows: int, news: Mapping[str, Any]) -> None:
        """Redis has these rows now, and these news."""
        self._acknowledged = rows
        with self._lock:
            self._news = {} if self._news is news else self._news

    def total(self) -> dict[str, Any]:
        """How many iterations were recorded, at which stride they are kept, and with which parameters, if any."""
        history = self._history
        names = {"parameters": self._path.names} if self._path.names else {}
        return {"total": history.total, "stride": history.stride, **names}

    def progress(self, *, ended: bool = False) -> dict[str, Any]:
        """The ``progress`` object of the job; the estimate assumes that every iteration allowed is needed.

        Paths that ended before their time leave fewer iterations than were allowed at first.
        """
        with self._lock:
            point, before, later = self._latest, self._made, self._later
        done, most = before + (point.iteration if point else 0), before + (1 + later) * self._settings.max_iterations
        made = done - self._first
        remaining = self.seconds() / made * (most - done) if made > 0 and not ended else None
        return progress(done, most, point.cost if point else None, remaining)


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
        (rows, count), news = running.unsent(), running.news()
        fields = {"progress": running.progress(), "history": running.total(), **news}
        answer = self._store.report(running.claim, rows, fields)
        running.acknowledge(count, news)
        running.hear(answer)

    def _announce(self) -> None:
        """Say that this worker is there when it turned to another job, and at every heartbeat."""
        job = self._running.claim.job if self._running else None
        if job == self._announced[0] and monotonic() < self._announced[1] + self._config.heartbeat:
            return
        host, pid = socket.gethostname(), os.getpid()
        document = {"id": worker_id(), "host": host, "pid": pid, "version": VERSION, "job": job}
        self._store.workshop.announce(worker_id(), document)
        self._announced = (job, monotonic())
