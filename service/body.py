"""How a request's body is taken in: piece by piece, never further than the limit, never less than was promised."""

from collections.abc import Iterator

from flask import Request

from contract.errors import BadRequest, TooLarge

CHUNK = 1 << 20
MAX_JSON = 8 << 20


def pieces(request: Request, limit: int) -> Iterator[bytes]:
    """The body, which has at most ``limit`` bytes.

    Werkzeug's own stream ends a chunked body silently at the limit, so the server's is read. Raises ``TooLarge`` at the
    first byte beyond the limit, and ``BadRequest`` for a body that breaks off or comes in chunks that are none.
    """
    expected, size = request.content_length, 0
    if expected is not None and expected > limit:
        raise TooLarge(f"The body has {expected} bytes; this route takes {limit}.")
    while piece := _next(request):
        size += len(piece)
        if size > limit:
            raise TooLarge(f"The body is larger than the {limit} bytes that this route takes.")
        yield piece
    if expected is not None and size < expected:
        raise BadRequest(f"The body ended after {size} of {expected} bytes.", "body_truncated")


def whole(request: Request, limit: int = MAX_JSON) -> bytes:
    """A body that is small enough to be held in memory; raises as ``pieces`` does."""
    return b"".join(pieces(request, limit))


def _next(request: Request) -> bytes:
    """The next bytes. What goes wrong with them is the sender's fault, and has no common name in WSGI."""
    try:
        piece: bytes = request.environ["wsgi.input"].read(CHUNK)
    except Exception as error:
        detail = "The body breaks off, or its chunks are not as HTTP wants them."
        raise BadRequest(detail, "body_truncated") from error
    return piece
