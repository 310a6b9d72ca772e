"""A lean HTTP client: one kept connection, requests made before the clock starts, so that it costs little itself."""

import json
import re
import secrets
import socket
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

HOST = "127.0.0.1"
PATIENCE = 120.0
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
CHUNK = 1 << 16


class Answer(NamedTuple):
    """One HTTP answer."""

    status: int
    head: bytes
    body: bytes

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


def connect(port: int) -> socket.socket:
    """A connection to the API; reading from it fails after two minutes."""
    sock = socket.create_connection((HOST, port), PATIENCE)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def exchange(sock: socket.socket, request: bytes, status: int) -> Answer:
    """Send a whole request and read its answer, which must have this status."""
    sock.sendall(request)
    return read_answer(sock, status)


def read_answer(sock: socket.socket, status: int) -> Answer:
    """One answer that tells its length."""
    data = b""
    while (answer := whole_answer(data)) is None:
        chunk = sock.recv(CHUNK)
        assert chunk, f"the server closed the connection after {data!r}"
        data += chunk
    assert answer.status == status, answer
    return answer


def whole_answer(data: bytes) -> Answer | None:
    """The answer in these bytes; None while some of it is missing."""
    head, end, body = data.partition(b"\r\n\r\n")
    length = LENGTH.search(head)
    if not end or length is None or len(body) < int(length[1]):
        return None
    return Answer(int(head[9:12]), head, body)


def get(path: str) -> bytes:
    """A GET request."""
    return f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\nAccept: */*\r\n\r\n".encode()


def head(path: str, content_type: str, length: int) -> bytes:
    """The head of a POST request."""
    return (
        f"POST {path} HTTP/1.1\r\nHost: {HOST}\r\nUser-Agent: curl/8.5.0\r\nAccept: */*\r\n"
        f"Content-Length: {length}\r\nContent-Type: {content_type}\r\n\r\n"
    ).encode()


def around_file(settings: dict[str, Any] | None) -> tuple[str, bytes, bytes]:
    """Content type, and what stands before and behind the file, of a form as curl sends it."""
    boundary = 24 * "-" + secrets.token_hex(11)
    before = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="data.csv"\r\n'
        "Content-Type: text/csv\r\n\r\n"
    )
    field = f'\r\n--{boundary}\r\nContent-Disposition: form-data; name="settings"\r\n\r\n{json.dumps(settings)}'
    after = f"{field if settings else ''}\r\n--{boundary}--\r\n"
    return f"multipart/form-data; boundary={boundary}", before.encode(), after.encode()


def one_call(path: str, csv: bytes, settings: dict[str, Any]) -> bytes:
    """A whole request with a file and settings: ``curl -F file=@data.csv -F settings=…``."""
    content_type, before, after = around_file(settings)
    body = before + csv + after
    return head(path, content_type, len(body)) + body


def send_file(sock: socket.socket, path: str, csv: Path, *, form: bool, settings: dict[str, Any] | None = None) -> None:
    """Send a file as a raw body or as a form, from the disk, so that it never is in this process' memory."""
    content_type, before, after = around_file(settings) if form else ("text/csv", b"", b"")
    sock.sendall(head(path, content_type, len(before) + csv.stat().st_size + len(after)) + before)
    with csv.open("rb") as file:
        sock.sendfile(file)
    sock.sendall(after)


def small_jobs(path: str, count: int, seed: int) -> list[bytes]:
    """Requests for least squares on 100 rows and 4 features, each with data of its own."""
    rng = np.random.default_rng(seed)
    return [one_call(path, _small_csv(rng), {"target": "y"}) for _ in range(count)]


def _small_csv(rng: np.random.Generator) -> bytes:
    x = rng.normal(size=(100, 4)) * [1.0, 10.0, 100.0, 0.1]
    y = 3.0 + x @ rng.normal(size=4) + rng.normal(size=100)
    lines = (",".join(f"{cell:.6g}" for cell in row) for row in np.column_stack([x, y]))
    return ("a,b,c,d,y\n" + "\n".join(lines) + "\n").encode()
