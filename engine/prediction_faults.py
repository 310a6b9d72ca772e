"""Cells that a fitted model cannot take: missing ones that it has no fill for, levels that training did not have."""

from collections.abc import Iterator
from heapq import merge
from itertools import islice
from typing import NamedTuple

import numpy as np

from engine.arrays import BoolArray, blocks
from engine.encoding import Feature
from engine.prediction import Predictor
from engine.table import CategoryColumn, Column, Table, known_cells


class Fault(NamedTuple):
    """The row from 0 on, the feature, and the level there; None where the cell is missing."""

    row: int
    feature: Feature
    level: str | None


def faults(predictor: Predictor, table: Table, rows: int, most: int) -> list[Fault]:
    """The first faults from top to bottom, at most so many."""
    found = [
        islice(_of_feature(feature, table[feature.name], rows, predictor.drops), most)
        for feature in predictor.features
        if feature.fill is None
    ]
    return list(islice(merge(*found, key=lambda fault: fault.row), most))


def _of_feature(feature: Feature, column: Column, rows: int, drops: bool) -> Iterator[Fault]:
    known = set(feature.levels or ())
    unseen = np.array([level not in known for level in column.levels]) if isinstance(column, CategoryColumn) else None
    for block in blocks(rows, 1):
        wrong = ~known_cells(column, block) if not drops else np.zeros(block.stop - block.start, np.bool_)
        if isinstance(column, CategoryColumn) and unseen is not None and unseen.any():
            wrong |= _unseen(column, block, unseen)
        for row in np.flatnonzero(wrong).tolist():
            yield Fault(block.start + row, feature, _level(column, block.start + row))


def _unseen(column: CategoryColumn, block: slice, unseen: BoolArray) -> BoolArray:
    """Which cells have a level that is marked; the last mark is read by the code -1 of a missing cell."""
    return np.append(unseen, False)[column.codes[block]]


def _level(column: Column, row: int) -> str | None:
    if not isinstance(column, CategoryColumn):
        return None
    code = int(column.codes[slice(row, row + 1)][0])
    return None if code < 0 else column.levels[code]
