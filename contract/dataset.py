"""A dataset as the API shows it and the store keeps it: what was in the CSV, column by column, without the cells.

The cells themselves are a file of their own: ``contract/dataset_file.py``.
"""

from collections.abc import Mapping
from math import isfinite
from typing import Any, Literal, NamedTuple

ColumnType = Literal["number", "category"]
KEPT_LEVELS = 1000


class Dialect(NamedTuple):
    """How the CSV was written; ``header`` says whether its first line holds the names."""

    delimiter: str = ","
    decimal: str = "."
    header: bool = True
    encoding: str = "utf-8"


class ColumnSummary(NamedTuple):
    """One column. Numbers have min, max, mean and population std; categories have their levels in code-point order.

    A figure is None where there is no finite one (no cell but missing ones, or an overflow). ``levels`` counts the
    distinct categories; a column with more than ``KEPT_LEVELS`` has ``levels == KEPT_LEVELS + 1``, no ``categories``.
    """

    name: str
    type: ColumnType
    missing: int
    min: float | None = None
    max: float | None = None
    mean: float | None = None
    std: float | None = None
    categories: tuple[str, ...] = ()
    levels: int = 0

    @property
    def has_too_many_levels(self) -> bool:
        """Whether it has more categories than are told apart."""
        return self.levels > KEPT_LEVELS

    @property
    def told_levels(self) -> str:
        """How many categories it has, as sentences say it."""
        return f"more than {KEPT_LEVELS}" if self.has_too_many_levels else str(self.levels)

    def to_json(self) -> dict[str, Any]:
        """The object under ``columns``; ``levels`` stands there only where ``categories`` are too many to be kept."""
        head = {"name": self.name, "type": self.type, "missing": self.missing}
        if self.type == "number":
            return head | {"min": self.min, "max": self.max, "mean": self.mean, "std": self.std}
        kept = {"categories": list(self.categories)}
        return head | kept if self.levels == len(self.categories) else head | kept | {"levels": self.levels}


class Dataset(NamedTuple):
    """An uploaded CSV: size and digest of its bytes, its dialect, warnings ``{code, detail, pointer}``, its columns.

    The store fills in the times, RFC 3339 in UTC.
    """

    id: str
    name: str | None
    rows: int
    bytes: int
    sha256: str
    dialect: Dialect
    columns: tuple[ColumnSummary, ...]
    warnings: tuple[Mapping[str, Any], ...] = ()
    created_at: str | None = None
    expires_at: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The dataset as the HTTP contract shows it."""
        return self._asdict() | {
            "dialect": self.dialect._asdict(),
            "columns": [column.to_json() for column in self.columns],
            "warnings": [dict(warning) for warning in self.warnings],
        }


def from_json(document: Mapping[str, Any]) -> Dataset:
    """The dataset that ``to_json`` described."""
    parts = {
        "dialect": Dialect(**document["dialect"]),
        "columns": tuple(_column(column) for column in document["columns"]),
        "warnings": tuple(document["warnings"]),
    }
    return Dataset(**{**document, **parts})


def finite(value: float) -> float | None:
    """The number where JSON can hold it, else None."""
    return float(value) if isfinite(value) else None


def _column(document: Mapping[str, Any]) -> ColumnSummary:
    categories = tuple(document.get("categories", ()))
    return ColumnSummary(**{"levels": len(categories), **document, "categories": categories})
