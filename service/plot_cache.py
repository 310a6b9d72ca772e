"""Pictures that were drawn: one at a time, and kept while there is room."""

from collections.abc import Callable, Hashable
from threading import BoundedSemaphore, Lock

from contract.errors import Unavailable
from service.recent import Recent

ROOM = 16 << 20
PATIENCE = 10.0
"""Seconds for which a request waits for its turn to draw."""
BUSY = ("Too many pictures are asked for at once; ask again.", "drawing_busy", "Drawing is busy")


class Pictures:
    """The pictures of one process by what they show, the oldest unused ones leaving first; at most ``room`` bytes.

    One request draws, and at most ``seats`` others wait, each of which holds a thread of the server.
    """

    def __init__(self, seats: int, room: int = ROOM, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._kept = Recent[bytes](room)
        self._seats, self._turn = BoundedSemaphore(1 + seats), Lock()

    def kept(self, key: Hashable) -> bytes | None:
        """The picture of this key, where it is kept."""
        return self._kept.get(key)

    def drawn(self, key: Hashable, draw: Callable[[], bytes]) -> bytes:
        """The picture of this key, drawn when its turn comes.

        Raises ``Unavailable``: at once where all seats are taken, else where the turn does not come in time.
        """
        if not self._seats.acquire(blocking=False):
            raise Unavailable(*BUSY)
        try:
            return self._in_turn(key, draw)
        finally:
            self._seats.release()

    def _in_turn(self, key: Hashable, draw: Callable[[], bytes]) -> bytes:
        if not self._turn.acquire(timeout=self._patience):
            raise Unavailable(*BUSY)
        try:
            # Who had the turn before may have asked for the same.
            if (known := self._kept.get(key)) is not None:
                return known
            picture = draw()
            return self._kept.keep(key, picture, len(picture))
        finally:
            self._turn.release()
