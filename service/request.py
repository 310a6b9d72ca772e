"""How a request's body is taken in: straight to disk, never further than the limit, never less than was promised."""

from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from flask import Request as FlaskRequest

from contract.errors import BadRequest, TooLarge
from service.spool import Spool

CHUNK = 1 << 20
MAX_JSON = 8 << 20


class _Body:
    """The server's stream of a body. What goes wrong with it is the sender's fault, and has no common name in WSGI."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        """The next bytes; raises ``BadRequest`` where they do not come, or not in proper chunks."""
        try:
            return self._stream.read(size)
        except Exception as error:
            detail = "The body breaks off, or its chunks are not as HTTP wants them."
            raise BadRequest(detail, "body_truncated") from error


def request_class(spool_folder: Path, max_body: int) -> type[FlaskRequest]:
    """A Flask request class whose uploaded files are spooled beside the datasets."""

    class SpooledRequest(FlaskRequest):
        max_content_length = max_body

        def __init__(self, environ: dict[str, Any], *arguments: Any, **options: Any) -> None:
            environ["wsgi.input"] = _Body(environ["wsgi.input"])
            super().__init__(environ, *arguments, **options)

        def _get_file_stream(
            self,
            total_content_length: int | None,
            content_type: str | None,
            filename: str | None = None,
            content_length: int | None = None,
        ) -> IO[bytes]:
            return Spool(spool_folder, max_body)

    return SpooledRequest


def read_body(request: FlaskRequest, limit: int) -> Iterator[bytes]:
    """A raw body of at most ``limit`` bytes, piece by piece.

    Werkzeug's own stream ends a chunked body silently at the limit, so the server's is read. Raises ``TooLarge`` at the
    first byte beyond the limit, and ``BadRequest`` for a body that breaks off.
    """
    expected, size = request.content_length, 0
    if expected is not None and expected > limit:
        raise TooLarge(f"The body has {expected} bytes; this route takes {limit}.")
    while piece := request.environ["wsgi.input"].read(CHUNK):
        size += len(piece)
        if size > limit:
            raise TooLarge(f"The body is larger than the {limit} bytes that this route takes.")
        yield piece
    if expected is not None and size < expected:
        raise BadRequest(f"The body ended after {size} of {expected} bytes.", "body_truncated")
