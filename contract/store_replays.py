"""Idempotency keys: a request that is sent again with its key does its work once, whoever dies in between.

A request marks its key before its work and binds it to what it made in the very call that makes it. So a mark that is
left by a process that died only delays the next try, until it is gone by itself, and of two that both go on one makes
the thing and the other is refused.
"""

from hashlib import sha256
from typing import NamedTuple

from contract.errors import InFlight, Unprocessable
from contract.store_moves import Moves

IN_FLIGHT = 30
KEPT = 24 * 3600
MISMATCH = (
    "This Idempotency-Key came with other settings, another file, file name or options before; "
    "a new request needs a new key."
)
BUSY = "A request with this Idempotency-Key is under way; send this again in a moment."


class Once(NamedTuple):
    """One try of a request with its key: for which route, a digest of what it asks, a token of this try."""

    route: str
    key: str
    digest: str
    token: str

    def name(self) -> str:
        """The key as Redis knows it, of bounded length; empty without a key."""
        return sha256(f"{self.route} {self.key}".encode()).hexdigest() if self.key else ""

    def binding(self) -> tuple[str, str, int]:
        """What the call that makes the thing needs to know."""
        return self.name(), self.digest, KEPT


NOT_ONCE = Once("", "", "", "")


class Replays:
    """What became of requests with a key."""

    def __init__(self, moves: Moves) -> None:
        self._move = moves

    def begin(self, once: Once) -> str | None:
        """Mark the key; the id of what an equal request made before, None to go on. Raises as ``refuse`` does."""
        answer = self._move("begin", once.name(), once.digest, once.token, IN_FLIGHT)
        refuse(answer)
        return answer[1].decode() if isinstance(answer, list) else None

    def abandon(self, once: Once) -> None:
        """The request came to nothing: its key may be used again at once."""
        self._move("abandon", once.name(), once.token)


def refuse(answer: object) -> None:
    """Raise ``Unprocessable`` where the key came with another body, ``InFlight`` where its request is under way."""
    if answer == b"mismatch":
        raise Unprocessable(MISMATCH, "idempotency_mismatch", "Idempotency key used before")
    if answer == b"in_flight":
        raise InFlight(BUSY)
