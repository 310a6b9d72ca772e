"""Numbers that float64 holds and cannot square."""

from collections.abc import Iterator

from contract.checks.case import Case
from contract.dataset import ColumnSummary
from contract.errors import FieldError


def huge_cells(case: Case) -> Iterator[FieldError]:
    """Columns of the fit whose squares overflow, so that neither costs nor scales are numbers."""
    for pointer, column in case.used():
        if pointer.startswith(("/target", "/features")) and _overflows(column, case.rows):
            largest = max(abs(column.min or 0.0), abs(column.max or 0.0))
            detail = f"Column {column.name!r} holds cells up to {largest:g}, too large to square; use a larger unit."
            yield FieldError(pointer, detail, "out_of_range")


def _overflows(column: ColumnSummary, rows: int) -> bool:
    return column.type == "number" and column.missing < rows and column.std is None
