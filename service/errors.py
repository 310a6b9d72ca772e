"""Every error as problem+json (RFC 9457). This is the one home of the numbers that HTTP uses for errors."""

import errno
from http import HTTPStatus
from typing import Any

import structlog
from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from contract import errors
from service.json_codec import dump

PROBLEM = "application/problem+json"
TYPES = "https://thalweg.dev/errors/"
# Seconds after which the same request may succeed.
RETRY_AFTER: dict[type[errors.ThalwegError], int] = {errors.InFlight: 1, errors.NotYet: 1, errors.Unavailable: 5}
NO_ROOM = (errno.ENOSPC, errno.EDQUOT)

# The first class that fits counts, so subclasses stand before their bases.
STATUS: list[tuple[type[errors.ThalwegError], int]] = [
    (errors.BadRequest, 400),
    (errors.CrossSite, 403),
    (errors.NotFound, 404),
    (errors.TooSlow, 408),
    (errors.Conflict, 409),
    (errors.TooLarge, 413),
    (errors.UnsupportedMedia, 415),
    (errors.Unprocessable, 422),
    (errors.Unavailable, 503),
    (errors.ThalwegError, 500),
]
CODES = {413: "body_too_large"}
INTERNAL = "Something went wrong on our side; the log entry with this request_id says what."
KEPT_BACK = ("content-type", "content-length")

log = structlog.get_logger()


def register_errors(app: Flask) -> None:
    """Answer every exception of a request as problem+json."""
    app.register_error_handler(errors.ThalwegError, answer_error)
    app.register_error_handler(HTTPException, answer_http_exception)
    app.register_error_handler(Exception, answer_unexpected)


def status_of(error: errors.ThalwegError) -> int:
    """The HTTP status for an error of the tree."""
    return next(status for kind, status in STATUS if isinstance(error, kind))


def answer_error(error: errors.ThalwegError) -> Response:
    """An error of our own tree."""
    status = status_of(error)
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error(error.code, exc_info=error, path=request.path, detail=error.detail)
    answer = _problem(status, error.code, error.title, error.detail, error.places())
    for kind, seconds in RETRY_AFTER.items():
        if isinstance(error, kind):
            answer.headers["Retry-After"] = str(seconds)
    if error.code == "unsupported_encoding":
        answer.headers["Accept-Encoding"] = "gzip"  # RFC 9110, 15.5.16
    return answer


def answer_http_exception(error: HTTPException) -> Response:
    """An error that Flask or Werkzeug raised; its headers (``Allow``, ``Retry-After``) are kept."""
    status = error.code or 500
    name, phrase = HTTPStatus(status).name.lower(), HTTPStatus(status).phrase
    detail = CURES.get(status) or error.description or phrase
    answer = _problem(status, CODES.get(status, name), phrase, detail, [])
    answer.headers.extend([(k, v) for k, v in error.get_headers() if k.lower() not in KEPT_BACK])
    return answer


def answer_unexpected(error: Exception) -> Response:
    """A full disk, or a defect of ours: the trace goes to the log, the request id to the client."""
    if isinstance(error, OSError) and error.errno in NO_ROOM:
        log.error("disk_full", exc_info=error)
        return answer_error(errors.StorageFull("The disk of this server is full; its operator can make room."))
    log.error("unexpected_error", exc_info=error, path=request.path)
    return _problem(500, "internal", "Internal error", INTERNAL, [])


CURES = {
    400: "The request breaks off, or is not as HTTP wants it.",
    404: "There is nothing at this path; GET /docs shows all of them.",
    405: "This path does not take that method; the Allow header lists those that it takes.",
    413: "The body is larger than this server takes (THALWEG_MAX_BODY).",
}


def _problem(status: int, code: str, title: str, detail: str, places: list[dict[str, Any]]) -> Response:
    document = {
        "type": TYPES + code,
        "title": title,
        "status": status,
        "code": code,
        "detail": detail,
        "request_id": g.get("request_id"),
        "errors": places,
    }
    return Response(dump(document, pretty="pretty" in request.args), status, content_type=PROBLEM)
