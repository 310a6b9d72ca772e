"""The moves: Lua texts that Redis runs as a whole. All of them share the prologue, the keys and the clock of Redis."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import redis

from contract.redis_client import translated
from contract.store_keys import KEYS

FOLDER = Path(__file__).parent / "moves"
PROLOGUE = "prologue"


class Moves:
    """The texts in ``contract/moves``, known to one Redis client."""

    def __init__(self, client: redis.Redis) -> None:
        self.client = client
        texts = {path.stem: path.read_text() for path in FOLDER.glob("*.lua")}
        first = f"local {', '.join(KEYS)} = unpack(KEYS)\n{texts.pop(PROLOGUE)}"
        self._scripts = {name: client.register_script(first + text) for name, text in texts.items()}

    def __call__(self, name: str, *arguments: str | bytes | float) -> Any:
        """Make a move; raises ``Unavailable`` while Redis is away, with ``StorageFull`` where it has no room."""
        with translated():
            return self._scripts[name](keys=list(KEYS.values()), args=arguments)


def newest_ids(client: redis.Redis, index: str, limit: int, before: int | None) -> tuple[list[str], int | None]:
    """Ids of an index from its end on, and where the next page begins, for ``before`` of the next call."""
    start = "+inf" if before is None else f"({before}"
    found: list[tuple[bytes, float]] = client.zrange(  # type: ignore[assignment] # redis-py says less
        index, start, "-inf", desc=True, byscore=True, offset=0, num=limit + 1, withscores=True
    )
    following = int(found[limit - 1][1]) if len(found) > limit else None
    return [one.decode() for one, _ in found[:limit]], following


def pairs(flat: Sequence[bytes]) -> dict[bytes, bytes]:
    """A hash as a script answers it."""
    return dict(zip(flat[::2], flat[1::2], strict=True))
