"""Waiting for jobs to end: one Redis subscription per process wakes every request that waits.

A waiter registers first, then reads the record, then sleeps: an ending between reading and sleeping is not missed.
Whenever a subscription begins, the first as well as one after a loss, everybody is woken and reads again. While nobody
waits, and for ``LINGER`` seconds has not, there is none: jobs that end unwatched then cost this process nothing.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import randint
from threading import BoundedSemaphore, Event, Lock, Thread
from time import monotonic, sleep
from typing import TypeVar

import structlog

from contract.redis_client import connect
from contract.store_keys import ENDED

log = structlog.get_logger()

LISTEN = 1.0
LINGER = 5.0
RECONNECT = 0.5
RETRY_AFTER = "1"
# For who asked to wait and found all seats taken: hundreds who come back every second, or all at once, are a load.
NO_SEAT = (4, 12)
ANY_JOB = "*"

Found = TypeVar("Found")


class Endings:
    """The thread that hears of jobs that ended, and the requests that wait for them.

    At most ``seats`` requests wait at a time; others are answered at once and come back (``Retry-After``).
    """

    def __init__(self, redis_url: str, seats: int) -> None:
        self._url = redis_url
        self._seats = BoundedSemaphore(seats)
        self._lock = Lock()
        self._waiting: defaultdict[str, set[Event]] = defaultdict(set)
        self._wanted = Event()
        self._left = 0.0

    def start(self) -> None:
        """Start listening, in the process whose requests wait."""
        Thread(target=self._run, name="endings", daemon=True).start()

    @contextmanager
    def watching(self, job_id: str) -> Iterator[Event | None]:
        """An event that is set when the job (or ``ANY_JOB``) may have ended, or None when all seats are taken."""
        if not self._seats.acquire(blocking=False):
            yield None
            return
        event = Event()
        try:
            with self._lock:
                self._waiting[job_id].add(event)
                self._wanted.set()
            yield event
        finally:
            self._leave(job_id, event)
            self._seats.release()

    def _leave(self, job_id: str, event: Event) -> None:
        with self._lock:
            self._waiting[job_id].discard(event)
            if not self._waiting[job_id]:
                del self._waiting[job_id]
            self._left = monotonic()

    def _is_wanted(self) -> bool:
        with self._lock:
            if not self._waiting and monotonic() > self._left + LINGER:
                self._wanted.clear()
            return self._wanted.is_set()

    def _wake(self, job_id: str | None = None) -> None:
        with self._lock:
            names = self._waiting if job_id is None else (job_id, ANY_JOB)
            groups = [self._waiting.get(name, set()) for name in names]
            for event in (event for group in groups for event in group):
                event.set()

    def _run(self) -> None:
        while True:
            self._wanted.wait()
            try:
                self._listen()
            except Exception as error:
                # Without this thread every wait would last its full time: whatever happened, listen again.
                log.warning("endings_not_heard", reason=str(error))
                sleep(RECONNECT)

    def _listen(self) -> None:
        with connect(self._url, connections=1) as client, client.pubsub() as subscription:
            subscription.subscribe(ENDED)
            while self._is_wanted():
                message = subscription.get_message(timeout=LISTEN)
                if message:
                    # Redis confirms the subscription: only from then on is nothing missed.
                    self._wake(message["data"].decode() if message["type"] == "message" else None)


def wait_for(
    found: Found, again: Callable[[Found], Found], ready: Callable[[Found], bool], event: Event | None, seconds: float
) -> Found:
    """What was found as soon as it is ready, or as it is after ``seconds``; without a seat, as it was given.

    ``again`` looks again, knowing what was found last.
    """
    deadline = monotonic() + seconds
    waiting = event is not None
    while event and waiting and not ready(found):
        waiting = event.wait(max(deadline - monotonic(), 0.0))
        event.clear()
        found = again(found)
    return found


def come_back(event: Event | None, wait: float) -> str:
    """Seconds after which to ask again, as ``Retry-After`` says it."""
    return RETRY_AFTER if event or not wait else str(randint(*NO_SEAT))  # noqa: S311 - no secret
