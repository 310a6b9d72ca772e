"""Targets whose classes are written as numbers, such as 0 and 1: only the cells say whether they are classes."""

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Final

from contract.dataset import ColumnSummary, Dataset
from contract.dataset_file import MappedColumns, read_columns
from contract.settings import BY_TARGET, Settings
from engine.classes import number_classes
from engine.errors import DataError

NO_TURN: Final = nullcontext()


def with_classes(
    dataset: Dataset, settings: Settings, folder: Path, turn: AbstractContextManager[object] = NO_TURN
) -> Dataset:
    """The dataset with its target as a category, if the model predicts classes and the target's numbers are some.

    Where a network's loss depends on the target, which stays a column of numbers, ``levels`` counts the classes that
    they could be.

    ``turn`` is held while the cells are read, which takes seconds where there are a hundred million.

    Raises ``InputCorrupt`` where the dataset's file cannot be read.
    """
    numbers = {column.name for column in dataset.columns if column.type == "number"}
    undecided = settings.loss == BY_TARGET
    if not (settings.predicts_classes or undecided) or settings.target not in numbers:
        return dataset
    with turn:
        cells = read_columns(folder, dataset.id, [settings.target])
        columns = [
            _as_category(column, cells, undecided) if column.name == settings.target else column
            for column in dataset.columns
        ]
    return dataset._replace(columns=tuple(columns))


def _as_category(column: ColumnSummary, cells: MappedColumns, undecided: bool) -> ColumnSummary:
    try:
        names = sorted(number_classes(cells.pieces(column.name), column.name))
    except DataError:
        return column  # which contract/checks/target.py refuses, with the cure
    if undecided:
        return column._replace(levels=len(names))
    return ColumnSummary(column.name, "category", column.missing, categories=tuple(names), levels=len(names))
