"""How a request's body is taken in: straight to disk, never further than the limit, never less than was promised."""

from pathlib import Path
from typing import IO

from flask import Request as FlaskRequest

from contract.errors import BadRequest, TooLarge
from service.spool import Spool

CHUNK = 1 << 20


def request_class(spool_folder: Path, max_body: int) -> type[FlaskRequest]:
    """A Flask request class whose uploaded files are spooled beside the datasets."""

    class SpooledRequest(FlaskRequest):
        max_content_length = max_body

        def _get_file_stream(
            self,
            total_content_length: int | None,
            content_type: str | None,
            filename: str | None = None,
            content_length: int | None = None,
        ) -> IO[bytes]:
            return Spool(spool_folder, max_body)

    return SpooledRequest


def spool_body(request: FlaskRequest, spool: Spool) -> None:
    """Copy a raw body into the spool.

    Werkzeug's own stream ends a chunked body silently at the limit, so the server's is read: the spool refuses the
    first byte beyond the limit. Raises ``TooLarge``, and ``BadRequest`` for a body that breaks off.
    """
    expected, limit = request.content_length, request.max_content_length or 0
    if expected is not None and expected > limit:
        raise TooLarge(f"The body has {expected} bytes; this server takes {limit} (THALWEG_MAX_BODY).")
    for chunk in iter(lambda: request.environ["wsgi.input"].read(CHUNK), b""):
        spool.write(chunk)
    if expected is not None and spool.size < expected:
        raise BadRequest(f"The body ended after {spool.size} of {expected} bytes.", "body_truncated")
