"""Names, texts, numbers and cells as SQL that SQLite and PostgreSQL read alike, and the parts of a query."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from math import isfinite, isinf, isnan
from typing import Any, Final, NamedTuple

from service.csv_cells import BLANKS, is_number

LARGEST: Final = "1.79e308"
"""Nearly the largest number of float64, which not every database reads."""

INFINITE: Final = "cosh(1000.0)"
"""What both answer as infinity, where other ways to it are errors of PostgreSQL's."""

FINITE: Final = f"CASE WHEN abs({{0}}) <= {LARGEST} THEN {{0}} END"
"""{0} where it is a finite number, else NULL."""

LARGEST_POWER, SMALLEST_POWER = "709.78", "-745"
"""Beyond them e^x is none of float64's numbers, or zero; PostgreSQL refuses both."""

IS_NUMBER: Final = (
    "LTRIM(q.y, '+-.0123456789e') = '' AND LTRIM(q.y, '+-.') <> '' AND LTRIM(q.y, '+-.') NOT LIKE 'e%'"
    " AND q.y NOT LIKE '%e' AND q.y NOT LIKE '%e%e%' AND q.y NOT LIKE '%e%.%' AND q.y NOT LIKE '%.%.%'"
    " AND q.y NOT LIKE '_%-%' AND q.y NOT LIKE '_%+%'"
)
"""Whether a text is a number, once its letter is small and no sign follows it; the two share no regular expressions."""

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


def cells(features: Sequence[Mapping[str, Any]], dialect: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The columns c1, c2, … of the table t that the features read: categories and finite numbers, else NULL.

    A number that was a missing value in training is what fills it; a category is filled where its weight is found.
    """
    for k, feature in enumerate(features, 1):
        column, levels = f"t.{quoted(feature['name'])}", feature["levels"]
        found = _number_in(column, feature["fill"], dialect) if levels is None else _level_in(column, levels, dialect)
        yield f"c{k}", found


def _level_in(column: str, levels: Sequence[str], dialect: Mapping[str, Any]) -> str:
    """The cell as a text, for to SQLite no number equals one; 8 and 8.0 are both '8', as columns of numbers have it."""
    bare = f"TRIM(CAST({column} AS TEXT), {text(BLANKS)})"
    written = {level: _plain(level, dialect["decimal"]) for level in levels if is_number(level, dialect["decimal"])}
    if not written:
        return bare
    same = Counter(written.values())
    alone = {level for level, plain in written.items() if level == plain or (plain not in levels and same[plain] == 1)}
    cases = " ".join(f"WHEN {text(written[level])} THEN {text(level)}" for level in levels if level in alone)
    fewer = "CASE WHEN q.y LIKE '%.%' AND q.y NOT LIKE '%.%.%' THEN RTRIM(RTRIM(q.y, '0'), '.') ELSE q.y END"
    other = f"CASE {fewer} {cases} END" if cases else "NULL"
    found = f"CASE WHEN q.y IN ({', '.join(map(text, levels))}) THEN q.y ELSE {other} END"
    return f"(SELECT {found} FROM (SELECT {bare} AS y) AS q)"  # noqa: S608 - names and texts are quoted


def _plain(number: str, decimal: str) -> str:
    """A number with no more digits than it needs."""
    value = float(number.replace(decimal, "."))
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def _number_in(column: str, fill: float | None, dialect: Mapping[str, Any]) -> str:
    """SQLite casts '3,7' to 3.0 and 'NA' to 0.0, PostgreSQL refuses them: only what is a number is cast."""
    bare, missing = f"TRIM(CAST({column} AS TEXT))", list(dict.fromkeys(["", *dialect["missing_values"]]))
    # From the column, since through TEXT SQLite loses digits.
    plain, value = bare, f"CAST({column} AS DOUBLE PRECISION)"
    if dialect["decimal"] == ",":
        plain = f"REPLACE({bare}, ',', '.')"
        value = f"CASE WHEN {bare} LIKE '%,%' THEN CAST({plain} AS DOUBLE PRECISION) ELSE {value} END"
    tested = f"(SELECT LOWER(REPLACE(REPLACE(LOWER({plain}), 'e-', 'E'), 'e+', 'E')) AS y) AS q"
    numbers = [number(one) for one in _numbers(missing, dialect["decimal"])]
    filled = f"WHEN r.v IN ({', '.join(numbers)}) THEN {number(fill)} " if numbers else ""
    finite = f"CASE {filled}WHEN abs(r.v) <= {LARGEST} THEN r.v END"
    cast = f"(SELECT CASE WHEN {IS_NUMBER} THEN {value} END AS v FROM {tested}) AS r"  # noqa: S608 - names are quoted
    found = f"(SELECT {finite} FROM {cast})"  # noqa: S608 - likewise
    if fill is None:
        return found
    return f"CASE WHEN COALESCE({bare}, '') IN ({', '.join(map(text, missing))}) THEN {number(fill)} ELSE {found} END"


def _numbers(missing: Sequence[str], decimal: str) -> Iterator[float]:
    """Missing values that are numbers, however a column of numbers writes them."""
    found = (float(one.replace(",", ".")) for one in missing if is_number(one, decimal))
    return (one for one in found if isfinite(one))


def natural_power(power: str, beyond: str = "") -> str:
    """e^x, with further cases for what is beyond float64's range, which is NULL in the end."""
    return (
        f"CASE WHEN {power} < {SMALLEST_POWER} THEN 0.0 WHEN {power} <= {LARGEST_POWER} THEN exp({power}){beyond} END"
    )
