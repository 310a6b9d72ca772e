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


def pairs(flat: Sequence[bytes]) -> dict[bytes, bytes]:
    """A hash as a script answers it."""
    return dict(zip(flat[::2], flat[1::2], strict=True))
