"""From columns to the matrix of the fit: one-hot categories, scaling, and the way of the parameters back.

Fitted x̃ = (x - mu) / sigma gives w = w̃ / sigma and b = b̃ - Σ w̃ mu / sigma in the original units. Without
an intercept nothing is centred, mu = 0. theta holds the coefficients in the order of the names, the intercept
last.
"""

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

import numpy as np

from engine.arrays import FloatArray, Rows, as_slice, blocks
from engine.encoding import Encoding, numbers_of, one_hot
from engine.errors import DataError, InitialError
from engine.table import CategoryColumn, Table

AT_ONCE = 8
"""Columns that are read together: a cache line of X then is written in one go."""


class Preparation(NamedTuple):
    """What the training rows fixed; `encodings`, `names`, `shift` and `scale` run over the d matrix columns.

    names: "rooms", or "river=yes" for a one-hot column; constant: the names of what was dropped, because it
    has one value only; levels: those of each categorical feature, in code-point order.
    """

    encodings: tuple[Encoding, ...]
    names: tuple[str, ...]
    intercept: bool
    shift: FloatArray
    scale: FloatArray
    constant: tuple[str, ...]
    levels: dict[str, tuple[str, ...]]


class Parameters(NamedTuple):
    """A linear model in the original units of the columns."""

    intercept: float | None
    coefficients: dict[str, float]


def fit_preparation(
    table: Table,
    features: Sequence[str],
    rows: Rows,
    *,
    intercept: bool,
    scaling: Literal["standard", "none"],
    used: Rows = slice(None),
) -> Preparation:
    """Fit on the training `rows`; levels of categories come from all `used` rows, held-out ones included.

    The first level of a category is dropped where there is an intercept. standard: mu and sigma are mean and
    population standard deviation. Raises DataError where a cell is missing or a column exceeds float64.
    """
    levels = {
        name: _used_levels(column, name, used) for name in features if isinstance(column := table[name], CategoryColumn)
    }
    candidates = _encodings(features, levels, intercept)
    kept, shifts, scales = [], [], []
    for encoding in candidates:
        spread = _spread(numbers_of(encoding, table, rows), encoding.name, scaling)
        if spread is not None:
            kept.append(encoding)
            shifts.append(spread[0] if intercept else 0.0)
            scales.append(spread[1])
    names = tuple(encoding.name for encoding in kept)
    constant = tuple(name for name in _all_names(features, levels, candidates) if name not in set(names))
    return Preparation(tuple(kept), names, intercept, np.array(shifts), np.array(scales), constant, levels)


def design_matrix(preparation: Preparation, table: Table, rows: Rows) -> FloatArray:
    """The matrix X (n, d) of the given rows in the units of the fit, float64 in C order, filled block by block.

    Raises DataError where a cell is missing or a level is not one of the fitted ones.
    """
    rows = as_slice(_bounded(rows, table))
    for name, known in preparation.levels.items():
        _refuse_unseen(table, name, known, rows)
    count = rows.stop - rows.start if isinstance(rows, slice) else rows.size
    X = np.empty((count, len(preparation.names)))
    for start in range(0, len(preparation.names), AT_ONCE):
        _fill(X, preparation, table, rows, slice(start, start + AT_ONCE))
    return X


def to_original(preparation: Preparation, theta: FloatArray) -> Parameters:
    """The parameters of a fit theta (d,) or (d + 1,) in the original units."""
    fitted = theta[: len(preparation.names)]
    coefficients = fitted / preparation.scale
    moved = float(theta[-1] - coefficients.dot(preparation.shift)) if preparation.intercept else None
    return Parameters(moved, dict(zip(preparation.names, coefficients.tolist(), strict=True)))


def to_fit(preparation: Preparation, parameters: Parameters) -> FloatArray:
    """The inverse of to_original. Raises InitialError where names are unknown or missing."""
    _same_names(preparation, parameters)
    original = np.array([parameters.coefficients[name] for name in preparation.names], dtype=np.float64)
    fitted = original * preparation.scale
    if parameters.intercept is None:
        return fitted
    return np.append(fitted, parameters.intercept + original.dot(preparation.shift))


def _encodings(features: Sequence[str], levels: dict[str, tuple[str, ...]], intercept: bool) -> list[Encoding]:
    return [encoding for name in features for encoding in _encoding(name, levels, intercept)]


def _encoding(name: str, levels: dict[str, tuple[str, ...]], intercept: bool) -> Iterator[Encoding]:
    if name not in levels:
        return iter([Encoding(name, name, None)])
    return one_hot(name, levels[name], drop_first=intercept)


def _all_names(features: Sequence[str], levels: dict[str, tuple[str, ...]], encodings: list[Encoding]) -> list[str]:
    """Every name that a coefficient could have; a category of one level goes by its own name."""
    single = [name for name in features if len(levels.get(name, ())) == 1]
    return [*single, *(encoding.name for encoding in encodings if encoding.feature not in single)]


def _used_levels(column: CategoryColumn, name: str, used: Rows) -> tuple[str, ...]:
    codes = column.codes[used]
    if codes.min(initial=0) < 0:
        raise DataError(f"Column {name!r} has a cell that is missing.")
    present = np.flatnonzero(np.bincount(codes, minlength=len(column.levels)))
    return tuple(sorted(column.levels[code] for code in present.tolist()))


def _spread(values: FloatArray, name: str, scaling: Literal["standard", "none"]) -> tuple[float, float] | None:
    """(mu, sigma), or None for a column with one value only."""
    if values.min() == values.max():
        return None
    with np.errstate(over="ignore", invalid="ignore"):
        mean, deviation = float(values.mean()), float(values.std())
    if not np.isfinite(deviation):
        raise DataError(f"Column {name!r} has a cell that is missing, not finite, or too large to square.")
    if scaling == "none":
        return 0.0, 1.0
    return None if deviation == 0.0 else (mean, deviation)


def _bounded(rows: Rows, table: Table) -> Rows:
    if not isinstance(rows, slice):
        return rows
    length = next((len(column[0]) for column in table.values()), 0)
    start, stop, _ = rows.indices(length)
    return slice(start, stop)


def _fill(X: FloatArray, preparation: Preparation, table: Table, rows: Rows, some: slice) -> None:
    """Fill some columns of X (n, d): each is read once, since reading one may mean putting it together."""
    columns = [numbers_of(encoding, table, rows) for encoding in preparation.encodings[some]]
    shift, scale, names = preparation.shift[some], preparation.scale[some], preparation.names[some]
    with np.errstate(over="ignore", invalid="ignore"):
        for block in blocks(len(X), len(columns)):
            target = X[block, some]
            for j, column in enumerate(columns):
                np.divide(column[block] - shift[j], scale[j], out=target[:, j])
            if not np.isfinite(target.sum()):
                _refuse_missing(target, names)


def _refuse_unseen(table: Table, name: str, known: tuple[str, ...], rows: Rows) -> None:
    column = table[name]
    if not isinstance(column, CategoryColumn):
        raise DataError(f"Column {name!r} was a category in training and is a number here.")
    if set(column.levels) <= set(known):
        return
    present = {column.levels[code] for code in np.unique(column.codes[rows]).tolist() if code >= 0}
    if unseen := sorted(present - set(known)):
        raise DataError(f"Column {name!r} has levels that training did not have: {', '.join(unseen)}.")


def _refuse_missing(target: FloatArray, names: tuple[str, ...]) -> None:
    for j, name in enumerate(names):
        if not np.isfinite(target[:, j]).all():
            raise DataError(f"Column {name!r} has a cell that is missing or not finite.")


def _same_names(preparation: Preparation, parameters: Parameters) -> None:
    given = set(parameters.coefficients)
    missing = [name for name in preparation.names if name not in given]
    unknown = sorted(given - set(preparation.names) - set(preparation.constant))
    if missing or unknown:
        raise InitialError(
            f"The initial coefficients must name every fitted column: missing {missing}, unknown {unknown}."
        )
    if (parameters.intercept is None) == preparation.intercept:
        raise InitialError("Give an initial intercept if, and only if, the model has one.")
