"""The rows that are drawn beside a fit: a sample of the job's dataset with the model's predictions of it."""

from collections.abc import Iterator

import numpy as np

from contract.dataset_file import read_columns
from contract.errors import Conflict, InputCorrupt, NotFound
from engine.arrays import FloatArray
from engine.class_metrics import MOST_CONFUSED
from engine.classes import class_numbers
from engine.errors import DataError
from engine.prediction import Predictor, predict
from engine.table import NumberColumn, Table, known_cells, numbers_in
from service.fitted import Fitted
from service.house import house
from service.plot_scene import NOTHING, FittedRows, Scene

MOST_ROWS, STRETCHES = 2000, 20
"""So many rows are drawn, from so many places of a larger dataset: a row by itself would cost what lies before it."""
ALONG = 201
MOST_CLASSES = 7
"""The probabilities of more classes are no picture any more."""


def fitted_rows(scene: Scene) -> FittedRows | None:
    """The rows beside the fit of a job, where it is drawn with any.

    Raises ``Conflict`` where they are gone, or are none that the model takes.
    """
    fitted, store = house().models.of(scene.job.id), house().store
    if len(fitted.predictor.classes) > MOST_CONFUSED:
        raise Conflict(f"A fit of more than {MOST_CONFUSED} classes has no picture.", *NOTHING)
    if fitted.predictor.classes and not shows_probabilities(fitted.predictor):
        return None  # the matrix of the metrics is drawn, which needs no rows
    try:
        total = store.datasets.get(scene.job.dataset).rows
    except NotFound:
        raise Conflict("The dataset of this job is gone, so there is no fit to draw.", *NOTHING) from None
    names = [*(feature.name for feature in fitted.predictor.features), fitted.target]
    try:
        return _of_table(fitted, read_columns(house().config.datasets_dir, scene.job.dataset, names), total)
    except (DataError, InputCorrupt) as error:
        raise Conflict(f"The fit cannot be drawn: {error}", *NOTHING) from error


def shows_probabilities(predictor: Predictor) -> bool:
    """Whether there are few classes along one feature."""
    return 0 < len(predictor.classes) <= MOST_CLASSES and _has_line(predictor)


def stretches(rows: int) -> Iterator[slice]:
    """The rows that are drawn: all, or as many stretches of consecutive ones, spread evenly."""
    if rows <= MOST_ROWS:
        yield slice(0, rows)
        return
    length = MOST_ROWS // STRETCHES
    for start in np.linspace(0, rows - length, STRETCHES).astype(np.int64).tolist():
        yield slice(start, start + length)


def _of_table(fitted: Fitted, table: Table, total: int) -> FittedRows:
    predictor, places = fitted.predictor, list(stretches(total))
    target = np.concatenate([_targets(fitted, table, rows) for rows in places])
    predicted = np.concatenate([predict(predictor, table, rows).values for rows in places])
    kept = np.isfinite(target) & np.isfinite(predicted)
    found = FittedRows(total, target[kept], predicted[kept], classes=predictor.classes)
    if not kept.any() or not _has_line(predictor):
        return found
    name = predictor.features[0].name
    x = np.concatenate([numbers_in(table, name, rows) for rows in places])[kept]
    along = np.linspace(np.nanmin(x), np.nanmax(x), ALONG)
    line = predict(predictor, {name: NumberColumn(along)}, slice(0, ALONG))
    values = line.values if line.probabilities is None else line.probabilities
    return found._replace(feature=name, x=x, along=along, line=values)


def _targets(fitted: Fitted, table: Table, rows: slice) -> FloatArray:
    """Numbers, or places of classes; NaN where a cell is missing."""
    if not fitted.predictor.classes:
        return numbers_in(table, fitted.target, rows)
    column, found = table[fitted.target], np.full(rows.stop - rows.start, np.nan)
    known = np.flatnonzero(known_cells(column, rows))
    found[known] = class_numbers(column, fitted.target, rows.start + known, fitted.predictor.classes)
    return found


def _has_line(predictor: Predictor) -> bool:
    return len(predictor.features) == 1 and predictor.features[0].levels is None
