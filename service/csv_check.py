"""The careful look at one block, cell by cell with the standard library: it knows rows and lines, and is slow.

It runs only on blocks that the fast pass could not read or has doubts about.
"""

import csv
import re
from collections.abc import Iterator
from io import StringIO
from itertools import chain, islice
from typing import NamedTuple

from contract.errors import MAX_PLACES, CellError, InvalidCsv
from service.csv_blocks import Block
from service.csv_cells import BLANKS, CONTROLS, has_long_exponent, is_finite, is_number
from service.csv_options import CsvPlan
from service.csv_parse import leaps_fail

MAX_VALUE = 100
CONTROL = re.compile(CONTROLS)
LINE_END = re.compile(rb"\r\n?|\n")
UNCLOSED = 'a quote is opened and never closed; close it, and write quotes inside a cell twice ("").'
SENTINEL = "\x00end"


class Place(NamedTuple):
    """Data rows and lines of the file above a block."""

    rows: int
    lines: int


class Record(NamedTuple):
    """The cells of one row, the row's number and its first line."""

    cells: list[str]
    row: int
    line: int


class Fault(NamedTuple):
    """What is wrong in one place."""

    code: str
    place: CellError


def check(block: Block, place: Place, plan: CsvPlan, *, numbers: bool) -> None:
    """Raise ``InvalidCsv`` for the first fault of a block, with the other places of the same kind.

    ``numbers`` looks also for numbers that are not finite or have too long an exponent; texts among numbers are for
    ``texts_among_numbers``.
    """
    _check_lines(block, place, plan)
    faults = _faults(_decoded(block, place), place, plan, numbers)
    first = next(faults, None)
    if first:
        more = islice((fault.place for fault in faults if fault.code == first.code), MAX_PLACES - 1)
        raise InvalidCsv(first.code, first.place.detail, [first.place, *more])


def texts_among_numbers(block: Block, place: Place, plan: CsvPlan, columns: list[int]) -> Iterator[CellError]:
    """The cells of these columns that are neither numbers nor missing."""
    for record in _records(_decoded(block, place), place, plan):
        for k in columns:
            cell = record.cells[k] if k < len(record.cells) else ""
            bare = cell.strip(BLANKS)
            if bare not in plan.missing and not is_number(bare, plan.dialect.decimal):
                yield _cell(record, plan.names[k], cell, "is not a number.")


def _check_lines(block: Block, place: Place, plan: CsvPlan) -> None:
    if not leaps_fail(block.data, plan.limits.line, [plan.newline]):
        return
    for number, line in enumerate(block.data.split(plan.newline), place.lines + 1):
        if len(line) > plan.limits.line:
            detail = f"Line {number} is longer than {plan.limits.line} bytes; are the line ends lost?"
            raise InvalidCsv("line_too_long", detail, [CellError(detail, line=number)])


def _decoded(block: Block, place: Place) -> str:
    try:
        return block.data.decode()
    except UnicodeDecodeError as error:
        raise not_utf8(error, block, place) from error


def not_utf8(error: UnicodeDecodeError, block: Block, place: Place) -> InvalidCsv:
    """The refusal of a block with such bytes."""
    line = place.lines + len(LINE_END.findall(block.data, 0, error.start)) + 1
    what = f"{block.data[error.start : error.start + 1]!r} (byte {block.offset + error.start} of the file)"
    detail = f"Line {line}: {what} is not UTF-8; save the file as UTF-8."
    return InvalidCsv("not_utf8", detail, [CellError(detail, line=line)])


def _records(text: str, place: Place, plan: CsvPlan) -> Iterator[Record]:
    """The rows; a line of our own at the end shows whether the last quote was closed."""
    lines = chain(StringIO(text, newline=""), [SENTINEL])
    reader = csv.reader(lines, delimiter=plan.dialect.delimiter)
    row, line = place.rows, place.lines
    try:
        for row, cells in enumerate(reader, place.rows + 1):
            if cells != [SENTINEL]:
                yield Record(cells, row, line + 1)
            line = place.lines + reader.line_num
    except csv.Error:
        # The only error that is left to it: a cell of more than 131,072 characters.
        one_line = place.lines + reader.line_num == line + 1
        yield Record(["x" * (plan.limits.cell + 1) if one_line else SENTINEL], row + 1, line + 1)


def _faults(text: str, place: Place, plan: CsvPlan, numbers: bool) -> Iterator[Fault]:
    controls = CONTROL.search(text) is not None
    for record in _records(text, place, plan):
        fault = _record_fault(record, plan)
        if fault:
            yield fault
            continue
        if controls:
            yield from _control_faults(record, plan)
        if numbers:
            yield from _number_faults(record, plan)


def _record_fault(record: Record, plan: CsvPlan) -> Fault | None:
    """A quote that does not end, a cell that is too long, or a row of another width."""
    cells, where = record.cells, f"Row {record.row} (line {record.line})"
    if cells and cells[-1].endswith(SENTINEL):
        return Fault("unterminated_quote", CellError(f"{where}: {UNCLOSED}", record.row, record.line))
    for name, cell in zip(plan.names, cells, strict=False):
        # A character has at most four bytes.
        if len(cell) > plan.limits.cell // 4 and len(cell.encode()) > plan.limits.cell:
            return _long_cell(record, name, cell, plan)
    if len(cells) == len(plan.names) or (not cells and len(plan.names) == 1):
        return None
    return Fault("ragged_row", CellError(f"{where} {_other_width(cells, plan)}", record.row, record.line))


def _other_width(cells: list[str], plan: CsvPlan) -> str:
    if not cells:
        return "is blank; delete it."
    return f"has {len(cells)} cell{'s' * (len(cells) > 1)}, the first line has {len(plan.names)}; {_cure(cells, plan)}."


def _cure(cells: list[str], plan: CsvPlan) -> str:
    delimiter, width = plan.dialect.delimiter, len(plan.names)
    if len(cells) < width:
        return "add what is missing"
    if not any(cells[width:]):
        return f"delete the {delimiter!r} at the end of the line"
    if width == 1:
        return "delete the first line if it is a title or a comment"
    return f"quote cells that hold a {delimiter!r}"


def _long_cell(record: Record, name: str, cell: str, plan: CsvPlan) -> Fault:
    if "\n" in cell:
        runs = f"runs over {cell.count(chr(10)) + 1} lines; is its closing quote missing?"
        return Fault("unterminated_quote", _cell(record, name, cell, runs))
    return Fault("cell_too_long", _cell(record, name, cell, f"is longer than {plan.limits.cell} bytes; shorten it."))


def unreadable(place: Place) -> InvalidCsv:
    """The refusal of a block in which no fault is found and that pyarrow cannot read all the same."""
    cure = 'write quotes inside cells twice ("") and enclose such cells in quotes.'
    return InvalidCsv("invalid_csv", f"Below line {place.lines} the cells cannot be told apart: {cure}")


def _control_faults(record: Record, plan: CsvPlan) -> Iterator[Fault]:
    for name, cell in zip(plan.names, record.cells, strict=False):
        if CONTROL.search(cell):
            yield Fault("control_character", _cell(record, name, cell, "holds a control character; delete it."))


def _number_faults(record: Record, plan: CsvPlan) -> Iterator[Fault]:
    decimal = plan.dialect.decimal
    for name, kind, cell in zip(plan.names, plan.types, record.cells, strict=False):
        bare = cell.strip(BLANKS)
        if kind != "number" or bare in plan.missing:
            continue
        if has_long_exponent(bare):
            yield Fault(
                "not_a_number", _cell(record, name, cell, "has an exponent of more than three digits; correct it.")
            )
        # pyarrow has read the block, so what is no number to us is one of its NaNs, such as nan(1).
        elif not is_number(bare, decimal) or not is_finite(bare, decimal):
            what = "is not a finite number; correct it or name it in missing_values."
            yield Fault("non_finite", _cell(record, name, cell, what))


def _cell(record: Record, name: str, cell: str, what: str) -> CellError:
    detail = f"Row {record.row}, column {name}: {_shown(cell)!r} {what}"
    return CellError(detail, record.row, record.line, name, _shown(cell))


def _shown(cell: str) -> str:
    return cell if len(cell) <= MAX_VALUE else f"{cell[:MAX_VALUE]}…"
