"""Whether this host's workers are well, for container engines: ``python -m worker.health``.

A worker listens on no port; it is well when Redis heard of it lately.
"""

import socket
import sys

from contract.config import read_config
from contract.redis_client import connect
from contract.store import Store


def unwell() -> str | None:
    """Why no worker of this host is well; None where one is. Raises ``Unavailable`` while Redis is away."""
    config = read_config()
    store = Store.of(config, connect(config.redis_url, connections=1))
    heard = [worker["host"] for worker in store.workshop.workers()]
    here = socket.gethostname()
    return None if here in heard else f"Redis has not heard of a worker on {here} lately, only on: {heard}."


if __name__ == "__main__":
    sys.exit(unwell())
