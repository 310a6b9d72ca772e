"""What a client may say about a CSV, what this server takes, and what was found out about one file."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from contract.config import Config
from contract.dataset import ColumnType, Dialect

DELIMITERS = ",;\t|"
MISSING_VALUES = ("", "NA", "N/A", "NaN", "nan", "null", "#N/A")
NO_TYPES: Mapping[str, ColumnType] = MappingProxyType({})


def dialect_of(model: Mapping[str, Any]) -> Mapping[str, Any]:
    """How the CSV of a fitted model was written, with its missing values; the usual way where that is not known."""
    return model.get("dialect") or Dialect()._asdict() | {"missing_values": MISSING_VALUES}


class CsvOptions(NamedTuple):
    """The dataset options of a request; None means that the file decides.

    ``expect`` says of a file's names which types their columns have, or raises where a column is missing.
    """

    delimiter: str | None = None
    decimal: str | None = None
    header: bool | None = None
    missing_values: tuple[str, ...] = MISSING_VALUES
    types: Mapping[str, ColumnType] = NO_TYPES
    name: str | None = None
    expect: Callable[[Sequence[str]], Mapping[str, ColumnType]] | None = None


class CsvLimits(NamedTuple):
    """The largest CSV that is read: rows, columns, bytes of a line, bytes of a cell."""

    rows: int
    columns: int
    line: int
    cell: int

    @classmethod
    def of(cls, config: Config) -> "CsvLimits":
        """The limits that the operator set."""
        return cls(config.max_rows, config.max_columns, config.max_line, config.max_cell)


class CsvPlan(NamedTuple):
    """How one file is read.

    ``start`` is the byte where the first data row begins, ``newline`` the byte that ends a line; ``forced`` are the
    columns whose type the client gave.
    """

    dialect: Dialect
    names: tuple[str, ...]
    types: tuple[ColumnType, ...]
    missing: tuple[str, ...]
    newline: bytes
    start: int
    forced: frozenset[str]
    limits: CsvLimits
