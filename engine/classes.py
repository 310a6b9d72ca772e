"""Targets that are classes: their names, and the number of each row's class."""

import numpy as np

from engine.arrays import FloatArray, IntArray, blocks
from engine.errors import DataError
from engine.table import CategoryColumn, Column

Classes = tuple[str, ...]

MOST_CLASSES = 1000


def classes_of(column: Column, name: str, used: IntArray) -> Classes:
    """The classes of the used rows in code-point order; whole numbers are the classes "0", "1" and so on.

    Raises DataError where they are no classes, fewer than two, or more than 1,000.
    """
    if isinstance(column, CategoryColumn):
        found = [column.levels[code] for code in np.unique(column.codes[used]).tolist()]
    else:
        found = [_class_name(value, name) for value in _distinct(column.values[used], name)]
    if not 2 <= len(found) <= MOST_CLASSES:
        raise DataError(f"The target {name!r} has {len(found)} classes; there must be 2 to {MOST_CLASSES}.")
    return tuple(sorted(found))


def class_numbers(column: Column, name: str, rows: IntArray, classes: Classes) -> FloatArray:
    """For each row (n,) the place of its class in `classes`. Raises DataError for a class that is none of them."""
    if isinstance(column, CategoryColumn):
        return _places(list(column.levels), column.codes[rows].astype(np.int64), name, classes)
    values, codes = np.unique(column.values[rows], return_inverse=True)
    return _places([_class_name(value, name) for value in values.tolist()], codes.astype(np.int64), name, classes)


def _places(names: list[str], codes: IntArray, name: str, classes: Classes) -> FloatArray:
    at = {one: place for place, one in enumerate(classes)}
    places = np.array([at.get(one, -1) for one in names], dtype=np.float64)[codes]
    if (places < 0.0).any():
        unknown = sorted({names[code] for code in np.unique(codes[places < 0.0]).tolist()})
        raise DataError(f"The target {name!r} has classes that training did not have: {', '.join(unknown)}.")
    return places


def _distinct(values: FloatArray, name: str) -> list[float]:
    """The different numbers. Block by block, so that numbers that are no classes are refused at the first."""
    distinct = values[:0]
    for block in blocks(values.size, 1):
        distinct = np.union1d(distinct, values[block])
        if distinct.size > MOST_CLASSES:
            raise DataError(
                f"The target {name!r} has more than {MOST_CLASSES} different numbers: those are no classes."
            )
    return list(distinct.tolist())


def _class_name(value: float, name: str) -> str:
    if not value.is_integer():
        raise DataError(f"The target {name!r} has the number {value:g}; only text and whole numbers are classes.")
    return str(int(value))
