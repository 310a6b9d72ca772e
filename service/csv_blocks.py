"""A CSV file in blocks of whole records.

A block ends at a line end that an even number of quotes precedes. Quotes inside unquoted cells can deceive that rule:
where no such line end comes, the standard library tells the records apart, and whoever parses a block looks at its
quotes (``csv_quotes``).
"""

import csv
from collections.abc import Iterator
from contextlib import suppress
from io import StringIO
from typing import IO, NamedTuple

import numpy as np

from service.csv_options import CsvPlan

BLOCK = 2 << 20
BYTES_PER_COLUMN = 2 << 10
MAX_BLOCK = 16 << 20


class Block(NamedTuple):
    """Whole records, and where they begin in the file."""

    data: bytes
    offset: int


def block_size(columns: int) -> int:
    """Bytes of a block: enough rows for a fixed cost per column to vanish, few enough for the processor's cache."""
    return min(max(BLOCK, BYTES_PER_COLUMN * columns), MAX_BLOCK)


def cut(source: IO[bytes], plan: CsvPlan, size: int) -> Iterator[Block]:
    """The blocks of the data rows, in order, of about ``size`` bytes.

    A record that does not end within the longest line allowed comes as it is, as the last block, to be refused.
    """
    offset, rest = plan.start, b""
    source.seek(offset)
    while chunk := source.read(size):
        data = rest + chunk
        records = _records_end(data, plan.newline)
        end = _above_blank_lines(data, records, plan.newline)
        if not end and len(data) > plan.limits.line:
            end = records or _exact_end(data, plan.dialect.delimiter)
        if end:
            yield Block(data[:end], offset)
        elif len(data) > plan.limits.line:
            yield Block(data, offset)
            return
        offset, rest = offset + end, data[end:]
    rest = rest.rstrip(b"\r\n")
    if rest:
        yield Block(rest + plan.newline, offset)


def lines_above(source: IO[bytes], offset: int, newline: bytes) -> int:
    """How many lines of the file end before this byte; the place in the file stays where it was."""
    at = source.tell()
    source.seek(0)
    lines = sum(source.read(min(BLOCK, offset - start)).count(newline) for start in range(0, offset, BLOCK))
    source.seek(at)
    return lines


def _records_end(data: bytes, newline: bytes) -> int:
    """The place behind the last line end outside of quotes; 0 where there is none."""
    if b'"' not in data:
        return data.rfind(newline) + 1
    quotes = np.flatnonzero(np.frombuffer(data, np.uint8) == ord('"'))
    bounds = np.concatenate([[0], quotes, [len(data)]])
    for k in range((len(quotes) // 2) * 2, -1, -2):
        end = data.rfind(newline, bounds[k], bounds[k + 1]) + 1
        if end:
            return end
    return 0


def _exact_end(data: bytes, delimiter: str) -> int:
    """The place behind the last record but one, for the last may go on; 0 where there is only one."""
    text = StringIO(data.decode("latin-1"), newline="")
    before = end = 0
    with suppress(csv.Error):
        for _ in csv.reader(text, delimiter=delimiter):
            before, end = end, text.tell()
    return before


def _above_blank_lines(data: bytes, end: int, newline: bytes) -> int:
    """The place behind the last line that is not blank: blank lines may turn out to be the end of the file."""
    line = data.rfind(newline, 0, max(end - 1, 0)) + 1
    if data[line:end].strip(b"\r\n"):
        return end
    text = len(data[:end].rstrip(b"\r\n"))
    return data.find(newline, text) + 1 if text else 0
