"""Targets whose classes are written as numbers, such as 0 and 1: only the cells say whether they are classes."""

from pathlib import Path

from contract.choices import CLASSIFIERS
from contract.dataset import ColumnSummary, Dataset
from contract.dataset_file import read_columns
from contract.settings import Settings
from engine.classes import classes_of
from engine.errors import DataError
from engine.split import complete_rows


def with_classes(dataset: Dataset, settings: Settings, folder: Path) -> Dataset:
    """The dataset with its target as a category, if the model predicts classes and the target's numbers are some.

    Raises ``InputCorrupt`` where the dataset's file cannot be read.
    """
    if settings.model["name"] not in CLASSIFIERS:
        return dataset
    columns = [_as_category(column, dataset, folder, settings.target) for column in dataset.columns]
    return dataset._replace(columns=tuple(columns))


def _as_category(column: ColumnSummary, dataset: Dataset, folder: Path, target: str) -> ColumnSummary:
    if column.name != target or column.type == "category":
        return column
    table = read_columns(folder, dataset.id, [target])
    try:
        names = classes_of(table[target], target, complete_rows(table, [target], dataset.rows))
    except DataError:
        return column  # which contract/checks/target.py refuses, with the cure
    return ColumnSummary(target, "category", column.missing, categories=names, levels=len(names))
