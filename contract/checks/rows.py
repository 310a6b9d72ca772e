"""How many rows there are to train on, and whether they are enough.

Where cells are missing, only the dataset's file knows which rows are left; the counts here then are the most that
there can be, and the worker refuses what they let through.
"""

from collections.abc import Iterator

from contract.checks.case import Case, cells
from contract.dataset import ColumnSummary
from contract.errors import FieldError
from contract.gaps import needed_columns
from engine.split import held_out_rows

MOST_DRAWN = 10_000_000


def missing_cells(case: Case) -> Iterator[FieldError]:
    """Columns with missing cells where none may be missing, or with no other cell."""
    for pointer, column in {column.name: (pointer, column) for pointer, column in case.used()}.values():
        if column.missing == case.rows:
            detail = f"Every cell of column {column.name!r} is missing; leave the column out."
            yield FieldError(pointer, detail, "insufficient_data")
        elif column.missing and case.settings.missing == "error":
            yield FieldError("/missing", _missing(column, pointer), "missing_cells")


def training_rows(case: Case) -> int:
    """The most rows that can be left to train on."""
    rows, validation = _complete_rows(case), case.settings.validation or {}
    if "fraction" in validation:
        return rows - held_out_rows(rows, validation["fraction"])
    return rows - 1 if "column" in validation else rows


def wrong_sizes(case: Case) -> Iterator[FieldError]:
    """A split that leaves one side empty, batches larger than all rows, or more draws a pass than anyone awaits."""
    settings, training, rows = case.settings, training_rows(case), _complete_rows(case)
    if "fraction" in (settings.validation or {}) and not 0 < training < rows:
        detail = f"Of {rows} rows this leaves {training} to train on and {rows - training} to validate; both need one."
        yield FieldError("/validation/fraction", detail, "out_of_range")
    elif settings.batch_size and settings.batch_size > training:
        yield FieldError("/batch_size", f"Must be at most the number of training rows, {training}.", "out_of_range")
    elif (settings.steps_per_iteration or 0) * (settings.batch_size or 1) > max(training, MOST_DRAWN):
        detail = f"Steps times batch_size must be at most {MOST_DRAWN}; take more iterations of fewer steps."
        yield FieldError("/steps_per_iteration", detail, "out_of_range")


def _complete_rows(case: Case) -> int:
    """The most rows that can be left once those go that lack a cell that nothing fills."""
    return case.rows - max(case.columns[name].missing for name in needed_columns(case.settings))


def _missing(column: ColumnSummary, pointer: str) -> str:
    if pointer.startswith("/features"):
        cure = '"drop" leaves their rows out, "mean" fills them, or exclude the column'
    else:
        cure = '"drop" leaves their rows out'
    return f"Column {column.name!r} has {cells(column.missing)}; {cure}."
