"""How long a client may take: gunicorn's threads, with connections on which bytes must come and go in time.

Gunicorn gives a thread to a connection as soon as its first byte is there, and then waits for the rest of the headers,
for the body, and for the client to take the answer without an end. Here each ``PIECE`` of bytes, in either direction,
has ``THALWEG_BODY_TIMEOUT`` seconds; the time that the application itself takes does not count.
"""

import errno
import socket
from collections.abc import Callable
from select import POLLIN, poll
from time import monotonic
from typing import TYPE_CHECKING, Any

from gunicorn.workers.gthread import ThreadWorker

from contract.config import read_config

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

PIECE = 1 << 18
# A timeout of 0 would mean not to wait at all.
SHORTEST = 0.001
# Milliseconds: a client that sends one request after the other has the next one here by then, and keeps its thread.
HOLD = 5


class PatientSocket(socket.socket):
    """A connection that ends (``late``) when a piece takes more than ``patience`` seconds of waiting."""

    def __init__(self, fileno: int, patience: float) -> None:
        super().__init__(fileno=fileno)
        self.late = False
        self._patience = patience
        self.next_request()

    def next_request(self) -> None:
        """A request begins, and with it a piece."""
        self._waited, self._received = 0.0, 0

    def recv(self, size: int, flags: int = 0, /) -> bytes:
        """The next bytes, or none, as if the client had gone, when they come too late."""
        if self.late or self.gettimeout() is not None:
            return b"" if self.late else super().recv(size, flags)
        began = monotonic()
        try:
            data: bytes = self._within(self._patience - self._waited, super().recv, size, flags)
        except TimeoutError:
            return b""
        self._waited += monotonic() - began
        self._received += len(data)
        if self._received >= PIECE:
            self.next_request()
        return data

    def sendall(self, data: "ReadableBuffer", flags: int = 0, /) -> None:
        """Send everything; raises ``BrokenPipeError``, as if the client had gone, when it does not take it in time."""
        view = memoryview(data).cast("B")
        try:
            for start in range(0, len(view), PIECE):
                self._within(self._patience, super().sendall, view[start : start + PIECE], flags)
        except TimeoutError:
            raise BrokenPipeError(errno.EPIPE, "The client does not take the answer.") from None

    def readable_within(self, milliseconds: int) -> bool:
        """Whether bytes, or the end of the connection, come within that time."""
        waiting = poll()  # select's would end at the 1,024th open file
        waiting.register(self, POLLIN)
        return bool(waiting.poll(milliseconds))

    def _within(self, seconds: float, call: Callable[..., Any], *arguments: Any) -> Any:
        self.settimeout(max(seconds, SHORTEST))
        try:
            return call(*arguments)
        except TimeoutError:
            self.late = True
            raise
        finally:
            self.settimeout(None)


class PatientWorker(ThreadWorker):  # type: ignore[misc] # gunicorn has no types
    """Gunicorn's gthread worker on connections that are patient, but not for ever."""

    def init_process(self) -> None:
        """Start the worker, in its own process."""
        self.patience = read_config().body_timeout
        super().init_process()

    def handle(self, conn: Any) -> Any:
        """Serve a connection's request, and those that follow at once; answers whether it can take another one.

        Without that, gunicorn's main thread would take the connection over after each answer, and hand it to a thread
        again: some 6 % of what a small request costs. It does so as soon as others wait for a thread.
        """
        if not isinstance(conn.sock, PatientSocket):
            conn.sock = PatientSocket(conn.sock.detach(), self.patience)
        again = self._one_request(conn)
        while again is True and self._has_time() and conn.sock.readable_within(HOLD):
            again = self._one_request(conn)
        return again

    def _has_time(self) -> bool:
        nobody_waits: bool = self.tpool._work_queue.empty()  # the pool tells it in no other way
        return self.alive and nobody_waits

    def _one_request(self, conn: Any) -> Any:
        conn.sock.next_request()
        again = super().handle(conn)
        return False if conn.sock.late else again
