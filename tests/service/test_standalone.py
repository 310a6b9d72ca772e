"""Everything on one machine: it starts, keeps its processes alive, and leaves none when it is told to stop."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest
import requests

from service.redis_server import find_redis_server, is_up, start_redis, url_of, url_within
from service.standalone import free_port
from tests.support.jobs import submit
from tests.support.processes import ROOT, eventually

COMMAND = [sys.executable, "-m", "service.standalone"]


def environ(folder: Path, **settings: str) -> dict[str, str]:
    known = {name: value for name, value in os.environ.items() if not re.match("THALWEG_|REDIS_URL|WORKERS", name)}
    return known | {"THALWEG_DATA_DIR": str(folder), "PORT": str(free_port()), "WORKERS": "1", **settings}


@contextmanager
def standalone(folder: Path, **settings: str) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """The whole installation as `make serve` starts it, in the foreground; yields it and the API's address."""
    values = environ(folder, **settings)
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(COMMAND, env=values, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        yield process, f"http://127.0.0.1:{values['PORT']}"
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(30)
        process.kill()


def greeting(process: "subprocess.Popen[str]") -> str:
    """What it prints once it is ready: curl lines to paste."""
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if "readyz" in line:
            return "".join(lines)
    raise AssertionError("it ended before it was ready")


def family(pid: int) -> list[psutil.Process]:
    return psutil.Process(pid).children(recursive=True)


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    return [process for process in processes if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]


def worker_of(pid: int) -> psutil.Process | None:
    """The main process of the worker, if there is one at the moment."""
    return next((one for one in alive(psutil.Process(pid).children()) if "celery" in one.cmdline()), None)


def test_it_serves_mends_itself_and_leaves_nothing(tmp_path: Path) -> None:
    """One life of it: ready; no second one in its folder; a killed worker comes back; Ctrl-C ends every process."""
    with standalone(tmp_path) as (process, base):
        assert f"curl '{base.removeprefix('http://')}/readyz'" in greeting(process)
        assert submit(base, {}, wait=20)["state"] == "succeeded"
        status, text = ends(tmp_path)
        assert (status, text.count("\n")) == (1, 1)
        assert text.startswith(f"thalweg: a Redis runs in {tmp_path / 'redis'}: does Thalweg run there already?")
        first = worker_of(process.pid)
        assert first is not None
        everybody = family(process.pid)
        os.kill(first.pid, signal.SIGKILL)
        eventually(lambda: worker_of(process.pid) not in (None, first), what="another worker")
        assert submit(base, {}, wait=20)["state"] == "succeeded"
        everybody += family(process.pid)
        assert len(alive(everybody)) >= 5  # Redis, API and worker, the last two with a child each
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
        eventually(lambda: not alive(everybody), limit=5, what="the end of every process")
        with pytest.raises(requests.ConnectionError):
            requests.get(f"{base}/healthz", timeout=2)


def ends(folder: Path, **settings: str) -> tuple[int, str]:
    """Exit status and standard error of an installation that cannot start."""
    values = environ(folder, **settings)
    ended = subprocess.run(COMMAND, env=values, cwd=ROOT, capture_output=True, text=True, timeout=40, check=False)
    assert ended.stdout == ""
    return ended.returncode, ended.stderr


def test_a_taken_port_is_said_in_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        status, text = ends(tmp_path, PORT=str(port))
    assert (status, text.count("\n")) == (1, 1)
    assert text.startswith(f"thalweg: port {port} cannot be used")
    assert "set PORT to another one" in text


@pytest.mark.parametrize(
    ("name", "value"), [("PORT", "http"), ("THALWEG_LEASE", "-1"), ("WORKERS", "two"), ("WORKERS", "-1")]
)
def test_a_wrong_setting_is_said_in_one_line(tmp_path: Path, name: str, value: str) -> None:
    status, text = ends(tmp_path, **{name: value})
    assert (status, text.count("\n")) == (1, 1), text
    assert text.startswith("thalweg: ")
    assert name in text


def test_a_missing_redis_is_said_with_the_cure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("service.redis_server.IN_WHEEL", Path("nowhere"))
    with pytest.raises(FileNotFoundError, match="set REDIS_URL, or install redis-server, or run 'make setup'"):
        find_redis_server()


def test_its_redis_listens_on_a_socket_of_its_own_folder_where_one_can_be(tmp_path: Path) -> None:
    """Which only its owner opens; the path of a socket is short, and one that a URL would spell otherwise is left."""
    url, port = f"unix://{tmp_path}/redis.sock", url_of(free_port())
    assert url_within(tmp_path) == url
    assert url_within(tmp_path / ("x" * 100)) is None
    assert url_within(tmp_path / "a b?") is None
    for place in (url, port):
        process = start_redis(tmp_path, place)
        eventually(lambda place=place: is_up(place), what="Redis")
        assert not is_up(port if place == url else url)
        process.terminate()
        process.wait(30)


def test_one_redis_holds_a_folder_whatever_it_listens_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From its start to its end, also while it does not answer; then the next one may have it."""
    monkeypatch.setattr("service.redis_server.PATIENCE", 0.2)
    first = start_redis(tmp_path, url_of(free_port()))
    first.send_signal(signal.SIGSTOP)
    with pytest.raises(RuntimeError, match=f"a Redis runs in {tmp_path}.*THALWEG_DATA_DIR"):
        start_redis(tmp_path, url_of(free_port()))
    first.kill()
    first.wait()
    second = start_redis(tmp_path, url_of(free_port()))
    second.kill()
    second.wait()


def test_a_redis_that_cannot_listen_is_said_at_once(tmp_path: Path) -> None:
    """With the place of its log."""
    (tmp_path / "redis" / "redis.sock").mkdir(parents=True)
    log = tmp_path / "redis" / "redis.log"
    assert ends(tmp_path) == (1, f"thalweg: Redis ended at once; {log} says why.\n")
    assert "Unix socket" in log.read_text()


@pytest.mark.parametrize("name", ["redis-server", "valkey-server"])
def test_a_server_on_the_path_goes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_redis_server() == tmp_path / name
