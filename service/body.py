"""How a request's body is taken in: piece by piece, never further than the limit, never less than was promised.

    received (what came over the connection) -> inflated (Content-Encoding: gzip) -> pieces

The time that a piece may take is watched where the bytes arrive (``service/patience.py``).
"""

from collections.abc import Iterable, Iterator

from flask import Request

from contract.errors import BadRequest, TooLarge, TooSlow, UnsupportedMedia
from contract.fields import echo
from service.gunzip import gunzip

CHUNK = 1 << 20
MAX_JSON = 8 << 20
# x-gzip is the same by another name (RFC 9110, 8.4.1.3).
GZIP, NONE = ("gzip", "x-gzip"), ("", "identity")


def pieces(request: Request, limit: int) -> Iterator[bytes]:
    """The body, which has at most ``limit`` bytes, before and after it is inflated.

    Raises ``TooLarge`` at the first byte beyond the limit, ``TooSlow`` when it does not come in time, ``BadRequest``
    for a body that breaks off or is damaged, and ``UnsupportedMedia`` for an encoding that this server does not read.
    """
    transfer, content = (request.headers.get(f"{name}-Encoding", "").lower() for name in ("Transfer", "Content"))
    if transfer not in ("chunked", *NONE):
        raise _unsupported("Transfer-Encoding", transfer, "chunked")
    if content not in (*GZIP, *NONE):
        raise _unsupported("Content-Encoding", content, "gzip, once,")
    received = _received(request, limit)
    return _bounded(gunzip(received), limit) if content in GZIP else received


def whole(request: Request, limit: int = MAX_JSON) -> bytes:
    """A body that is small enough to be held in memory; raises as ``pieces`` does."""
    return b"".join(pieces(request, limit))


def _received(request: Request, limit: int) -> Iterator[bytes]:
    """The bytes as they come, read from the server: Werkzeug's own stream ends a chunked body silently at a limit."""
    expected, size = request.content_length, 0
    if expected is not None and expected > limit:
        raise TooLarge(f"The body has {expected} bytes; this route takes {limit}.")
    for piece in _bounded(iter(lambda: _next(request), b""), limit):
        size += len(piece)
        yield piece
    if expected is not None and size < expected:
        raise _broken_off(request, f"The body ended after {size} of {expected} bytes.")


def _bounded(pieces: Iterable[bytes], limit: int) -> Iterator[bytes]:
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > limit:
            raise TooLarge(f"The body is larger than the {limit} bytes that this route takes.")
        yield piece


def _next(request: Request) -> bytes:
    """The next bytes. What goes wrong with them is the sender's fault, and has no common name in WSGI."""
    try:
        piece: bytes = request.environ["wsgi.input"].read(CHUNK)
    except Exception as error:
        detail = "The body breaks off, or its chunks are not as HTTP wants them."
        raise _broken_off(request, detail) from error
    return piece


def _broken_off(request: Request, detail: str) -> BadRequest | TooSlow:
    if getattr(request.environ.get("gunicorn.socket"), "late", False):
        return TooSlow("The body comes too slowly, so this server no longer waits for it (THALWEG_BODY_TIMEOUT).")
    return BadRequest(detail, "body_truncated")


def _unsupported(header: str, given: str, known: str) -> UnsupportedMedia:
    detail = f"{header} {echo(given)} is not read here; send the body with {known} or without this header."
    return UnsupportedMedia(detail, "unsupported_encoding")
