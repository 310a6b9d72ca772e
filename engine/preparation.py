"""Fitting the preparation: what the training rows fix before the first iteration.

Fitted once and kept with the model, it is the same in training and in prediction. Each feature is read once, block by
block, so that no column need be held as a whole.
"""

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

import numpy as np

from engine.arrays import BLOCK_NUMBERS, FloatArray, Rows, as_slice, blocks, count, part
from engine.encoding import Feature, column_names
from engine.errors import DataError
from engine.scaling import NOTHING, Scaling, Spread, Summary, indicator_spread, spread, summary, summary_about
from engine.table import CategoryColumn, Column, NumberColumn, Table, bounded, code_counts

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

    def weight(self) -> float:
        """That of all rows; one each where they have no weights."""
        return float(count(self.rows) if self.weights is None else self.weights.sum())


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
    every_level: bool = False,
) -> Preparation:
    """Fit on the training `rows` with their weights >= 0; levels of categories come from all `used` rows.

    Without an intercept nothing is centred, and every level has a column, as with `every_level`. missing "mean" fills
    numbers with their mean and categories with their most frequent level, the first of several. Raises DataError where
    a cell is missing or a column exceeds float64.
    """
    training = _training(bounded(rows, table), weights, bounded(used, table))
    fitted = [_fit(table[name], name, training, missing, intercept and not every_level, scaling) for name in features]
    spreads = [found for one in fitted for found in one.spreads]
    return Preparation(
        tuple(one.feature for one in fitted),
        tuple(name for one in fitted for name in one.feature.names),
        intercept,
        np.array([one.shift if intercept else 0.0 for one in spreads]),
        np.array([one.scale for one in spreads]),
        tuple(name for one in fitted for name in one.constant),
    )


def _training(rows: Rows, weights: FloatArray | None, used: Rows) -> Training:
    """Without the rows of weight zero, which must count as if they were not there."""
    rows, used = as_slice(rows), as_slice(used)
    if weights is None or bool((weights > 0.0).all()):
        return Training(rows, weights, used)
    counting = np.flatnonzero(weights > 0.0)
    if counting.size == 0:
        raise DataError("All weights of the training rows are zero, so no row counts: choose another weight column.")
    return Training(part(rows, counting), weights[counting], used)


def _fit(column: Column, name: str, training: Training, missing: Missing, intercept: bool, scaling: Scaling) -> Fitted:
    if isinstance(column, CategoryColumn):
        return _fit_category(column, name, training, missing, intercept, scaling)
    return _fit_number(column, name, training, missing, scaling)


def _fit_number(column: NumberColumn, name: str, training: Training, missing: Missing, scaling: Scaling) -> Fitted:
    known = _known(column, training, missing)
    fill = known.mean if missing == "mean" else None
    found = spread(known, training.weight() - known.weight if missing == "mean" else 0.0, name, scaling)
    if found is None:
        return Fitted(Feature(name, (), None, fill), [], [name])
    return Fitted(Feature(name, (name,), None, fill), [found], [])


def _known(column: NumberColumn, training: Training, missing: Missing) -> Summary:
    """Of the cells that are there. Where none is, all are filled with zero and the column is constant."""
    found, several = None, count(training.rows) > BLOCK_NUMBERS
    with np.errstate(over="ignore", invalid="ignore"):
        for values, weights in _cells(column, training, missing):
            if values.size:
                before = summary_about(float(values.mean())) if several and found is None else found
                found = summary(values, weights, before)
    return found or NOTHING


def _cells(
    column: NumberColumn, training: Training, missing: Missing
) -> Iterator[tuple[FloatArray, FloatArray | None]]:
    """The cells and their weights, block by block, without the missing ones where those are filled."""
    for block in blocks(count(training.rows), 1):
        values = column.values[part(training.rows, block)]
        weights = None if training.weights is None else training.weights[block]
        if missing == "mean" and (absent := np.isnan(values)).any():
            values, weights = values[~absent], None if weights is None else weights[~absent]
        yield values, weights


def _fit_category(
    column: CategoryColumn, name: str, training: Training, missing: Missing, intercept: bool, scaling: Scaling
) -> Fitted:
    levels = _used_levels(column, name, training.used, missing)
    counts, absent = _counts(column, levels, training)
    fill = levels[int(np.argmax(counts))] if missing == "mean" and levels else None
    if fill is not None:
        counts[levels.index(fill)] += absent
    trained = tuple(level for level, weight in zip(levels, counts, strict=True) if weight)
    held_out = tuple(level for level, weight in zip(levels, counts, strict=True) if not weight)
    if len(levels) < 2:
        return Fitted(Feature(name, (), trained, fill, held_out), [], [name])
    # A level that alone has all the weight has a share of exactly one.
    shares = dict(zip(column_names(name, levels, intercept=False), (counts / counts.sum()).tolist(), strict=True))
    columns = column_names(name, levels, intercept=intercept)
    spreads = {one: found for one in columns if (found := indicator_spread(shares[one], scaling)) is not None}
    return Fitted(
        Feature(name, tuple(spreads), trained, fill, held_out),
        list(spreads.values()),
        [one for one in columns if one not in spreads],
    )


def _used_levels(column: CategoryColumn, name: str, used: Rows, missing: Missing) -> tuple[str, ...]:
    counts = code_counts(column, used)
    if missing == "error" and counts[0]:
        raise DataError(f"Column {name!r} has a cell that is missing.")
    return tuple(sorted(column.levels[code] for code in np.flatnonzero(counts[1:]).tolist()))


def _counts(column: CategoryColumn, levels: tuple[str, ...], training: Training) -> tuple[FloatArray, float]:
    """The weight of each level among the training rows, and that of the missing cells."""
    counts = code_counts(column, training.rows, training.weights)
    at = {level: code for code, level in enumerate(column.levels)}
    return counts[[at[level] + 1 for level in levels]], float(counts[0])
