"""What was used lately, in so much memory: one bound of bytes for whatever a process keeps to be quick."""

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Recent(Generic[Value]):
    """Values by key with the bytes they take, at most ``room`` together; those that were used longest ago go first."""

    def __init__(self, room: int) -> None:
        self._room, self._held = room, 0
        self._kept: OrderedDict[Hashable, tuple[Value, int]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable) -> Value | None:
        """The value of this key, where it is kept."""
        with self._lock:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key][0]

    def keep(self, key: Hashable, value: Value, size: int) -> Value:
        """Keep a value of ``size`` bytes while there is room; answers it."""
        with self._lock:
            self._held += size - self._kept.pop(key, (value, 0))[1]
            self._kept[key] = value, size
            while self._held > self._room:
                self._held -= self._kept.popitem(last=False)[1][1]
        return value
