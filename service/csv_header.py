"""Names of the columns: from the first line, or c1 … cd where there is none."""

import csv
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from io import StringIO
from unicodedata import category

from contract.dataset import ColumnType
from contract.errors import InvalidCsv
from contract.fields import echo
from service.csv_cells import BLANKS, is_number

MAX_COLUMN_NAME = 256
MAX_SHOWN = 20


def column_names(first: Sequence[str], asked: bool | None, header: bool, decimal: str) -> tuple[str, ...]:
    """The names, blanks around them cut off; raises ``InvalidCsv`` with code ``bad_header``."""
    if not header:
        return tuple(f"c{k}" for k in range(1, len(first) + 1))
    if asked and all(is_number(cell, decimal) for cell in first):
        raise _bad("The first line holds only numbers: send header=false, or put the names of the columns there.")
    names = tuple(cell.strip(BLANKS) for cell in first)
    for k, name in enumerate(names, 1):
        _check_name(k, name)
    if len(set(names)) < len(names):
        doubles = [name for name, count in Counter(names).items() if count > 1]
        raise _bad(f"These names stand there more than once: {shown(doubles)}. Give every column a name of its own.")
    return names


def checked_types(names: Sequence[str], types: Mapping[str, ColumnType]) -> Mapping[str, ColumnType]:
    """The given types; raises ``InvalidCsv`` with code ``unknown_column`` for names that are no columns."""
    unknown = [echo(name) for name in types if name not in names]
    if unknown:
        detail = f"types: no such column: {shown(unknown)}. There are: {shown(names)}."
        raise InvalidCsv("unknown_column", detail)
    return types


def as_category(name: str) -> str:
    """The option that reads a column as categories, as it is sent."""
    return f"types={json.dumps({name: 'category'}, ensure_ascii=False)}"


def header_line(names: Sequence[str]) -> str:
    """The names as the first line of a CSV, with its end."""
    line = StringIO()
    csv.writer(line, lineterminator="\n").writerow(names)
    return line.getvalue()


def shown(names: Sequence[str]) -> str:
    """A list of names for a sentence, cut where it would be too long to read."""
    more = f" and {len(names) - MAX_SHOWN} more" if len(names) > MAX_SHOWN else ""
    return ", ".join(names[:MAX_SHOWN]) + more


def _check_name(k: int, name: str) -> None:
    if not (name.strip() and (name.isprintable() or any(map(_is_seen, name)))):
        index = " If it counts the rows, leave it out (pandas: to_csv(…, index=False))." if k == 1 else ""
        raise _bad(f"Column {k} has no name; give it one in the first line.{index}")
    if len(name) > MAX_COLUMN_NAME:
        raise _bad(f"The name of column {k} is longer than {MAX_COLUMN_NAME} characters (it begins {name[:50]!r}).")
    if not name.isprintable() and any(category(sign) in ("Cc", "Zl", "Zp") for sign in name):
        raise _bad(f"The name of column {k} holds control characters or line ends: {name[:50]!r}.")


def _is_seen(sign: str) -> bool:
    return sign.isprintable() and not sign.isspace()


def _bad(detail: str) -> InvalidCsv:
    return InvalidCsv("bad_header", detail)
