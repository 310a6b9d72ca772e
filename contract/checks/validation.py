"""Whether the rows to be held out can be found, and whether another dataset's rows are of the same kind."""

from collections.abc import Iterator
from typing import Any

from contract.checks.case import Case, cells, listed_names
from contract.checks.features import is_constant
from contract.checks.target import below_zero
from contract.dataset import KEPT_LEVELS, ColumnSummary, Dataset
from contract.errors import FieldError
from contract.fields import echo


def wrong_validation_column(case: Case) -> Iterator[FieldError]:
    """A column that cannot say which rows are held out, or a value that no row has, or that all have."""
    name = case.settings.held_out_column
    column = None if name is None else case.columns.get(name)
    if column is None:
        return
    if name == case.settings.target:
        yield FieldError("/validation/column", f"{name!r} is the target and cannot say which rows are held out.")
    elif column.has_too_many_levels:
        detail = f"{name!r} holds more than {KEPT_LEVELS} different texts, which are not kept; take another column."
        yield FieldError("/validation/column", detail)
    elif sentence := _wrong_value(column, (case.settings.validation or {})["value"]):
        yield FieldError("/validation/value", sentence[1], sentence[0])


def other_dataset(case: Case, held_out: Dataset | None) -> Iterator[FieldError]:
    """Columns that the held-out dataset lacks or has otherwise than the dataset that is trained on."""
    if held_out is None:
        return
    if held_out.id == case.settings.dataset:
        detail = 'Is the dataset that is trained on; to hold out some of its rows say {"fraction": 0.2}.'
        yield FieldError("/validation/dataset", detail)
    theirs = {column.name: column for column in held_out.columns}
    for _, column in case.used():
        if sentence := _difference(case, column, theirs.get(column.name)):
            yield FieldError("/validation/dataset", sentence)


def _wrong_value(column: ColumnSummary, value: Any) -> tuple[str, str] | None:
    """The code and the sentence for a value that does not split the rows in two."""
    name, number = column.name, column.type == "number"
    if isinstance(value, str) is number:
        kind, cure = ("numbers", "a number without quotes") if number else ("text", "a string in quotes")
        return "wrong_type", f"Column {name!r} holds {kind}: give {cure}, not {echo(value)}."
    if not number and value not in column.categories:
        there = listed_names(column.categories)
        return "unknown_value", f"No cell of column {name!r} is {echo(value)}; there are: {there}."
    if number and not _between(value, column):
        return "unknown_value", f"No cell of column {name!r} is {value:g}; they lie between {_range(column)}."
    if is_constant(column):
        known = " that is not missing" if column.missing else ""
        detail = f"Every cell of column {name!r}{known} is {echo(value)}, so no row is left to train on."
        return "insufficient_data", detail
    return None


def _between(value: float, column: ColumnSummary) -> bool:
    return column.min is not None and column.max is not None and column.min <= value <= column.max


def _range(column: ColumnSummary) -> str:
    return "nothing, for all are missing" if column.min is None else f"{column.min:g} and {column.max:g}"


def _difference(case: Case, ours: ColumnSummary, theirs: ColumnSummary | None) -> str | None:
    name, filled = ours.name, case.settings.missing
    if theirs is None:
        return f"Has no column {name!r}, which the job uses."
    if theirs.type == "number" and ours.type == "category" and name == case.settings.target:
        return f"Its column {name!r} holds numbers that are no classes."
    if theirs.type != ours.type:
        return f"Its column {name!r} holds {_kind(theirs)} and that of the training rows {_kind(ours)}."
    if name == case.settings.target and (sentence := below_zero(theirs, case.settings)):
        return f"Its column {name!r} {sentence}"
    if theirs.missing and filled == "error":
        return f"Its column {name!r} has {cells(theirs.missing)}; take missing 'drop' or 'mean', or fill them."
    unseen = sorted(set(theirs.categories) - set(ours.categories))
    if unseen and (filled != "mean" or name == case.settings.target):
        return f"Its column {name!r} holds texts that the training rows do not have: {listed_names(unseen)}."
    return None


def _kind(column: ColumnSummary) -> str:
    return "numbers" if column.type == "number" else "text"
