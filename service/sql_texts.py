"""Names, texts, numbers and cells as SQL that SQLite and PostgreSQL read alike, and the parts of a query."""

from collections.abc import Mapping, Sequence
from math import isinf, isnan
from typing import Any, Final, NamedTuple

LARGEST: Final = "1.79e308"
"""Nearly the largest number of float64, which not every database reads."""

INFINITE: Final = "cosh(1000.0)"
"""What both answer as infinity, where other ways to it are errors of PostgreSQL's."""

LARGEST_POWER, SMALLEST_POWER = "709.78", "-745"
"""Beyond them e^x is none of float64's numbers, or zero; PostgreSQL refuses both."""

Columns = Sequence[tuple[str, str]]


class Stage(NamedTuple):
    """A WITH query: its name, its columns by their names, and what it reads."""

    name: str
    columns: Columns
    source: str


class Query(NamedTuple):
    """Stages in order, and the columns that are answered from the last one."""

    stages: Sequence[Stage]
    shown: Columns


def quoted(name: str) -> str:
    """An identifier."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """A string."""
    return "'" + value.replace("'", "''") + "'"


def number(value: float | None) -> str:
    """A number; NULL where it is none, and zero for what is too small for some databases to read."""
    if value is None or isnan(value):
        return "NULL"
    if isinf(value):
        return INFINITE if value > 0.0 else f"(- {INFINITE})"
    return repr(float(value)) if abs(value) >= 1e-300 else "0.0"


def cell(feature: Mapping[str, Any]) -> str:
    """The number in a column of the table t, with what fills it where it is missing; else NULL."""
    column, fill = f"t.{quoted(feature['name'])}", feature["fill"]
    # SQLite casts '' to 0.0, PostgreSQL refuses it. Through TEXT, NULLIF would cost digits.
    found = f"CASE WHEN TRIM(CAST({column} AS TEXT)) <> '' THEN CAST({column} AS DOUBLE PRECISION) END"
    return found if fill is None else f"COALESCE({found}, {number(fill)})"


def natural_power(power: str, beyond: str = "") -> str:
    """e^x, with further cases for what is beyond float64's range, which is NULL in the end."""
    return (
        f"CASE WHEN {power} < {SMALLEST_POWER} THEN 0.0 WHEN {power} <= {LARGEST_POWER} THEN exp({power}){beyond} END"
    )
