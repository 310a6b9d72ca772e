"""Which addresses are answered: hosts that this server is, and paths as they are written."""

from flask import Request
from werkzeug.exceptions import NotFound
from werkzeug.sansio.utils import host_is_trusted

from contract.errors import BadRequest
from contract.fields import echo
from service.house import house

PROBES = ("/healthz", "/readyz", "/metrics")
"""Asked by the machine itself, by address, whatever the name that clients know: they tell how the server fares."""


def check_address(request: Request) -> None:
    """Raise ``BadRequest`` for a Host that is missing or none of ``THALWEG_TRUSTED_HOSTS``, if there are any.

    A page of another site whose name was made to lead here (DNS rebinding) thus gets nothing but ``PROBES``. Raises
    ``NotFound`` for a path that begins with ``//``, which Werkzeug would take for one slash.
    """
    host, trusted = request.headers.get("Host", ""), house().config.trusted_hosts
    if not host and request.environ.get("SERVER_PROTOCOL") != "HTTP/1.0":
        raise BadRequest("The header Host is missing; HTTP/1.1 requires it.", "missing_host")
    if trusted and request.path not in PROBES and not host_is_trusted(host, trusted):
        raise BadRequest(f"This server does not answer to the Host {echo(host)} (THALWEG_TRUSTED_HOSTS).", "wrong_host")
    if request.environ["PATH_INFO"].startswith("//"):
        raise NotFound
