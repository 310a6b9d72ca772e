"""How Redis is reached: bounded waiting, no hidden repetition, and one translation of what goes wrong.

redis-py repeats a failed command up to ten times by default, INCR included; here a command is sent once, and
whoever knows that it may be repeated repeats it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.exceptions import BusyLoadingError, OutOfMemoryError, ReadOnlyError, ResponseError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry

from contract.errors import StorageFull, Unavailable

# By Redis' first word, which stands inside the text where a script met the error.
REFUSALS = ("MISCONF", "NOREPLICAS", "READONLY", "DENIED", "NOAUTH", "NOPERM", "WRONGPASS")
HEALTH_CHECK = 10
AWAY = (RedisConnectionError, RedisTimeoutError, BusyLoadingError, ReadOnlyError)


def connect(url: str, connections: int = 128, timeout: float = 2.0) -> redis.Redis:
    """A client whose calls end after ``timeout`` seconds at the latest (connecting: half of it)."""
    # A socket of this machine has no other end that could vanish, and redis-py refuses the option for it.
    over_network: dict[str, Any] = {} if url.startswith("unix:") else {"socket_keepalive": True}
    return redis.Redis.from_url(
        url,
        max_connections=connections,
        socket_timeout=timeout,
        socket_connect_timeout=timeout / 2,
        health_check_interval=HEALTH_CHECK,
        retry=Retry(NoBackoff(), 0),
        **over_network,
    )


@contextmanager
def translated() -> Iterator[None]:
    """Raise ``Unavailable`` or ``StorageFull`` where redis-py raises its own errors for that."""
    try:
        yield
    except AWAY as error:
        raise Unavailable("Redis does not answer at the moment; send this again in a few seconds.") from error
    except ResponseError as error:
        # Redis 6 says inside a script's error what Redis 7 says with an error class of its own.
        if isinstance(error, OutOfMemoryError) or "OOM command not allowed" in str(error):
            raise StorageFull("Redis has no memory left; delete old jobs or give it more memory.") from error
        if any(word in str(error) for word in REFUSALS):
            raise Unavailable(f"Redis refuses to work: {error}") from error
        raise
