"""The parts of a multipart body (RFC 7578): the file is spooled while it arrives, the fields are short."""

from collections.abc import Callable, Collection, Iterable, Iterator
from functools import partial
from typing import NamedTuple

from multipart import MultipartError, MultipartSegment, ParserLimitReached, PushMultipartParser

from contract.errors import BadRequest, TooLarge
from contract.fields import echo
from service.body import MAX_JSON
from service.spool import Spool

FILE = "file"
MAX_PARTS = 100
MAX_FIELD = 500_000
# A file's name is a label, so a long one is cut and not refused.
MAX_HEADER = 16 << 10


class Form(NamedTuple):
    """What came: the name that the file had where it came from, None where no file came, and the fields' bytes."""

    file_name: str | None
    fields: dict[str, bytes]


def read_form(boundary: str, body: Iterable[bytes], known: Collection[str], file: Spool) -> Form:
    """Read a multipart body; the part called ``file`` goes to the spool, the others are fields.

    A field may come as a file too (``curl -F settings=@settings.json``). Raises ``BadRequest`` for what is no multipart
    body or holds a part that is not known or stands twice, and ``TooLarge`` for too many or too long parts.
    """
    file_name, fields, wrong = None, dict[str, bytearray](), list[BadRequest]()
    write: Callable[[bytes], object] = file.write
    for event in _events(boundary, body):
        if not isinstance(event, MultipartSegment):
            write(event)
            continue
        name, as_file = event.name or "", event.filename is not None
        if refusal := _refusal(name, known, {*fields, *([FILE] if file_name is not None else [])}):
            # Said at the end only, for what is wrong with the body as a whole goes first.
            wrong.append(refusal)
            write = len
        elif name == FILE and as_file:
            file_name, write = event.filename, file.write
        else:
            fields[name] = bytearray()
            write = partial(_append, fields[name], MAX_JSON if as_file else MAX_FIELD)
    if wrong:
        raise wrong[0]
    return Form(file_name, {name: bytes(text) for name, text in fields.items()})


def _append(field: bytearray, limit: int, piece: bytes) -> None:
    field += piece
    if len(field) > limit:
        raise TooLarge(f"A field of the form is longer than the {limit} bytes that this server takes.")


def _events(boundary: str, body: Iterable[bytes]) -> Iterator[MultipartSegment | bytes]:
    try:
        parser = PushMultipartParser(boundary, max_header_size=MAX_HEADER, max_segment_count=MAX_PARTS)
        for piece in body:
            yield from (event for event in parser.parse(piece) if event is not None)
        parser.close()
    except ParserLimitReached as error:
        detail = f"The form has more than {MAX_PARTS} parts, or a part's header is longer than {MAX_HEADER} bytes."
        raise TooLarge(detail) from error
    except MultipartError as error:
        detail = f"The body is not the complete multipart form that its Content-Type announces ({error.args[0]})."
        raise BadRequest(detail, "malformed_multipart") from error


def _refusal(name: str, known: Collection[str], seen: Collection[str]) -> BadRequest | None:
    if name not in known:
        return BadRequest(f"There is no part {echo(name)}; there are: {', '.join(known)}.", "unknown_part")
    return BadRequest(f"The part {name!r} stands twice.", "duplicate_part") if name in seen else None
