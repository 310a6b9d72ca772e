"""``Idempotency-Key``: a POST that is sent again with its key is answered again, and its work is done once.

What is compared are the parts that were read from the body, not its bytes: each try of a client may draw another
multipart boundary. Only good answers are kept, so a request that was refused may be corrected under its key.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from hashlib import sha256
from typing import Any, NamedTuple, TypeVar

from flask import request

from contract.errors import BadRequest, Conflict, NotFound, Unavailable
from contract.job import new_id
from contract.store_replays import NOT_ONCE, Once
from service.house import house

HEADER, REPLAYED = "Idempotency-Key", "Idempotency-Replayed"
LONGEST = 255
GONE = "What this Idempotency-Key made is deleted or has expired; a new request needs a new key."

Thing = TypeVar("Thing")


class Try(NamedTuple):
    """One try of a request: its key as the store takes it, and the id of what an earlier try has made."""

    once: Once = NOT_ONCE
    made: str | None = None

    def again(self, look: Callable[[str], Thing]) -> Thing | None:
        """What the earlier try has made, None where there was none; raises ``Conflict`` where it is gone."""
        try:
            return look(self.made) if self.made else None
        except NotFound:
            raise Conflict(GONE) from None

    def headers(self) -> dict[str, str]:
        """Says that an answer is one that was given before."""
        return {REPLAYED: "true"} if self.made else {}


def admitted_key() -> str | None:
    """The request's key, None without one; raises ``BadRequest`` for one that cannot be used.

    Without a key a request is new work, so it is refused with ``StorageFull`` here, before its body is read. With one
    it may ask for what was made before: whoever makes a thing for it checks then.
    """
    key = request.headers.get(HEADER)
    if key is not None and not (0 < len(key) <= LONGEST and key.isascii() and key.isprintable()):
        detail = f"{HEADER}: must be 1 to {LONGEST} printable ASCII characters."
        raise BadRequest(detail, "invalid_idempotency_key", "Invalid idempotency key")
    if key is None:
        house().admission.check()
    return key


@contextmanager
def once(route: str, key: str | None, asked: Mapping[str, Any]) -> Iterator[Try]:
    """A try of a request that asks for this (JSON); where the block refuses it, its key is free again.

    Raises ``InFlight`` while another try is under way, ``Unprocessable`` where the key came with something else.
    """
    if key is None:
        yield Try()
        return
    digest = sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()
    mark = Once(route, key, digest, new_id("try"))
    made = house().store.replays.begin(mark)
    try:
        yield Try(mark, made)
    except BaseException:
        with suppress(Unavailable):  # the mark is gone by itself a little later
            house().store.replays.abandon(mark)
        raise
