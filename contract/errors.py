"""Everything that can be refused, as one tree.

ThalwegError
├── BadRequest            the request cannot be read (syntax)
├── Unprocessable         it can be read and makes no sense (meaning)
│   ├── InvalidSettings   … in the settings: one FieldError for each place
│   │   ├── InvalidSweep  … in the settings of a sweep
│   │   └── InvalidRows   … in rows to be predicted
│   └── InvalidCsv        … in the CSV: one CellError for each place
├── CrossSite             a page of another site asks for a change
├── NotFound              no such thing, or not yours
├── Conflict              the thing is in a state that does not allow this
│   ├── InFlight          … yet: the same request is under way
│   └── NotYet            … yet: it is on its way there
├── TooLarge              the body is larger than the limit
├── TooSlow               the body does not come in time
├── UnsupportedMedia      not a media type that this route reads
├── InputCorrupt          a dataset's file is gone, damaged, or not the one that its record describes
└── Unavailable           storage or queue cannot be reached, or has no room
    └── StorageFull

``code`` is the machine's word for the error and part of the HTTP contract; ``detail`` is a sentence for a person
that names the place and the cure. The numbers that HTTP uses for them stand in ``service/errors.py``.
"""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any, NamedTuple

MAX_PLACES = 20


class FieldError(NamedTuple):
    """One wrong place in a JSON document: its JSON pointer (RFC 6901) and what to do about it."""

    pointer: str
    detail: str
    code: str | None = None


class CellError(NamedTuple):
    """One wrong place in a CSV: data row (1 = first below the header), line of the file, column name, cell text."""

    detail: str
    row: int | None = None
    line: int | None = None
    column: str | None = None
    value: str | None = None


class ThalwegError(Exception):
    """Root of the tree; ``code`` names the error for machines, ``detail`` says it to people."""

    code = "internal"
    title = "Internal error"

    def __init__(self, detail: str, code: str | None = None, title: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code or self.code
        self.title = title or self.title

    def places(self) -> list[dict[str, Any]]:
        """The wrong places, one object each, as they appear under ``errors`` of the answer."""
        return []


class BadRequest(ThalwegError):
    """The request cannot be read."""

    code = "bad_request"
    title = "Bad request"


class Unprocessable(ThalwegError):
    """The request can be read and makes no sense."""

    code = "unprocessable"
    title = "Unprocessable content"


class InvalidSettings(Unprocessable):
    """Settings that cannot be run, with every wrong place, or the first ``MAX_PLACES`` of them."""

    code = "invalid_settings"
    title = "Invalid settings"

    def __init__(self, errors: Iterable[FieldError], code: str | None = None) -> None:
        self.errors = tuple(islice(errors, MAX_PLACES))
        first, others = self.errors[0], len(self.errors) - 1
        where = f"{first.pointer.lstrip('/').replace('/', '.')}: " if first.pointer else ""
        more = f" (and {others if others < MAX_PLACES - 1 else 'many'} more)" if others else ""
        super().__init__(f"{where}{first.detail}{more}", code or first.code)

    def places(self) -> list[dict[str, Any]]:
        """The wrong places as JSON pointers with their sentences."""
        return [{"pointer": error.pointer, "detail": error.detail} for error in self.errors]


class InvalidSweep(InvalidSettings):
    """A sweep that cannot be run; the pointers lead into its document."""

    code = "invalid_sweep"
    title = "Invalid sweep"


class InvalidRows(InvalidSettings):
    """Rows that a model cannot predict, with the places that show why."""

    code = "invalid_rows"
    title = "Invalid rows"


class InvalidCsv(Unprocessable):
    """A CSV that cannot become a dataset, with the places that show why."""

    code = "invalid_csv"
    title = "Invalid CSV"

    def __init__(self, code: str, detail: str, errors: Sequence[CellError] = ()) -> None:
        super().__init__(detail, code)
        self.errors = tuple(errors)

    def places(self) -> list[dict[str, Any]]:
        """The wrong cells by row, line, column and value."""
        return [{k: v for k, v in error._asdict().items() if v is not None} for error in self.errors]


class CrossSite(ThalwegError):
    """A page of another site asks for a change."""

    code = "cross_site"
    title = "Request of another site"


class NotFound(ThalwegError):
    """There is no such thing: ``what`` it would be and its ``id`` are said where it is not of the path."""

    code = "not_found"
    title = "Not found"

    def __init__(self, detail: str, what: str = "", id: str = "") -> None:  # noqa: A002 - the one word for it
        super().__init__(detail)
        self.what = what
        self.id = id


class Conflict(ThalwegError):
    """The thing's state does not allow this."""

    code = "conflict"
    title = "Conflict"


class InFlight(Conflict):
    """A request with the same idempotency key is under way."""

    code = "idempotency_in_flight"
    title = "Request under way"


class NotYet(Conflict):
    """The thing is on its way to a state that allows this."""

    code = "not_yet"
    title = "Not yet"


class TooLarge(ThalwegError):
    """The body is larger than this server takes."""

    code = "body_too_large"
    title = "Body too large"


class TooSlow(ThalwegError):
    """The body does not come in time."""

    code = "body_too_slow"
    title = "Body too slow"


class UnsupportedMedia(ThalwegError):
    """The body is of a type that this route does not read."""

    code = "unsupported_media_type"
    title = "Unsupported media type"


class InputCorrupt(ThalwegError):
    """The file of a dataset is gone, damaged, or not the one that its record describes."""

    code = "input_corrupt"
    title = "Dataset file unreadable"


class Unavailable(ThalwegError):
    """Redis cannot be reached or does not answer; the same request may succeed later."""

    code = "storage_unavailable"
    title = "Storage unavailable"


class StorageFull(Unavailable):
    """Redis has no room for another job."""

    code = "storage_full"
    title = "Storage full"
