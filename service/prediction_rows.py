"""Rows that come as JSON, as the columns that a model reads."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from math import isfinite
from types import NoneType
from typing import Any, Final

import numpy as np

from contract.errors import MAX_PLACES, FieldError, InvalidRows
from contract.fields import echo, pointer_step
from engine.arrays import FloatArray
from engine.table import CategoryColumn, Column, NumberColumn
from service.fitted import Fitted
from service.prediction_faults import missing_columns, pointer

MOST_ROWS: Final = 10_000
ROW: Final = "Must be an object: the cells of a row by column."
NUMBERS: Final = {int, float, NoneType}
"""What numbers and missing cells are in JSON; true is an int elsewhere, and is none here."""
Rows = Sequence[Mapping[str, Any]]


def rows_of(document: Any) -> Rows:
    """The rows of a body. Raises ``InvalidRows`` for one of another form, or with too many rows."""
    if not isinstance(document, dict):
        raise InvalidRows(
            [FieldError("", f'Must be an object: {{"rows": [{{"column": cell}}]}}, not {echo(document)}.')]
        )
    unknown = [name for name in document if name != "rows"]
    if unknown:
        raise InvalidRows([FieldError(pointer_step(unknown[0]), "There is no such member here; there is: rows.")])
    rows = document.get("rows")
    if not isinstance(rows, list):
        raise InvalidRows([FieldError("/rows", "Is required: a list of objects, the cells of each row by column.")])
    if len(rows) > MOST_ROWS:
        detail = f"There are {len(rows)} rows; as JSON at most {MOST_ROWS} come at a time: send the rows as text/csv."
        raise InvalidRows([FieldError("/rows", detail)], "too_many_rows")
    wrong = [k for k, row in enumerate(rows) if not isinstance(row, dict)]
    if wrong:
        raise InvalidRows(FieldError(f"/rows/{k}", ROW) for k in wrong)
    return rows


def table_of(fitted: Fitted, rows: Rows) -> dict[str, Column]:
    """The columns that the model reads.

    Raises ``InvalidRows`` for a row that lacks a column, and for cells of another type.
    """
    _check_columns(fitted, rows)
    features = fitted.predictor.features
    return {one.name: (_numbers if one.levels is None else _categories)(one.name, rows) for one in features}


def known_of(fitted: Fitted, rows: Rows) -> dict[str, Column]:
    """Target and weights, where a row has them, for metrics. Raises ``InvalidRows`` for cells of another type."""
    table = dict[str, Column]()
    if any(fitted.target in row for row in rows):
        table[fitted.target] = (_classes if fitted.predictor.classes else _numbers)(fitted.target, rows)
    if fitted.weight_column is not None and any(fitted.weight_column in row for row in rows):
        table[fitted.weight_column] = _numbers(fitted.weight_column, rows)
    return table


def _check_columns(fitted: Fitted, rows: Rows) -> None:
    needed = [feature.name for feature in fitted.predictor.features]
    lacking = (
        FieldError(pointer(k, name), "Is required: the model reads this column; null stands for a missing cell.")
        for k, row in enumerate(rows)
        if any(name not in row for name in needed)
        for name in missing_columns(fitted, list(row))
    )
    _refuse(lacking, "missing_column")


def _numbers(name: str, rows: Rows) -> Column:
    values = _all_numbers([row.get(name) for row in rows])
    if values is None:
        values = np.array(_cells(name, rows, _number), dtype=np.float64)
    return NumberColumn(values)


def _all_numbers(cells: Sequence[Any]) -> FloatArray | None:
    """The cells at once, None as NaN; nothing where one is no number that float64 holds: it is to be found and told."""
    if NUMBERS.issuperset(map(type, cells)):
        with suppress(OverflowError):
            values = np.array(cells, dtype=np.float64)
            if np.isfinite(values).sum() + cells.count(None) == len(cells):
                return values
    return None


def _categories(name: str, rows: Rows) -> Column:
    return _coded(_cells(name, rows, _text))


def _classes(name: str, rows: Rows) -> Column:
    return _coded(_cells(name, rows, _class))


def _coded(cells: Sequence[Any]) -> Column:
    places: dict[str | None, int] = {None: -1}
    codes = [places.setdefault(cell, len(places) - 1) for cell in cells]
    return CategoryColumn(np.array(codes, dtype=np.int32), tuple(text for text in places if text is not None))


def _cells(name: str, rows: Rows, read: Callable[[Any], Any]) -> list[Any]:
    """The cells as `read` makes them, None for missing ones; raises ``InvalidRows`` for those that it refuses."""
    found, wrong = list[Any](), list[FieldError]()
    for k, row in enumerate(rows):
        cell = row.get(name)
        try:
            found.append(None if cell is None else read(cell))
        except ValueError as error:
            wrong.append(FieldError(pointer(k, name), str(error)))
    _refuse(iter(wrong), "wrong_type")
    return found


def _number(cell: Any) -> float:
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        raise ValueError(f"Must be a JSON number, not {echo(cell)}.")
    with suppress(OverflowError):
        if isfinite(cell):
            return float(cell)
    raise ValueError(f"Must be a finite number that float64 holds, not {echo(cell)}.")


def _text(cell: Any) -> str:
    if not isinstance(cell, str):
        raise ValueError(f"Must be a string, because training read this column as categories, not {echo(cell)}.")
    return cell


def _class(cell: Any) -> str:
    """The name of a class; that of a whole number is its digits."""
    if isinstance(cell, str):
        return cell
    if (number := _number(cell)).is_integer():
        return str(int(number))
    raise ValueError(f"Must be the name of a class, not {echo(cell)}.")


def _refuse(errors: Iterator[FieldError], code: str) -> None:
    first = next(errors, None)
    if first is not None:
        raise InvalidRows([first, *islice(errors, MAX_PLACES)], code)
