"""How a CSV is written, guessed from its first lines: delimiter, decimal sign, header, types of the columns.

The types are a first guess: reading holds them against every cell (``csv_reader``).
"""

from collections.abc import Container, Sequence
from io import StringIO
from itertools import islice
from typing import IO

from contract.dataset import ColumnType, Dialect
from contract.errors import InvalidCsv
from service.csv_cells import BLANKS, are_numbers, is_number, other_decimal
from service.csv_header import as_category, checked_types, column_names
from service.csv_options import DELIMITERS, CsvLimits, CsvOptions, CsvPlan
from service.csv_sample import SAMPLE_ROWS, read_sample, records


def sniff(source: IO[bytes], options: CsvOptions, limits: CsvLimits) -> CsvPlan:
    """Look at the head of a file; raises ``InvalidCsv`` or, for what is no CSV at all, ``UnsupportedMedia``."""
    sample = read_sample(source, limits)
    delimiter = _checked_delimiter(sample.text, options.delimiter)
    first, *rows = records(sample.text, delimiter)
    if len(first) > limits.columns:
        detail = f"The first line has {len(first)} columns; this server takes at most {limits.columns}."
        raise InvalidCsv("too_many_columns", detail)
    decimal = options.decimal or _decimal(delimiter, [first, *rows])
    header = options.header if options.header is not None else not _all_numbers(first, decimal, options.missing_values)
    names = column_names(first, options.header, header, decimal)
    forced = checked_types(names, options.expect(names) if options.expect else options.types)
    guessed = _types(rows if header else [first, *rows], len(first), decimal, options.missing_values)
    types = tuple(forced.get(name, kind) for name, kind in zip(names, guessed, strict=True))
    if options.decimal:
        _check_decimal(rows, names, types, forced, decimal)
    # No name holds a line end, so the names take one line.
    start = sample.offset + (len(next(StringIO(sample.text, newline="")).encode()) if header else 0)
    dialect = Dialect(delimiter, decimal, header)
    return CsvPlan(dialect, names, types, options.missing_values, sample.newline, start, frozenset(forced), limits)


def _checked_delimiter(text: str, asked: str | None) -> str:
    """The delimiter that was asked for, unless the first line knows only another one."""
    found = _delimiter(text)
    head = next(records(text, asked or found))
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
    rows = list(islice(records(text, delimiter), SAMPLE_ROWS // 2))
    cells = [cell for row in rows for cell in row]
    others = DELIMITERS.replace(delimiter, "")
    clean = sum(is_number(cell, ",") or not any(sign in cell for sign in others) for cell in cells)
    even = sum(len(row) == len(rows[0]) for row in rows)
    return even / len(rows), clean / len(cells), len(rows[0])


def _decimal(delimiter: str, rows: Sequence[Sequence[str]]) -> str:
    """A comma where more numbers have one than have a point; never beside commas between the cells."""
    if delimiter == ",":
        return "."
    commas = sum("," in cell and is_number(cell, ",") for row in rows for cell in row)
    points = sum("." in cell and is_number(cell, ".") for row in rows for cell in row)
    return "," if commas > points else "."


def _check_decimal(
    rows: Sequence[Sequence[str]], names: Sequence[str], types: Sequence[ColumnType], forced: Container[str], asked: str
) -> None:
    """Refuse a decimal sign with which a column is text whose cells are all numbers with the other sign."""
    other = other_decimal(asked)
    for k, name in enumerate(names):
        cells = [row[k] for row in rows if k < len(row)]
        text = types[k] == "category" and name not in forced
        if text and cells and all(other in cell and is_number(cell, other) for cell in cells):
            detail = f"decimal={asked!r} does not fit column {name}, which holds {cells[0]!r}: send decimal={other!r}"
            raise InvalidCsv("wrong_decimal", f"{detail}, or {as_category(name)} to read it as categories.")


def _all_numbers(cells: Sequence[str], decimal: str, missing: Sequence[str]) -> bool:
    return all(cell.strip(BLANKS) in missing or is_number(cell, decimal) for cell in cells)


def _types(rows: Sequence[Sequence[str]], width: int, decimal: str, missing: Sequence[str]) -> list[ColumnType]:
    return [_type([row[k] for row in rows if k < len(row)], decimal, missing) for k in range(width)]


def _type(cells: Sequence[str], decimal: str, missing: Sequence[str]) -> ColumnType:
    """Numbers where half or more of the cells that are not missing are numbers."""
    if are_numbers(cells, decimal):
        return "number"
    known = [cell for cell in cells if cell.strip(BLANKS) not in missing]
    return "number" if 2 * sum(is_number(cell, decimal) for cell in known) >= len(known) else "category"
