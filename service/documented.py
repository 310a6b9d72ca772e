"""What ``openapi.yaml`` says of an operation beside its arguments: bodies, answers, refusals, headers.

Nothing here is called while a request is answered.
"""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from http import HTTPStatus
from typing import Any, NamedTuple, TypeVar

from marshmallow import Schema

View = TypeVar("View", bound=Callable[..., Any])

JSON, CSV = "application/json", "text/csv"
# What any operation may answer: a query that is wrong, a defect of ours, Redis away.
ALWAYS = (400, 500, 503)
WITH_BODY = (403, 408, 413, 415, 422)


def _text(about: str, *, required: bool = False, example: str | None = None, **schema: str) -> dict[str, Any]:
    """A header: in an answer, where ``required`` says that it is always there, or in a request."""
    found: dict[str, Any] = {"description": about, "schema": {"type": "string", **schema}}
    return found | ({"required": True} if required else {}) | ({"example": example} if example else {})


HEADERS = {
    "X-Request-ID": _text("The request's id: the one it came with, or a new one.", required=True),
    "Idempotency-Replayed": _text("There where this answer was given before.", pattern="^true$"),
    "Location": _text("Where the new thing is.", required=True, format="uri-reference"),
    "ETag": _text("Another one whenever the document is another.", required=True, example='W/"running.17.None"'),
    "Retry-After": _text("Seconds until it makes sense to ask again.", pattern="^[0-9]+$"),
    "Content-Disposition": _text("It is a file, and its name."),
    "Link": _text("The following page (RFC 8288), where there is one."),
}
PARAMETERS = {
    "X-Request-ID": _text("An id for this request in answers and logs; printable ASCII, at most 100 characters."),
    "Idempotency-Key": _text(
        "Sent again with its key within a day, an equal request is answered again and does nothing; printable ASCII, "
        "at most 255 characters.",
        example="8d1c2b54-7f0b-4a57-9d6c-0d1a5b7c9e11",
    ),
    "If-None-Match": _text("The `ETag` of an earlier answer: 304 while it still holds."),
    "Prefer": _text("`wait=N`: as the argument `wait` (RFC 7240).", example="wait=30"),
}


class Answer(NamedTuple):
    """One way in which an operation answers: its status, its document, the headers that it may have."""

    status: int
    about: str
    schema: type[Schema] | Schema | Mapping[str, Any] | None = None
    headers: tuple[str, ...] = ()
    media: str = JSON

    def document(self) -> dict[str, Any]:
        """The response object."""
        found: dict[str, Any] = {"description": self.about, "headers": header_names(*self.headers)}
        return found | ({"content": {self.media: {"schema": self.schema}}} if self.schema is not None else {})


def documented(
    *answers: Answer, errors: Sequence[int] = (), takes: Sequence[str] = (), body: Mapping[str, Any] | None = None
) -> Callable[[View], View]:
    """Describe an operation: its answers, the refusals that only it has, its request headers and its body.

    Stands between ``route`` and ``arguments``; the view stays as it is.
    """
    refused = sorted({*ALWAYS, *errors, *(WITH_BODY if body else ())})
    responses: dict[int, Any] = {status: HTTPStatus(status).name for status in refused}
    for answer in answers:
        responses[answer.status] = _merged(responses.get(answer.status), answer.document())

    def describe(view: View) -> View:
        docs = deepcopy(getattr(view, "_apidoc", {}))
        parameters = docs.setdefault("arguments", {}).setdefault("parameters", [])
        parameters.extend(["X-Request-ID", *takes])
        docs["manual_doc"] = {"operationId": view.__name__, "responses": dict(sorted(responses.items()))}
        docs["manual_doc"] |= {"requestBody": body} if body else {}
        view._apidoc = docs  # type: ignore[attr-defined] # where flask-smorest keeps what it was told
        return view

    return describe


def header_names(*more: str) -> dict[str, str]:
    """The headers of an answer, as names of components."""
    return {name: name for name in ("X-Request-ID", *more)}


def _merged(before: Any, answer: dict[str, Any]) -> dict[str, Any]:
    """Two answers of one status differ in their media types."""
    if isinstance(before, dict):
        return {**before, "content": before["content"] | answer["content"]}
    return answer
