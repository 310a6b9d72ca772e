"""What tests hear is held against ``openapi.yaml``: a wrong status, content type, body or header is found."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
import requests

from tests.support.listening import violations
from tests.support.openapi import Heard, spec

READY = {"ready": True, "reasons": [], "warnings": []}
HEADERS = {"X-Request-ID": "a", "Content-Type": "application/json"}
PROBLEM = HEADERS | {"Content-Type": "application/problem+json"}


def heard(**changes: Any) -> Heard:
    good: dict[str, Any] = {"method": "GET", "path": "/readyz", "status": 200, "headers": HEADERS, "body": READY}
    parts = good | changes
    body = parts["body"] if isinstance(parts["body"], bytes) else json.dumps(parts["body"]).encode() + b"\n"
    return Heard(**{**parts, "body": body})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"status": 202}, "the status is none of"),
        ({"headers": {"Content-Type": "application/json"}}, "X-Request-ID is missing"),
        ({"headers": HEADERS | {"Content-Type": "text/html"}}, "the content type 'text/html'"),
        ({"body": READY | {"more": 1}}, "'more' was unexpected"),
        ({"body": {"ready": True, "reasons": []}}, '"warnings" is a required property'),
        ({"body": READY | {"ready": "yes"}}, '"yes" is not of type "boolean"'),
        ({"body": b'{"ready": NaN}\n'}, "NaN is no JSON"),
        ({"body": json.dumps(READY).encode()}, "without a newline"),
        ({"path": "/v1/nothing"}, "no such operation"),
        ({"path": "/v1/nothing", "status": 404}, "the content type 'application/json'"),
        ({"path": "/v1/nothing", "status": 404, "headers": PROBLEM}, "is a required property"),
        ({"method": "DELETE"}, "no such operation"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_is_not_documented_is_found(changes: dict[str, Any], words: str) -> None:
    found = list(spec().violations(heard(**changes)))
    assert found
    assert any(words in sentence for sentence in found), found


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_is_documented_is_let_pass(method: str) -> None:
    assert list(spec().violations(heard(method=method))) == []


class _Liar(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
        pass


def test_all_requests_are_heard() -> None:
    """Also those of a thread, whose failures no test would see."""
    with HTTPServer(("127.0.0.1", 0), _Liar) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        asking = threading.Thread(target=requests.get, args=(f"http://127.0.0.1:{server.server_port}/healthz",))
        asking.start()
        asking.join()
    assert any("X-Request-ID is missing" in sentence for sentence in violations())
