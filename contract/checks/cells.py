"""Numbers that float64 holds and cannot square."""

import sys
from collections.abc import Iterator
from math import isinf
from typing import Final

from contract.checks.case import Case
from contract.checks.features import is_constant
from contract.dataset import ColumnSummary
from contract.errors import FieldError
from contract.fields import pointer_step

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


def unsquarable_quotients(case: Case) -> Iterator[FieldError]:
    """A divisor of the features after which the squares of one of them overflow or vanish."""
    scaling = case.settings.scaling
    if not isinstance(scaling, dict):
        return
    divisor = scaling["divide_by"]
    for column in (case.columns[name] for name in case.settings.features or []):
        if is_constant(column):
            continue
        too = "large" if _overflows(column, case.rows, divisor) else "small" if _vanishes(column, divisor) else None
        if too:
            other = "larger" if too == "large" else "smaller"
            detail = f"Leaves cells of column {column.name!r} too {too} to square; take a {other} divisor."
            yield FieldError("/scaling/divide_by", detail, "out_of_range")


def far_initial(case: Case) -> Iterator[FieldError]:
    """Initial parameters with which the squares of the predictions overflow."""
    initial = case.settings.initial
    if isinstance(initial, str) or case.settings.is_formula:
        return
    for name, value in initial.items():
        column = case.columns.get(name)
        size = abs(value) * (_largest(column) if column and column.type == "number" else 1.0)
        if isinf(size * size * case.rows * len(initial) ** 2):
            detail = f"Makes predictions of the size {size:g}, too large to square; start nearer to zero."
            yield FieldError(f"/initial{pointer_step(name)}", detail, "out_of_range")


def _overflows(column: ColumnSummary, rows: int, divisor: float = 1.0) -> bool:
    if column.type == "category" or column.missing == rows:
        return False
    largest = _largest(column) / divisor
    return column.std is None or isinf(largest * largest * rows)


def _vanishes(column: ColumnSummary, divisor: float = 1.0) -> bool:
    return column.std is not None and not is_constant(column) and (column.std / divisor) ** 2 < LEAST_VARIANCE


def _largest(column: ColumnSummary) -> float:
    return max(abs(column.min or 0.0), abs(column.max or 0.0))
