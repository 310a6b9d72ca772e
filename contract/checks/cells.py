"""Numbers that float64 holds and cannot square."""

import sys
from collections.abc import Iterator
from math import isinf
from typing import Final

from contract.checks.case import Case
from contract.checks.features import is_constant
from contract.dataset import ColumnSummary
from contract.errors import FieldError

LEAST_VARIANCE: Final = sys.float_info.min / sys.float_info.epsilon
"""Below it a 1e-16th of the variance, which a cost may come down to, has no digits."""


def unsquarable_cells(case: Case) -> Iterator[FieldError]:
    """Columns of the fit whose squares overflow or vanish, so that costs and scales are no numbers, or zero.

    Features whose cells are all the same are no part of the fit.
    """
    for pointer, column in case.used():
        fitted = pointer == "/target" or (pointer.startswith("/features") and not is_constant(column))
        if fitted and _overflows(column, case.rows):
            detail = f"Column {column.name!r} holds cells up to {_largest(column):g}, too large to square"
            yield FieldError(pointer, f"{detail}; use a larger unit.", "out_of_range")
        elif fitted and _vanishes(column):
            spread = (column.max or 0.0) - (column.min or 0.0)
            detail = f"Column {column.name!r} holds cells that differ by {spread:g} at most, too little to square"
            yield FieldError(pointer, f"{detail}; use a smaller unit.", "out_of_range")


def _overflows(column: ColumnSummary, rows: int) -> bool:
    if column.type == "category" or column.missing == rows:
        return False
    return column.std is None or isinf(_largest(column) * _largest(column) * rows)


def _vanishes(column: ColumnSummary) -> bool:
    return column.std is not None and not is_constant(column) and column.std * column.std < LEAST_VARIANCE


def _largest(column: ColumnSummary) -> float:
    return max(abs(column.min or 0.0), abs(column.max or 0.0))
