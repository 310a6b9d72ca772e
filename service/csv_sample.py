"""The first lines of a CSV, as text: encoding, line ends, and whether it is a CSV at all."""

import csv
import re
from collections.abc import Iterator
from io import StringIO
from itertools import chain
from typing import IO, NamedTuple

from contract.errors import CellError, InvalidCsv, UnsupportedMedia
from service.csv_blocks import Block
from service.csv_check import SENTINEL, UNCLOSED, Place, not_utf8
from service.csv_options import CsvLimits

SAMPLE = 1 << 16
SAMPLE_ROWS, SAMPLE_CELLS = 25, 2000
QUOTED = re.compile(rb'"[^"]*"')
MARKUP = re.compile(rb"\s*(<(!doctype|html|\?xml)|\[?\s*\{\s*\"\w+\"\s*:)", re.IGNORECASE)
BOM = b"\xef\xbb\xbf"
OTHER_FORMATS = {
    b"PK\x03\x04": "a ZIP or Excel file", b"\xd0\xcf\x11\xe0": "an old Excel file", b"%PDF": "a PDF",
    b"\x1f\x8b": "gzip data", b"PAR1": "a Parquet file", b"ARROW1": "an Arrow file", b"SQLite format": "a database",
}  # fmt: skip


class Sample(NamedTuple):
    """The first complete lines: bytes before the text (BOM), the text, and the byte that ends its lines."""

    offset: int
    text: str
    newline: bytes


def read_sample(source: IO[bytes], limits: CsvLimits) -> Sample:
    """The head of a file; raises ``InvalidCsv`` or, for what is no CSV at all, ``UnsupportedMedia``."""
    data, complete = _head(source, limits)
    _refuse_other_formats(data)
    offset = len(BOM) if data.startswith(BOM) else 0
    bare = QUOTED.sub(b"", data)
    if b"\r\r\n" in bare:
        detail = "Lines end with CR CR LF, so every second one is blank; write the file again with LF or CR LF."
        raise InvalidCsv("bad_line_ends", detail)
    newline = b"\n" if b"\n" in bare or b"\r" not in bare else b"\r"
    if not complete:
        data = data[: data.rfind(newline) + 1]
    text = _decoded(data[offset:], offset)
    if not text.strip("\r\n"):
        raise InvalidCsv("empty_dataset", "The file is empty; a CSV has a line of names and at least one row.")
    if text[0] in "\r\n":
        raise InvalidCsv("bad_header", "The first line is blank; the file must begin with the names of the columns.")
    return Sample(offset, text, newline)


def _head(source: IO[bytes], limits: CsvLimits) -> tuple[bytes, bool]:
    """The first lines, at least four unless the file or the limit of a line ends before, and whether that is all."""
    source.seek(0)
    data, wanted = b"", SAMPLE
    while len(data) < wanted:
        chunk = source.read(wanted - len(data))
        if not chunk:
            return data, True
        data += chunk
        if len(data) == wanted and max(data.count(b"\n"), data.count(b"\r")) < 4 and wanted <= limits.line:
            wanted *= 4
    if not (b"\n" in data or b"\r" in data):
        raise InvalidCsv("line_too_long", f"The first line is longer than {limits.line} bytes; is this a CSV?")
    return data, False


def _refuse_other_formats(data: bytes) -> None:
    for magic, what in OTHER_FORMATS.items():
        if data.startswith(magic):
            raise UnsupportedMedia(f"This is {what}, not a CSV; export the table as CSV (UTF-8).", "not_csv")
    if MARKUP.match(data):
        raise UnsupportedMedia(
            "This looks like HTML or JSON, not like a CSV; export the table as CSV (UTF-8).", "not_csv"
        )
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in data[:2] or b"\0\0" in data[:4]:
        raise InvalidCsv("not_utf8", "The file is UTF-16 or UTF-32; save it as UTF-8.")


def _decoded(data: bytes, offset: int) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise not_utf8(error, Block(data, offset), Place(0, 0)) from error


def records(text: str, delimiter: str) -> Iterator[list[str]]:
    """The first records; how many depends on their width, so that a wide file is not sniffed for long.

    Raises ``InvalidCsv`` where the first one does not end; a later one may go on below the sample and is left out.
    """
    reader = csv.reader(chain(StringIO(text, newline=""), [SENTINEL]), delimiter=delimiter)
    cells = line = 0
    try:
        for count, row in enumerate(reader, 1):
            if row and row[-1].endswith(SENTINEL):
                if count == 1:
                    raise _refused("unterminated_quote", 1, UNCLOSED)
                return
            cells, line = cells + len(row), reader.line_num
            yield row
            if count > SAMPLE_ROWS or (cells > SAMPLE_CELLS and count > SAMPLE_ROWS // 10):
                return
    except csv.Error as error:
        # The only error that is left to it: a cell of more than 131,072 characters.
        if reader.line_num == line + 1:
            what = "a cell has more than 131,072 characters; shorten it."
            raise _refused("cell_too_long", line + 1, what) from error
        raise _refused("unterminated_quote", line + 1, UNCLOSED) from error


def _refused(code: str, line: int, what: str) -> InvalidCsv:
    detail = f"Line {line}: {what}"
    return InvalidCsv(code, detail, [CellError(detail, line=line)])
