"""A job while it runs here: what it has computed so far, what Redis has of that, and whether it should stop."""

from collections.abc import Callable, Mapping, Sequence
from ctypes import c_byte
from threading import Lock
from time import monotonic
from typing import Any, Final, NamedTuple

import numpy as np

from contract.any_settings import AnySettings
from contract.job import progress
from contract.store import Claim, Entries
from engine.arrays import FloatArray
from engine.checkpoint import Checkpoint
from engine.descent import Point
from engine.history import COLUMNS, History
from engine.training import Interruption


class RecordedParameters(NamedTuple):
    """The parameters that a history keeps beside its columns: their names, and their values by theta."""

    names: tuple[str, ...] = ()
    values: Callable[[FloatArray], Sequence[float]] = lambda _theta: ()


NONE_RECORDED: Final = RecordedParameters()


class Recording:
    """One descent as it is recorded. start: the number of the start that it is from, where a job may have several."""

    def __init__(self, every: int, parameters: RecordedParameters, start: int | None, begun: float) -> None:
        """begun: when its seconds began, by the monotonic clock."""
        self.history = History(every, len(parameters.names))
        self.latest: Point | None = None
        self._parameters, self._start, self._begun = parameters, start, begun

    @property
    def iteration(self) -> int:
        """The last iteration that was observed."""
        return self.latest.iteration if self.latest else 0

    def add(self, point: Point) -> None:
        """Keep one point."""
        self.history.add(point, monotonic() - self._begun, self._parameters.values(point.theta))
        self.latest = point

    def resume(self, base: bytes, begin: Checkpoint) -> None:
        """Go on with the packed rows of an earlier run, in the entries and in the seconds."""
        rows = np.frombuffer(base, "<f8").reshape(-1, len(COLUMNS) + len(self._parameters.names))
        self.history.resume(rows, begin.tally.iteration)
        self.latest = begin.tally.latest
        self._begun -= float(rows[-1, COLUMNS.index("seconds")])

    def counts(self) -> dict[str, Any]:
        """How many iterations were recorded, at which stride they are kept, with which parameters, from which start."""
        names = {"parameters": self._parameters.names} if self._parameters.names else {}
        start = {} if self._start is None else {"start": self._start}
        return {"total": self.history.total, "stride": self.history.stride, **names, **start}


class Extent(NamedTuple):
    """How much there is of which history: rows, at this stride."""

    history: History | None = None
    stride: int = 0
    rows: int = 0


class Report(NamedTuple):
    """A job as of one moment: history rows that Redis may not have, fields of the record, and what these tell."""

    rows: Entries
    fields: Mapping[str, Any]
    extent: Extent
    news: Mapping[str, Any]


class Running:
    """A job while it runs here: its claim, what it has computed so far, and whether it should stop."""

    def __init__(self, claim: Claim, settings: AnySettings, leaving: c_byte) -> None:
        """Start the clock; ``leaving`` becomes true when this worker shuts down."""
        self.claim = claim
        self.lost = False
        self.cancelled = False
        self._settings = settings
        self._leaving = leaving
        self._lock = Lock()
        self._started = monotonic()
        self._recording = Recording(settings.history["every"], NONE_RECORDED, None, self._started)
        self._elsewhere, self._first, self._most = 0, 0, settings.max_iterations
        self._until = settings.time_limit
        self._news: Mapping[str, Any] = {}
        self._known = Extent()

    def begin(self, parameters: RecordedParameters, start: int | None = None, later: int = 0) -> Recording:
        """Record another descent from now on, in place of the one before; as many as `later` may follow it."""
        begun = monotonic() if start else self._started
        recording = Recording(self._settings.history["every"], parameters, start, begun)
        with self._lock:
            self._turn_to(recording)
            self._most = self._elsewhere + (1 + later) * self._settings.max_iterations
            self._until = (seconds := self.seconds()) + (self._settings.time_limit - seconds) / (1 + later)
        return recording

    def show(self, recording: Recording) -> None:
        """Take this descent, recorded before, for the one that the job's history is of."""
        with self._lock:
            self._turn_to(recording)

    def resume(self, begin: Checkpoint) -> None:
        """Go on with the history of the run that the job continues."""
        with self._lock:
            self._recording.resume(self.claim.base, begin)
            self._first = begin.state.iteration

    def seconds(self) -> float:
        """Seconds of computing so far."""
        return monotonic() - self._started

    def interruption(self) -> Interruption | None:
        """Why the descent should end now, if it should: each has an equal share of the time that was left for all."""
        return self._interrupted(self._until)

    def end(self) -> Interruption | None:
        """Why no other descent should begin, if none should."""
        return self._interrupted(self._settings.time_limit)

    def _interrupted(self, until: float) -> Interruption | None:
        if self.cancelled or self.lost or self._leaving.value:
            return "cancelled"
        return "time_limit" if self.seconds() > until else None

    def gives_back(self, reason: str | None) -> bool:
        """Whether a descent that ended so was broken off because this worker leaves: another one begins it anew."""
        return reason == "cancelled" and not self.cancelled

    def hear(self, answer: str) -> None:
        """What Redis answered to a report."""
        self.cancelled = answer == "cancel"
        self.lost = answer == "stale"

    def observe(self, point: Point) -> None:
        """Keep one point of the descent."""
        with self._lock:
            self._recording.add(point)

    def tell(self, news: Mapping[str, Any]) -> None:
        """Fields of the record to send with the next report that Redis answers, and not with each one after it."""
        with self._lock:
            self._news = news

    def report(self, *, ended: bool = False) -> Report:
        """What Redis may not have yet, all of it as of one moment.

        The last row is sent again next time, since it is kept only while it is the last; thinned rows are all sent,
        and those of another descent too. Until that has a row, Redis keeps what it has of the one before.
        """
        with self._lock:
            recording, news = self._recording, self._news
            rows, stride, done = recording.history.rows(), recording.history.stride, self._progress(ended)
            counts = {"history": recording.counts()} if len(rows) else {}
        same = (recording.history, stride) == self._known[:2]
        first = max(self._known.rows - 1, 0) if same else 0
        entries = Entries(first * rows.strides[0], rows[first:].tobytes())
        return Report(entries, {"progress": done, **counts, **news}, Extent(recording.history, stride, len(rows)), news)

    def acknowledge(self, report: Report) -> None:
        """Redis has this report now."""
        self._known = report.extent
        with self._lock:
            self._news = {} if self._news is report.news else self._news

    def _turn_to(self, recording: Recording) -> None:
        self._elsewhere += self._recording.iteration - recording.iteration
        self._recording = recording

    def _progress(self, ended: bool) -> dict[str, Any]:
        """The ``progress`` object of the job; the estimate assumes that every iteration allowed is needed.

        Descents that ended before their time leave fewer iterations than were allowed at first.
        """
        point, done = self._recording.latest, self._elsewhere + self._recording.iteration
        made, left = done - self._first, self._most - done
        remaining = self.seconds() / made * left if made > 0 and not ended else None
        return progress(done, self._most, point.cost if point else None, remaining)
