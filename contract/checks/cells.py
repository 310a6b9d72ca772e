"""Numbers that float64 holds and cannot square."""

from collections.abc import Iterator
from math import isinf

from contract.checks.case import Case
from contract.checks.features import is_constant
from contract.dataset import ColumnSummary
from contract.errors import FieldError


def huge_cells(case: Case) -> Iterator[FieldError]:
    """Columns of the fit whose squares overflow, so that neither costs nor scales are numbers.

    Features whose cells are all the same are no part of the fit.
    """
    for pointer, column in case.used():
        fitted = pointer == "/target" or (pointer.startswith("/features") and not is_constant(column))
        if fitted and _overflows(column, case.rows):
            detail = f"Column {column.name!r} holds cells up to {_largest(column):g}, too large to square"
            yield FieldError(pointer, f"{detail}; use a larger unit.", "out_of_range")


def _overflows(column: ColumnSummary, rows: int) -> bool:
    if column.type == "category" or column.missing == rows:
        return False
    return column.std is None or isinf(_largest(column) * _largest(column) * rows)


def _largest(column: ColumnSummary) -> float:
    return max(abs(column.min or 0.0), abs(column.max or 0.0))
