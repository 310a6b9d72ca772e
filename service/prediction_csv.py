"""What the columns of a CSV are that a model is to predict: the types that training gave them, not a guess."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from contract.dataset import KEPT_LEVELS, ColumnType, Dataset
from contract.dataset_file import read_columns
from contract.errors import InvalidCsv
from engine.table import Table
from service.csv_header import shown
from service.fitted import Fitted
from service.prediction_faults import missing_columns


def column_types(fitted: Fitted, *, metrics: bool) -> Mapping[str, ColumnType]:
    """The columns that predictions read, and metrics."""
    found: dict[str, ColumnType] = {fitted.target: fitted.target_type} if metrics else {}
    if metrics and fitted.weight_column is not None:
        found[fitted.weight_column] = "number"
    for feature in fitted.predictor.features:
        found[feature.name] = "number" if feature.levels is None else "category"
    return found


def expected_types(fitted: Fitted, names: Sequence[str], *, metrics: bool) -> Mapping[str, ColumnType]:
    """The types of a file's columns; those that nobody reads are texts, which may be any.

    Raises ``InvalidCsv`` (``missing_column``) where a column is not there that the model needs.
    """
    lacking = missing_columns(fitted, names)
    if lacking:
        detail = f"The model reads columns that are not there: {shown(lacking)}. There are: {shown(names)}."
        raise InvalidCsv("missing_column", detail)
    known = column_types(fitted, metrics=metrics)
    return {name: known.get(name, "category") for name in names}


def read_table(fitted: Fitted, dataset: Dataset, folder: Path, *, metrics: bool) -> Table:
    """The columns that are read of those that are there, from the file of the dataset.

    Raises ``InvalidCsv`` (``unknown_category``) for one with more categories than are told apart.
    """
    wanted = column_types(fitted, metrics=metrics)
    columns = [column for column in dataset.columns if column.name in wanted]
    many = [column.name for column in columns if column.has_too_many_levels]
    if many:
        detail = f"More than {KEPT_LEVELS} categories, which are more than training had: {shown(many)}."
        raise InvalidCsv("unknown_category", detail)
    return read_columns(folder, dataset.id, [column.name for column in columns])


def wrong_target(fitted: Fitted, error: InvalidCsv) -> str:
    """What is wrong with a cell of target or weights, which metrics alone read; nothing where none of these is."""
    known = (fitted.target, fitted.weight_column)
    return next((place.detail for place in error.errors if place.column is not None and place.column in known), "")


def strange_target(fitted: Fitted, dataset: Dataset) -> str:
    """That the target of a file has more categories than are told apart; nothing where it does not."""
    if any(column.has_too_many_levels for column in dataset.columns if column.name == fitted.target):
        return f"The target has more than {KEPT_LEVELS} categories, which are more than training had."
    return ""
