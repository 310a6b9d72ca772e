"""Fitting the preparation: what the training rows fix before the first iteration, and the matrix made with it.

Fitted once and kept with the model, it is the same in training and in prediction. Each feature is read once to
fit and once to fill the matrix, since reading one may mean putting it together from pieces.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np

from engine.arrays import FloatArray, IntArray, Rows, as_slice, blocks
from engine.encoding import Feature, column_names, feature_numbers, feature_places, filled
from engine.errors import DataError
from engine.scaling import Scaling, Spread, indicator_spread, mean_of, spread
from engine.table import CategoryColumn, Column, NumberColumn, Table

AT_ONCE = 8
"""Columns that are read together: a cache line of X then is written in one go."""

Missing = Literal["error", "mean"]


class Preparation(NamedTuple):
    """What the training rows fixed; `names`, `shift` and `scale` run over the d matrix columns.

    constant: the names of the columns that were dropped, because they have one value only.
    """

    features: tuple[Feature, ...]
    names: tuple[str, ...]
    intercept: bool
    shift: FloatArray
    scale: FloatArray
    constant: tuple[str, ...]


class Fitted(NamedTuple):
    """One feature with the spreads of its columns, and the names of those that are constant."""

    feature: Feature
    spreads: list[Spread]
    constant: list[str]


class Training(NamedTuple):
    """The rows that statistics are taken from, their positive weights, and all rows that may bring levels."""

    rows: Rows
    weights: FloatArray | None
    used: Rows


def fit_preparation(
    table: Table,
    features: Sequence[str],
    rows: Rows,
    *,
    intercept: bool,
    scaling: Scaling,
    missing: Missing = "error",
    weights: FloatArray | None = None,
    used: Rows = slice(None),
) -> Preparation:
    """Fit on the training `rows` with their weights >= 0; levels of categories come from all `used` rows.

    Without an intercept nothing is centred. missing "mean" fills numbers with their mean and categories with their
    most frequent level, the first of several. Raises DataError where a cell is missing or a column exceeds float64.
    """
    training = _training(rows, weights, used)
    fitted = [_fit(table[name], name, training, missing, intercept, scaling) for name in features]
    spreads = [part for one in fitted for part in one.spreads]
    return Preparation(
        tuple(one.feature for one in fitted),
        tuple(name for one in fitted for name in one.feature.names),
        intercept,
        np.array([one.shift if intercept else 0.0 for one in spreads]),
        np.array([one.scale for one in spreads]),
        tuple(name for one in fitted for name in one.constant),
    )


def design_matrix(preparation: Preparation, table: Table, rows: Rows) -> FloatArray:
    """The matrix X (n, d) of the given rows in the units of the fit, float64 in C order, filled block by block.

    Raises DataError where a cell is missing or a level is not one of the fitted ones, unless they are filled.
    """
    rows = as_slice(_bounded(rows, table))
    count = rows.stop - rows.start if isinstance(rows, slice) else rows.size
    X, at, numbers = np.empty((count, len(preparation.names))), 0, []
    for feature in preparation.features:
        if feature.levels is not None:
            _fill_category(X, at, feature_places(feature, table[feature.name], rows), preparation, len(feature.names))
        elif feature.names:
            numbers.append((at, feature))
        at += len(feature.names)
    for first in range(0, len(numbers), AT_ONCE):
        some = numbers[first : first + AT_ONCE]
        _fill_numbers(X, {at: feature_numbers(one, table[one.name], rows) for at, one in some}, preparation)
    return X


def _training(rows: Rows, weights: FloatArray | None, used: Rows) -> Training:
    """Without the rows of weight zero, which must count as if they were not there."""
    rows, used = as_slice(rows), as_slice(used)
    if weights is None or bool((weights > 0.0).all()):
        return Training(rows, weights, used)
    counting = np.flatnonzero(weights > 0.0)
    if counting.size == 0:
        raise DataError("All weights of the training rows are zero, so no row counts: choose another weight column.")
    numbers = counting + (rows.start or 0) if isinstance(rows, slice) else rows[counting]
    return Training(numbers, weights[counting], used)


def _fit(column: Column, name: str, training: Training, missing: Missing, intercept: bool, scaling: Scaling) -> Fitted:
    if isinstance(column, CategoryColumn):
        return _fit_category(column, name, training, missing, intercept, scaling)
    return _fit_number(column, name, training, missing, scaling)


def _fit_number(column: NumberColumn, name: str, training: Training, missing: Missing, scaling: Scaling) -> Fitted:
    values, fill = column.values[training.rows], None
    if missing == "mean":
        fill = _mean_of_known(values, training.weights)
        values = filled(values, fill)
    found = spread(values, training.weights, name, scaling)
    if found is None:
        return Fitted(Feature(name, (), None, fill), [], [name])
    return Fitted(Feature(name, (name,), None, fill), [found], [])


def _fit_category(
    column: CategoryColumn, name: str, training: Training, missing: Missing, intercept: bool, scaling: Scaling
) -> Fitted:
    levels = _used_levels(column, name, training.used, missing)
    counts, absent = _counts(column, levels, training)
    fill = levels[int(np.argmax(counts))] if missing == "mean" and levels else None
    if fill is not None:
        counts[levels.index(fill)] += absent
    if len(levels) < 2:
        return Fitted(Feature(name, (), levels, fill), [], [name])
    # A level that alone has all the weight has a share of exactly one.
    shares = dict(zip(column_names(name, levels, intercept=False), (counts / counts.sum()).tolist(), strict=True))
    columns = column_names(name, levels, intercept=intercept)
    spreads = {one: found for one in columns if (found := indicator_spread(shares[one], scaling)) is not None}
    return Fitted(
        Feature(name, tuple(spreads), levels, fill),
        list(spreads.values()),
        [one for one in columns if one not in spreads],
    )


def _used_levels(column: CategoryColumn, name: str, used: Rows, missing: Missing) -> tuple[str, ...]:
    codes = column.codes[used]
    if missing == "error" and codes.min(initial=0) < 0:
        raise DataError(f"Column {name!r} has a cell that is missing.")
    present = np.flatnonzero(np.bincount(codes + 1, minlength=len(column.levels) + 1)[1:])
    return tuple(sorted(column.levels[code] for code in present.tolist()))


def _counts(column: CategoryColumn, levels: tuple[str, ...], training: Training) -> tuple[FloatArray, float]:
    """The weight of each level among the training rows, and that of the missing cells."""
    codes = column.codes[training.rows]
    counts = np.bincount(codes + 1, training.weights, minlength=len(column.levels) + 1).astype(np.float64)
    at = {level: code for code, level in enumerate(column.levels)}
    return counts[[at[level] + 1 for level in levels]], float(counts[0])


def _mean_of_known(values: FloatArray, weights: FloatArray | None) -> float:
    """The mean of the cells that are there; 0 where none is, since the column is constant then."""
    known = ~np.isnan(values)
    return mean_of(values[known], None if weights is None else weights[known]) if known.any() else 0.0


def _bounded(rows: Rows, table: Table) -> Rows:
    if not isinstance(rows, slice):
        return rows
    length = next((len(column[0]) for column in table.values()), 0)
    start, stop, _ = rows.indices(length)
    return slice(start, stop)


def _fill_numbers(X: FloatArray, columns: dict[int, FloatArray], preparation: Preparation) -> None:
    """Fill the matrix columns at the given places."""
    with np.errstate(over="ignore", invalid="ignore"):
        for block in blocks(len(X), len(columns)):
            for at, values in columns.items():
                scaled = (values[block] - preparation.shift[at]) / preparation.scale[at]
                if not np.isfinite(scaled.sum()) and not np.isfinite(scaled).all():
                    raise DataError(f"Column {preparation.names[at]!r} has a cell that is missing or not finite.")
                X[block, at] = scaled


def _fill_category(X: FloatArray, at: int, places: IntArray, preparation: Preparation, width: int) -> None:
    """Fill `width` matrix columns from `at` on: one at each row's place (n,), zero else, and both scaled."""
    shift, scale = preparation.shift[at : at + width], preparation.scale[at : at + width]
    zero, one = -shift / scale, (1.0 - shift) / scale
    for block in blocks(len(X), width):
        target, place = X[block, at : at + width], places[block]
        target[:] = zero
        rows = np.flatnonzero(place >= 0)
        target[rows, place[rows]] = one[place[rows]]
