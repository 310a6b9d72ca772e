"""The design matrix X (n, d) of a table's rows in the units of the fit, made where rows of it are asked for.

A cost that reads its rows once or twice never holds the matrix: it asks for X[block], as it would ask an array. One
that reads them again and again has them all at once from design_matrix. Either way the numbers have the same bits.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

from engine.arrays import FloatArray, IntArray, Matrix, Rows, all_finite, blocks, count, part
from engine.encoding import Feature
from engine.errors import DataError, not_finite
from engine.preparation import Preparation
from engine.table import CategoryColumn, Column, NumberColumn, Table, bounded, code_counts


class Numbers(NamedTuple):
    """A column of numbers that fills the matrix column `at`; None for `fill` where missing cells are refused."""

    at: int
    column: NumberColumn
    fill: float | None

    def put(self, X: FloatArray, rows: Rows, preparation: Preparation) -> None:
        """Fill the column of the rows in X, which lies transposed (d, n)."""
        cells, target = self.column.values[rows], X[self.at]
        if self.fill is not None:
            cells = _filled(cells, self.fill)
        np.subtract(cells, preparation.shift[self.at], out=target)
        target /= preparation.scale[self.at]


class Indicators(NamedTuple):
    """A category that fills `width` matrix columns from `at` on: one at places[code], zero else, and both scaled.

    The place is -1 where no column is one; the last of the places is read by the code -1 of a missing cell.
    """

    at: int
    width: int
    column: CategoryColumn
    places: IntArray

    def put(self, X: FloatArray, rows: Rows, preparation: Preparation) -> None:
        """Fill the columns of the rows in X, which lies transposed (d, n)."""
        some = slice(self.at, self.at + self.width)
        shift, scale, places = preparation.shift[some], preparation.scale[some], self.places[self.column.codes[rows]]
        zero, one = -shift / scale, (1.0 - shift) / scale
        X[some] = zero[:, np.newaxis]
        at = np.flatnonzero(places >= 0)
        X[self.at + places[at], at] = one[places[at]]


@dataclass(frozen=True, slots=True)
class Design:
    """A matrix that is made of `rows` of the columns whenever it is asked for."""

    preparation: Preparation
    columns: tuple[Numbers | Indicators, ...]
    rows: Rows

    @property
    def shape(self) -> tuple[int, int]:
        """(n, d)."""
        return count(self.rows), len(self.preparation.names)

    def __getitem__(self, rows: Rows, /) -> FloatArray:
        """Some rows, column after column in memory. Raises DataError where a number is missing or not finite."""
        chosen = part(self.rows, rows)
        X = np.empty((self.shape[1], count(chosen)))
        with np.errstate(over="ignore", invalid="ignore"):
            for column in self.columns:
                column.put(X, chosen, self.preparation)
        if not all_finite(X):
            wrong = int(np.flatnonzero(~np.isfinite(X).all(axis=1))[0])
            raise not_finite(f"Column {self.preparation.names[wrong]!r}")
        return X.T


def design(preparation: Preparation, table: Table, rows: Rows) -> Design:
    """The matrix of the given rows.

    Raises DataError where a category has a missing cell or a level that is not one of the fitted ones, unless they are
    filled.
    """
    rows = bounded(rows, table)
    return Design(preparation, tuple(_columns(preparation, table, rows)), rows)


def design_matrix(preparation: Preparation, table: Table, rows: Rows) -> FloatArray:
    """The whole matrix (n, d) in C order. Raises DataError like design, and where a number is missing or not finite."""
    return materialised(design(preparation, table, rows))


def materialised(matrix: Matrix, dtype: DTypeLike = np.float64) -> NDArray[Any]:
    """All rows of a matrix (n, d) in C order; where they are made from columns, without a copy in another type."""
    if isinstance(matrix, np.ndarray):
        return np.ascontiguousarray(matrix, dtype)
    X = np.empty(matrix.shape, dtype)
    for block in blocks(*matrix.shape):
        X[block] = matrix[block]
    return X


def _columns(preparation: Preparation, table: Table, rows: Rows) -> Iterator[Numbers | Indicators]:
    at = 0
    for feature in preparation.features:
        column = table[feature.name]
        if feature.levels is not None:
            yield _indicators(feature, column, rows, at)
        elif feature.names:
            yield _numbers(feature, column, at)
        at += len(feature.names)


def _numbers(feature: Feature, column: Column, at: int) -> Numbers:
    if not isinstance(column, NumberColumn):
        raise DataError(f"Column {feature.name!r} was a number in training and is text here.")
    return Numbers(at, column, feature.fill if isinstance(feature.fill, float) else None)


def _indicators(feature: Feature, column: Column, rows: Rows, at: int) -> Indicators:
    if not isinstance(column, CategoryColumn):
        raise DataError(f"Column {feature.name!r} was a category in training and is a number here.")
    if feature.fill is None:
        _refuse_unseen(feature, column, rows)
    known, places = _known(feature), {name: place for place, name in enumerate(feature.names)}
    levels = [level if level in known else feature.fill for level in (*column.levels, None)]
    found = [places.get(f"{feature.name}={level}", -1) for level in levels]
    return Indicators(at, len(feature.names), column, np.array(found))


def _refuse_unseen(feature: Feature, column: CategoryColumn, rows: Rows) -> None:
    counts = code_counts(column, rows)
    if counts[0]:
        raise DataError(f"Column {feature.name!r} has a cell that is missing.")
    present = {column.levels[code] for code in np.flatnonzero(counts[1:]).tolist()}
    if unseen := sorted(present - _known(feature)):
        raise DataError(f"Column {feature.name!r} has levels that training did not have: {', '.join(unseen)}.")


def _known(feature: Feature) -> set[str]:
    return {*(feature.levels or ()), *feature.held_out}


def _filled(cells: FloatArray, fill: float) -> FloatArray:
    missing = np.isnan(cells)
    return np.where(missing, fill, cells) if missing.any() else cells
