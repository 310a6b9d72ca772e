"""How a feature becomes columns of the matrix: its numbers, or for each level one where the row has it, zero else."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray, IntArray, Rows
from engine.errors import DataError
from engine.table import CategoryColumn, Column, NumberColumn


class Feature(NamedTuple):
    """What training fixed of one feature.

    names: the matrix columns that it fills, side by side, "rooms" or "river=yes". levels: those of a category in
    code-point order, None for numbers. fill: the number or the level that a missing cell counts as; None where
    missing cells are refused.
    """

    name: str
    names: tuple[str, ...]
    levels: tuple[str, ...] | None = None
    fill: float | str | None = None


def column_names(feature: str, levels: tuple[str, ...] | None, *, intercept: bool) -> tuple[str, ...]:
    """The matrix columns of a feature: its own name for numbers (levels None), else one feature=level a level.

    Beside an intercept the first level has no column, and the others are differences from it.
    """
    if levels is None:
        return (feature,)
    return tuple(f"{feature}={level}" for level in levels[1 if intercept else 0 :])


def parameter_names(features: Mapping[str, tuple[str, ...] | None], *, intercept: bool) -> Iterator[str]:
    """The names of a linear model's parameters, before constant columns go: the intercept, then the columns."""
    if intercept:
        yield "intercept"
    for feature, levels in features.items():
        yield from column_names(feature, levels, intercept=intercept)


def feature_numbers(feature: Feature, column: Column, rows: Rows) -> FloatArray:
    """The cells (n,) of a number feature, filled where they may be. Raises DataError for a column of text."""
    if not isinstance(column, NumberColumn):
        raise DataError(f"Column {feature.name!r} was a number in training and is text here.")
    cells = column.values[rows]
    return filled(cells, feature.fill) if isinstance(feature.fill, float) else cells


def feature_places(feature: Feature, column: Column, rows: Rows) -> IntArray:
    """For each row (n,) which of the feature's matrix columns is one; -1 where none is.

    Raises DataError for a column of numbers, and for missing cells and unseen levels where nothing fills them.
    """
    if not isinstance(column, CategoryColumn):
        raise DataError(f"Column {feature.name!r} was a category in training and is a number here.")
    codes = column.codes[rows]
    if feature.fill is None:
        _refuse_unseen(feature, column, codes)
    known, places = set(feature.levels or ()), {name: place for place, name in enumerate(feature.names)}
    levels = [level if level in known else feature.fill for level in column.levels]
    # The last entry is read by the code -1 of a missing cell.
    return np.array([places.get(f"{feature.name}={level}", -1) for level in [*levels, feature.fill]])[codes]


def filled(values: FloatArray, fill: float) -> FloatArray:
    """The numbers (n,) with `fill` for missing ones."""
    missing = np.isnan(values)
    return np.where(missing, fill, values) if missing.any() else values


def _refuse_unseen(feature: Feature, column: CategoryColumn, codes: NDArray[np.int32]) -> None:
    counts = np.bincount(codes + 1, minlength=len(column.levels) + 1)
    if counts[0]:
        raise DataError(f"Column {feature.name!r} has a cell that is missing.")
    present = {column.levels[code] for code in np.flatnonzero(counts[1:]).tolist()}
    if unseen := sorted(present - set(feature.levels or ())):
        raise DataError(f"Column {feature.name!r} has levels that training did not have: {', '.join(unseen)}.")
