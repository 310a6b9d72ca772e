"""Every answer that a test hears over HTTP is held against ``openapi.yaml``, whoever asked."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

import requests

from tests.support.openapi import Heard, spec

# What was wrong since somebody last looked. Requests are made from many threads; appending and popping are atomic.
_wrong: list[str] = []


def hear(heard: Heard) -> None:
    """Hold one answer against the document."""
    if not _by_gunicorn(heard):
        _wrong.extend(spec().violations(heard))


def _by_gunicorn(heard: Heard) -> bool:
    """Whether the server refused the request before the app saw it: it does so in HTML, and the app never does."""
    is_html = heard.headers.get("Content-Type", "").startswith("text/html")
    return is_html and "X-Request-ID" not in heard.headers and 400 <= heard.status <= 505


def violations() -> list[str]:
    """What was wrong since the last call."""
    found = _wrong[:]
    del _wrong[: len(found)]
    return found


@contextmanager
def listening() -> Iterator[None]:
    """Within the block every answer that ``requests`` gets is heard."""
    send = requests.Session.send

    @wraps(send)
    def heard(session: requests.Session, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        answer = send(session, request, **options)
        body = None if options.get("stream") else answer.content
        path = urlsplit(str(request.url)).path
        hear(Heard(str(request.method), path, answer.status_code, answer.headers, body))
        return answer

    requests.Session.send = heard  # type: ignore[method-assign] # the one place that all requests pass
    try:
        yield
    finally:
        requests.Session.send = send  # type: ignore[method-assign] # as above
