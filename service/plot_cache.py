"""Pictures that were drawn: one at a time, and kept while there is room."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock

from contract.errors import Unavailable

ROOM = 16 << 20
PATIENCE = 10.0
"""Seconds for which a request waits for its turn to draw."""


class Pictures:
    """The pictures of one process by what they show, the oldest unused ones leaving first; at most ``room`` bytes."""

    def __init__(self, room: int = ROOM, patience: float = PATIENCE) -> None:
        self._room, self._patience = room, patience
        self._held = 0
        self._kept: OrderedDict[Hashable, bytes] = OrderedDict()
        self._keeping, self._drawing = Lock(), Lock()

    def kept(self, key: Hashable) -> bytes | None:
        """The picture of this key, where it is kept."""
        with self._keeping:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def drawn(self, key: Hashable, draw: Callable[[], bytes]) -> bytes:
        """The picture of this key, drawn when its turn comes; raises ``Unavailable`` where that takes too long."""
        if not self._drawing.acquire(timeout=self._patience):
            raise Unavailable("Too many pictures are asked for at once; ask again.", "drawing_busy", "Drawing is busy")
        try:
            # Who had the turn before may have asked for the same.
            return self.kept(key) or self._keep(key, draw())
        finally:
            self._drawing.release()

    def _keep(self, key: Hashable, picture: bytes) -> bytes:
        with self._keeping:
            self._held += len(picture) - len(self._kept.pop(key, b""))
            self._kept[key] = picture
            while self._held > self._room:
                self._held -= len(self._kept.popitem(last=False)[1])
        return picture
