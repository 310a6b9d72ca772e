"""Targets of counts that hold numbers below zero: only the cells say in how many rows."""

from contextlib import AbstractContextManager
from pathlib import Path

from contract.checks.target import below_zero
from contract.class_target import NO_TURN
from contract.dataset import Dataset
from contract.dataset_file import read_columns
from contract.settings import Settings
from engine.arrays import blocks


def with_negative(
    dataset: Dataset, settings: Settings, folder: Path, turn: AbstractContextManager[object] = NO_TURN
) -> Dataset:
    """The dataset with the number of its target's cells below zero, if it has some and the loss takes none.

    ``turn`` is held while the cells are read. Raises ``InputCorrupt`` where the dataset's file cannot be read.
    """
    target = next((column for column in dataset.columns if column.name == settings.target), None)
    if target is None or below_zero(target, settings) is None:
        return dataset
    with turn:
        cells = read_columns(folder, dataset.id, [target.name]).pieces(target.name)
        negative = sum(int((piece[block] < 0).sum()) for piece in cells for block in blocks(piece.size, 1))
    counted = target._replace(negative=negative)
    return dataset._replace(columns=tuple(counted if column is target else column for column in dataset.columns))
