"""What every refusal looks like, and requests that no well-behaved client would send."""

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPResponse
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import requests

from tests.support.listening import hear
from tests.support.openapi import Heard
from tests.support.processes import Stack

# No histories, nor what of sweeps is still open: those of earlier tests' jobs come and go meanwhile.
RECORDS = tuple(f"thalweg:{kind}".encode() for kind in ("job", "dataset", "replay", "sweep:", "sweep_jobs"))
FIELDS = ["type", "title", "status", "code", "detail", "request_id", "errors"]


class Answer(NamedTuple):
    """An answer as far as refusals are concerned, whoever fetched it."""

    status: int
    headers: dict[str, str]
    text: str


def problem(found: requests.Response | Answer, status: int, code: str | None = None) -> dict[str, Any]:
    """The refusal's document, which must be problem+json without a word of HTML or Python in it."""
    if isinstance(found, requests.Response):
        found = Answer(found.status_code, dict(found.headers), found.text)
    assert found.status == status, found.text
    assert found.headers["Content-Type"] == "application/problem+json"
    assert "Traceback" not in found.text
    assert "<html" not in found.text.lower()
    document: dict[str, Any] = json.loads(found.text)
    assert list(document) == FIELDS
    assert (document["status"], document["request_id"]) == (status, found.headers["X-Request-ID"])
    assert document["type"].endswith(f"/errors/{document['code']}")
    assert document["detail"].endswith((".", "?", ")"))
    assert code in (None, document["code"])
    return document


def send_raw(base: str, head: str, body: bytes = b"", *, half_close: bool = True) -> Answer:
    """Send a request byte by byte as it is given (a request line and headers, then a body)."""
    host = base.removeprefix("http://").split(":")[0]
    lines = "\r\n".join(line.strip() for line in head.strip().splitlines())
    message = f"{lines}\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode() + body
    return send_exactly(base, message, half_close=half_close)


def send_exactly(base: str, message: bytes, *, half_close: bool = True) -> Answer:
    """Send these bytes, whether they are HTTP or not, and read an answer."""
    host, port = base.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        with suppress(OSError):  # a server may refuse before it has read everything
            connection.sendall(message)
            if half_close:
                connection.shutdown(socket.SHUT_WR)
        reply = HTTPResponse(connection)
        reply.begin()
        body = reply.read()
        method, target, *_ = [*message.decode("latin-1").split(), "", ""]
        hear(Heard(method, urlsplit(target).path, reply.status, reply.headers, body))
        return Answer(reply.status, dict(reply.headers), body.decode())


def chunked(*chunks: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    """A body in chunks."""
    return b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + end


def left_behind(running: Stack) -> tuple[set[bytes], set[str]]:
    """Records in Redis and files in the dataset folder."""
    keys = {key for key in running.store.client.scan_iter(count=10_000) if key.startswith(RECORDS)}
    return keys - {b"thalweg:jobs"}, files_of(running)


def nothing_new(running: Stack, before: tuple[set[bytes], set[str]]) -> bool:
    """Whether no record and no file is there that was not before; what earlier tests left may go meanwhile."""
    records, files = left_behind(running)
    return records <= before[0] and files <= before[1]


def files_of(running: Stack) -> set[str]:
    """The files in the dataset folder."""
    return {name for _, _, names in os.walk(running.folder / "data" / "datasets") for name in names}


@contextmanager
def nothing_left_behind(running: Stack, *, but_an_answer: bool = False) -> Iterator[None]:
    """The block leaves neither record nor file (unless it was answered well), and afterwards a good request works."""
    before = left_behind(running)
    yield
    assert but_an_answer or nothing_new(running, before)
    good = requests.post(
        f"{running.base}/v1/datasets", data="a,b\n1,2\n", headers={"Content-Type": "text/csv"}, timeout=5
    )
    assert good.status_code == 201, good.text
