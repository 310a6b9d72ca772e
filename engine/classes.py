"""Targets that are classes: their names, and the number of each row's class."""

from collections.abc import Iterable

import numpy as np

from engine.arrays import FloatArray, IntArray, Rows, blocks, row_at
from engine.errors import DataError
from engine.table import CategoryColumn, Column, code_counts

Classes = tuple[str, ...]

MOST_CLASSES = 1000


def classes_of(column: Column, name: str, used: Rows) -> Classes:
    """The classes of the used rows in code-point order; whole numbers are the classes "0", "1" and so on.

    Raises DataError where they are no classes, fewer than two, or more than 1,000.
    """
    if isinstance(column, CategoryColumn):
        found = [column.levels[code] for code in np.flatnonzero(code_counts(column, used)[1:]).tolist()]
    else:
        found = number_classes([column.values[used]], name)
    if not 2 <= len(found) <= MOST_CLASSES:
        raise DataError(f"The target {name!r} has {len(found)} classes; there must be 2 to {MOST_CLASSES}.")
    return tuple(sorted(found))


def number_classes(pieces: Iterable[FloatArray], name: str) -> list[str]:
    """The different whole numbers in the pieces (n,) of a column as names of classes; missing cells have none.

    Reads no further than to what is no class. Raises DataError for that, and for more than 1,000 numbers.
    """
    known, names = np.empty(0), list[str]()
    for values in (piece[block] for piece in pieces for block in blocks(piece.size, 1)):
        found = np.union1d(known, values[~np.isnan(values)])
        if found.size > MOST_CLASSES:
            detail = f"The target {name!r} has more than {MOST_CLASSES} different numbers: those are no classes."
            raise DataError(detail)
        if found.size > known.size:
            names, known = _class_names(found, name), found
    return names


def class_numbers(column: Column, name: str, rows: Rows, classes: Classes) -> FloatArray:
    """For each row (n,) the place of its class in `classes`. Raises DataError for a class that is none of them."""
    if isinstance(column, CategoryColumn):
        return _places(list(column.levels), column.codes[rows].astype(np.int64), name, rows, classes)
    values, codes = np.unique(column.values[rows], return_inverse=True)
    return _places(_class_names(values, name), codes.astype(np.int64), name, rows, classes)


def _places(names: list[str], codes: IntArray, name: str, rows: Rows, classes: Classes) -> FloatArray:
    at = {one: place for place, one in enumerate(classes)}
    places = np.array([at.get(one, -1) for one in names], dtype=np.float64)[codes]
    if (wrong := np.flatnonzero(places < 0.0)).size:
        unknown = ", ".join(sorted({names[code] for code in np.unique(codes[wrong]).tolist()}))
        row = 1 + row_at(rows, int(wrong[0]))
        raise DataError(f"The target {name!r} has classes that training did not have, from row {row} on: {unknown}.")
    return places


def _class_names(values: FloatArray, name: str) -> list[str]:
    for value in values.tolist():
        if not value.is_integer():
            raise DataError(f"The target {name!r} has the number {value:g}; only text and whole numbers are classes.")
    return [str(int(value)) for value in values.tolist()]
