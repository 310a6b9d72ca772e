"""How a CSV is written, guessed from its first lines: encoding, delimiter, decimal sign, header, types of the columns.

The types are a first guess: reading holds them against every cell (``csv_reader``).
"""

import csv
import re
from collections.abc import Iterator, Sequence
from io import StringIO
from itertools import islice
from typing import IO, NamedTuple

from contract.dataset import ColumnType, Dialect
from contract.errors import InvalidCsv, UnsupportedMedia
from service.csv_cells import BLANKS, is_number
from service.csv_header import checked_types, column_names
from service.csv_options import CsvLimits, CsvOptions, Plan

SAMPLE = 1 << 16
SAMPLE_ROWS, SAMPLE_CELLS = 25, 2000
DELIMITERS = ",;\t|"
QUOTED = re.compile(rb'"[^"]*"')
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


def sniff(source: IO[bytes], options: CsvOptions, limits: CsvLimits) -> Plan:
    """Look at the head of a file; raises ``InvalidCsv`` or, for what is no CSV at all, ``UnsupportedMedia``."""
    sample = _sample(source, limits)
    delimiter = _checked_delimiter(sample.text, options.delimiter)
    first, *rows = _records(sample.text, delimiter)
    if len(first) > limits.columns:
        detail = f"The first line has {len(first)} columns; this server takes at most {limits.columns}."
        raise InvalidCsv("too_many_columns", detail)
    decimal = options.decimal or _decimal(delimiter, [first, *rows])
    header = options.header if options.header is not None else not _all_numbers(first, decimal, options.missing_values)
    names = column_names(first, options.header, header, decimal)
    forced = checked_types(names, options.types)
    guessed = _types(rows if header else [first, *rows], len(first), decimal, options.missing_values)
    types = tuple(forced.get(name, kind) for name, kind in zip(names, guessed, strict=True))
    # No name holds a line end, so the names take one line.
    start = sample.offset + (len(next(StringIO(sample.text, newline="")).encode()) if header else 0)
    dialect = Dialect(delimiter, decimal, header)
    return Plan(dialect, names, types, options.missing_values, sample.newline, start, frozenset(forced), limits)


def _sample(source: IO[bytes], limits: CsvLimits) -> Sample:
    data, complete = _head(source, limits)
    _refuse_other_formats(data)
    offset = len(BOM) if data.startswith(BOM) else 0
    bare = QUOTED.sub(b"", data)
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
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InvalidCsv("not_utf8", "The file is UTF-16; save it as UTF-8.")


def _decoded(data: bytes, offset: int) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        place = f"byte {offset + error.start}, line {line}: {data[error.start : error.start + 1]!r}"
        raise InvalidCsv("not_utf8", f"The file is not UTF-8 ({place}); save it as UTF-8.") from error


def _checked_delimiter(text: str, asked: str | None) -> str:
    """The delimiter that was asked for, unless the first line knows only another one."""
    found = _delimiter(text)
    head = next(_records(text, asked or found))
    if asked in (None, found) or len(head) > 1 or found not in head[0]:
        return asked or found
    detail = f"The first line has no {asked!r} between its cells; it looks as if delimiter={found!r} were right."
    raise InvalidCsv("wrong_delimiter", detail)


def _delimiter(text: str) -> str:
    """The delimiter that cuts the first lines into the most even table, a comma where none does."""
    head = text[: text.find("\n") + 1] or text
    found = [delimiter for delimiter in DELIMITERS if delimiter in head] or [","]
    return found[0] if len(found) == 1 else max(found, key=lambda delimiter: _evenness(text, delimiter))


def _evenness(text: str, delimiter: str) -> tuple[float, float, int]:
    """How many rows are as wide as the first, how many cells hold no other delimiter (decimal commas do not count)."""
    rows = list(islice(_records(text, delimiter), SAMPLE_ROWS // 2))
    cells = [cell for row in rows for cell in row]
    others = DELIMITERS.replace(delimiter, "")
    clean = sum(is_number(cell, ",") or not any(sign in cell for sign in others) for cell in cells)
    even = sum(len(row) == len(rows[0]) for row in rows)
    return even / len(rows), clean / len(cells), len(rows[0])


def _records(text: str, delimiter: str) -> Iterator[list[str]]:
    """The first records; how many depends on their width, so that a wide file is not sniffed for long."""
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter)
    cells = line = 0
    try:
        for count, row in enumerate(reader, 1):
            cells, line = cells + len(row), reader.line_num
            yield row
            if count > SAMPLE_ROWS or (cells > SAMPLE_CELLS and count > SAMPLE_ROWS // 10):
                return
    except csv.Error as error:
        # The only error that is left to it: a cell of more than 131,072 characters.
        if reader.line_num == line + 1:
            detail = f"Line {line + 1} holds a cell of more than 131,072 characters; shorten it."
            raise InvalidCsv("cell_too_long", detail) from error
        detail = f"A quoted cell that begins in line {line + 1} does not end; is its closing quote missing?"
        raise InvalidCsv("unterminated_quote", detail) from error


def _decimal(delimiter: str, rows: Sequence[Sequence[str]]) -> str:
    """A comma where more numbers have one than have a point; never beside commas between the cells."""
    if delimiter == ",":
        return "."
    commas = sum("," in cell and is_number(cell, ",") for row in rows for cell in row)
    points = sum("." in cell and is_number(cell, ".") for row in rows for cell in row)
    return "," if commas > points else "."


def _all_numbers(cells: Sequence[str], decimal: str, missing: Sequence[str]) -> bool:
    return all(cell.strip(BLANKS) in missing or is_number(cell, decimal) for cell in cells)


def _types(rows: Sequence[Sequence[str]], width: int, decimal: str, missing: Sequence[str]) -> list[ColumnType]:
    """Numbers where half or more of the cells that are not missing are numbers."""
    known, numbers = [0] * width, [0] * width
    for row in rows:
        for k, cell in enumerate(row[:width]):
            if cell.strip(BLANKS) not in missing:
                known[k] += 1
                numbers[k] += is_number(cell, decimal)
    return ["number" if 2 * n >= all_ else "category" for n, all_ in zip(numbers, known, strict=True)]
