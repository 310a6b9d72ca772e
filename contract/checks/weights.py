"""Whether the weight column holds weights."""

from collections.abc import Iterator

from contract.checks.case import Case
from contract.dataset import ColumnSummary
from contract.errors import FieldError


def wrong_weights(case: Case) -> Iterator[FieldError]:
    """A weight column that is the target, holds text, or holds weights that cannot be used."""
    name = case.settings.weight_column
    column = None if name is None else case.columns.get(name)
    if column and (sentence := _wrong(column, case)):
        yield FieldError("/weight_column", f"Column {name!r} {sentence}")


def _wrong(column: ColumnSummary, case: Case) -> str | None:
    if column.name == case.settings.target:
        return "is the target and cannot hold the weights too."
    if column.type != "number":
        return "holds text; weights are numbers of at least 0."
    if column.min is not None and column.min < 0:
        return f"holds {column.min:g}; weights are at least 0."
    return "holds nothing but 0, so no row counts." if column.max == 0 else None
