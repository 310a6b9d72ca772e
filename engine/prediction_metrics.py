"""How well a fitted model predicts rows whose target is known: the metrics of training, of any rows."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from engine.arrays import FloatArray, IntArray, Rows, as_slice, blocks, part
from engine.class_metrics import ClassMetrics, class_metrics
from engine.classes import class_numbers
from engine.losses import Loss
from engine.metrics import RegressionMetrics, regression_metrics
from engine.prediction import Predictor, complete, has_prediction, scores_of
from engine.rows import PASS_NUMBERS, normalised
from engine.table import Table, known_cells, numbers_in

NO_THETA = np.empty(0)
"""A predictor has its parameters already."""


class KnownRows(NamedTuple):
    """Rows of a table with their targets y (n,), as metrics read them (``engine.rows.Scored``)."""

    predictor: Predictor
    table: Table
    rows: Rows
    y: FloatArray
    weights: FloatArray | None
    unit: float

    @property
    def loss(self) -> Loss:
        """That of a row."""
        return self.predictor.loss

    def scores(self, _theta: FloatArray) -> Iterator[tuple[slice, FloatArray]]:
        """Blocks of rows with their scores."""
        for block in blocks(self.y.size, self.predictor.width, PASS_NUMBERS):
            yield block, scores_of(self.predictor, self.table, part(self.rows, block))


def prediction_metrics(
    predictor: Predictor, table: Table, rows: int, target: str, weights: str | None = None
) -> RegressionMetrics | ClassMetrics | None:
    """Of those of the first `rows` rows that have a prediction, a target and, where a column is named, a weight.

    None where there is no such row. Raises DataError for classes that training did not have, and for weights below 0.
    """
    used = known_cells(table[target], slice(0, rows)) & complete(predictor, table, slice(0, rows))
    if weights is not None:
        used &= known_cells(table[weights], slice(0, rows))
    counted = _with_prediction(predictor, table, np.flatnonzero(used))
    if counted.size == 0:
        return None
    known = _known_rows(predictor, table, as_slice(counted), target, weights)
    if predictor.classes:
        return class_metrics(known, NO_THETA, predictor.classes)
    return regression_metrics(known, NO_THETA)


def _with_prediction(predictor: Predictor, table: Table, rows: IntArray) -> IntArray:
    """Those of the rows, all complete, whose predictions float64 can hold: another one would spoil every figure."""
    some, given = as_slice(rows), np.ones(rows.size, dtype=np.bool_)
    for block in blocks(rows.size, predictor.width, PASS_NUMBERS):
        given[block] = has_prediction(predictor, scores_of(predictor, table, part(some, block)))
    return rows[given]


def _known_rows(predictor: Predictor, table: Table, rows: Rows, target: str, weights: str | None) -> KnownRows:
    if predictor.classes:
        y = class_numbers(table[target], target, rows, predictor.classes)
    else:
        y = numbers_in(table, target, rows)
    shares, unit = (None, 1.0) if weights is None else normalised(numbers_in(table, weights, rows))
    return KnownRows(predictor, table, rows, y, shares, unit)
