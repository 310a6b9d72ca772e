"""Which requests are answered: to hosts that this server is, at paths as they are written, from no other site."""

import re

from flask import Request
from werkzeug.exceptions import NotFound
from werkzeug.sansio.utils import host_is_trusted

from contract.config import Config
from contract.errors import BadRequest, CrossSite
from contract.fields import echo
from service.house import house

PROBES = ("/healthz", "/readyz", "/metrics")
"""Asked by the machine itself, by address, whatever the name that clients know: they tell how the server fares."""


LOOPBACK = re.compile(r"(localhost|127(\.[0-9]{1,3}){3}|\[?::1\]?)(:[0-9]{1,5})?", re.IGNORECASE)
READING = ("GET", "HEAD", "OPTIONS")


def check_address(request: Request) -> None:
    """Raise ``BadRequest`` for a Host that is missing or that this server does not answer to.

    A page of another site whose name was made to lead here (DNS rebinding) thus gets nothing but ``PROBES``. Raises
    ``NotFound`` for a path that begins with ``//``, which Werkzeug would take for one slash.
    """
    host = request.headers.get("Host", "")
    if not host and request.environ.get("SERVER_PROTOCOL") != "HTTP/1.0":
        raise BadRequest("The header Host is missing; HTTP/1.1 requires it.", "missing_host")
    if request.path not in PROBES and not _answers_to(host, house().config):
        sentence = f"This server does not answer to the Host {echo(host)}; THALWEG_TRUSTED_HOSTS lists others."
        raise BadRequest(sentence, "wrong_host")
    if request.environ["PATH_INFO"].startswith("//"):
        raise NotFound


def check_origin(request: Request) -> None:
    """Raise ``CrossSite`` where a browser says that a page of another site wants to change something here.

    There is no login, so such a page could do whatever the browser's user can; what is no browser says nothing.
    """
    if request.method not in READING and request.headers.get("Sec-Fetch-Site") == "cross-site":
        raise CrossSite("A page of another site sent this (Sec-Fetch-Site: cross-site); only this server's own may.")


def _answers_to(host: str, config: Config) -> bool:
    """Without a list, and where it listens on this machine only, those names that no other machine can have."""
    if config.trusted_hosts:
        return host_is_trusted(host, config.trusted_hosts)
    return not host or not LOOPBACK.fullmatch(config.bind) or LOOPBACK.fullmatch(host) is not None
