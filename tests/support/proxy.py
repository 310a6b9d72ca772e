"""A small TCP proxy in front of Redis: it forwards, falls silent without closing anything, or resets connections."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from selectors import EVENT_READ, DefaultSelector
from threading import Event, Thread
from urllib.parse import urlsplit


class Proxy:
    """Forwards each connection to ``target``; while stalled it takes connections and bytes and passes nothing on."""

    def __init__(self, target: str) -> None:
        parts = urlsplit(target)
        self._target = (parts.hostname or "127.0.0.1", parts.port or 6379)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"redis://127.0.0.1:{self._listening.getsockname()[1]}{parts.path}"
        self._forwarding, self._closed = Event(), Event()
        self._sockets: list[socket.socket] = []
        self._forwarding.set()
        Thread(target=self._accept, daemon=True).start()

    def stall(self) -> None:
        """From now on nothing is passed on in either direction, and nothing is closed: a black hole."""
        self._forwarding.clear()

    def resume(self) -> None:
        """Forward again, what was held back first."""
        self._forwarding.set()

    def reset(self) -> None:
        """Break all connections that are open."""
        for one in self._sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self._sockets.clear()

    def close(self) -> None:
        """Stop listening and break everything."""
        self._closed.set()
        self._forwarding.set()
        self._listening.close()
        self.reset()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                far = socket.create_connection(self._target)
                self._sockets += [near, far]
                Thread(target=self._forward, args=(near, far), daemon=True).start()

    def _forward(self, near: socket.socket, far: socket.socket) -> None:
        with near, far, DefaultSelector() as selector, suppress(OSError):
            selector.register(near, EVENT_READ, far)
            selector.register(far, EVENT_READ, near)
            while not self._closed.is_set():
                for key, _ in selector.select(0.5):
                    self._forwarding.wait()
                    data = near.recv(65536) if key.fileobj is near else far.recv(65536)
                    if not data:
                        return
                    self._forwarding.wait()
                    key.data.sendall(data)


@contextmanager
def proxy(target: str) -> Iterator[Proxy]:
    """A proxy in front of a Redis URL."""
    running = Proxy(target)
    try:
        yield running
    finally:
        running.close()
