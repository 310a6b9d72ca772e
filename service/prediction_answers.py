"""Predictions as they are answered: one JSON document, the same in pieces where it is large, or a CSV in pieces.

Whatever can be refused was refused before: an answer that has begun cannot become a refusal.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from io import BytesIO
from typing import Any, Final, NamedTuple

import numpy as np
import orjson
import pyarrow as pa
from pyarrow import csv as arrow_csv

from engine.arrays import FloatArray, blocks
from engine.class_metrics import ClassMetrics
from engine.losses import CrossEntropy, LogLoss
from engine.metrics import RegressionMetrics
from engine.prediction import Predictions, Predictor, predict
from engine.prediction_metrics import prediction_metrics
from engine.rows import PASS_NUMBERS
from engine.table import Table
from service.csv_header import header_line
from service.fitted import Fitted

AT_ONCE: Final = 100_000
"""Numbers of an answer that is made as a whole."""

MOST_MEASURED: Final = 1_000_000
"""Rows that have metrics, for these take some 60 bytes of a row at a time: the area under the curve orders them all."""


class Asked(NamedTuple):
    """Rows of a table whose predictions are asked for, none of which has a fault."""

    fitted: Fitted
    table: Table
    rows: int
    turn: AbstractContextManager[Any] = nullcontext()
    """Held while rows are predicted, not while they are sent: a slow client keeps no other one waiting."""
    unmeasured: str = ""
    """Why there are no metrics, where targets were given."""

    @property
    def numbers(self) -> int:
        """How many the answer holds."""
        return self.rows * (1 + len(self.fitted.predictor.classes))

    def found(self) -> Iterator[Predictions]:
        """The predictions, block by block."""
        predictor = self.fitted.predictor
        for block in blocks(self.rows, predictor.width + len(predictor.classes), PASS_NUMBERS):
            with self.turn:
                found = predict(predictor, self.table, block)
            yield found

    def metrics(self) -> dict[str, Any] | None:
        """Where the target is there; an error of the engine says which target or weight is wrong."""
        fitted = self.fitted
        if fitted.target not in self.table or self.is_long:
            return None
        weights = fitted.weight_column if fitted.weight_column in self.table else None
        with self.turn:
            found: RegressionMetrics | ClassMetrics | None = prediction_metrics(
                fitted.predictor, self.table, self.rows, fitted.target, weights
            )
        return found and found._asdict()

    @property
    def is_long(self) -> bool:
        """Whether there are too many rows for metrics."""
        return self.rows > MOST_MEASURED


def has_probabilities(predictor: Predictor) -> bool:
    """Whether the scores of the model's classes are probabilities."""
    return bool(predictor.classes) and isinstance(predictor.loss, LogLoss | CrossEntropy)


def document(asked: Asked, metrics: dict[str, Any] | None) -> dict[str, Any]:
    """The answer as a whole."""
    predictor, found = asked.fitted.predictor, list(asked.found())
    values = np.concatenate([np.empty(0), *(one.values for one in found)])
    shares = [one.probabilities for one in found if one.probabilities is not None]
    probabilities = np.concatenate(shares).tolist() if shares else []
    return {
        **_head(asked, metrics),
        "predictions": _shown(predictor, values),
        "probabilities": _rows_or_null(probabilities) if has_probabilities(predictor) else None,
        "warnings": _warnings(asked, int(np.isnan(values).sum())),
    }


def json_pieces(asked: Asked, metrics: dict[str, Any] | None) -> Iterator[bytes]:
    """The same in pieces, in flat memory: the rows are predicted once for each of the lists."""
    predictor, absent = asked.fitted.predictor, 0
    yield orjson.dumps(_head(asked, metrics))[:-1] + b',"predictions":['
    for k, found in enumerate(asked.found()):
        absent += int(np.isnan(found.values).sum())
        yield _inner(_shown(predictor, found.values), k)
    yield b'],"probabilities":'
    yield from _probabilities(asked) if has_probabilities(predictor) else [b"null"]
    yield b',"warnings":' + orjson.dumps(_warnings(asked, absent)) + b"}\n"


def csv_pieces(asked: Asked) -> Iterator[bytes]:
    """A line of names and one for each row, which begins with its number, since a blank line would be no row.

    Cells are empty where there is no prediction.
    """
    predictor, first = asked.fitted.predictor, 1
    names = ["row", "prediction", *(f"probability={one}" for one in predictor.classes if has_probabilities(predictor))]
    yield header_line(names).encode()
    for found in asked.found():
        yield _lines(predictor, found, first)
        first += found.values.size


def _lines(predictor: Predictor, found: Predictions, first: int) -> bytes:
    columns = [pa.array(np.arange(first, first + found.values.size)), _values(predictor, found.values)]
    if found.probabilities is not None:
        columns += [_arrow(column) for column in found.probabilities.T]
    sink = BytesIO()
    options = arrow_csv.WriteOptions(include_header=False, quoting_style="needed")
    arrow_csv.write_csv(pa.RecordBatch.from_arrays(columns, names=[str(k) for k in range(len(columns))]), sink, options)
    return sink.getvalue()


def _values(predictor: Predictor, values: FloatArray) -> Any:
    if not predictor.classes:
        return _arrow(values)
    places: Any = pa.array(np.nan_to_num(values).astype(np.int32), mask=np.isnan(values))
    return pa.array(predictor.classes, pa.string()).take(places)


def _arrow(values: FloatArray) -> Any:
    return pa.array(np.ascontiguousarray(values), from_pandas=True)  # NaN becomes null


def _head(asked: Asked, metrics: dict[str, Any] | None) -> dict[str, Any]:
    classes = asked.fitted.predictor.classes
    return {"job": asked.fitted.job, "classes": list(classes) or None, "metrics": metrics}


def _shown(predictor: Predictor, values: FloatArray) -> FloatArray | list[str | None]:
    """Numbers, of which NaN is shown as null, or names of classes."""
    if not predictor.classes:
        return values
    return [None if place != place else predictor.classes[int(place)] for place in values.tolist()]


def _rows_or_null(probabilities: list[list[float]]) -> list[list[float] | None]:
    return [None if row[0] != row[0] else row for row in probabilities]


def _probabilities(asked: Asked) -> Iterator[bytes]:
    yield b"["
    for k, found in enumerate(asked.found()):
        if found.probabilities is not None:
            yield _inner(_rows_or_null(found.probabilities.tolist()), k)
    yield b"]"


def _inner(values: Any, k: int) -> bytes:
    """The elements of the k-th piece of a list."""
    return (b"," if k else b"") + orjson.dumps(values, option=orjson.OPT_SERIALIZE_NUMPY)[1:-1]


def _warnings(asked: Asked, absent: int) -> list[dict[str, Any]]:
    return [*_no_metrics(asked), *_no_prediction(asked, absent)]


def _no_metrics(asked: Asked) -> Iterator[dict[str, Any]]:
    why = asked.unmeasured
    if asked.is_long and asked.fitted.target in asked.table:
        why = f"There are more than {MOST_MEASURED} rows; send fewer for these."
    if why:
        yield {"code": "no_metrics", "detail": f"There are no metrics. {why}", "pointer": "/metrics"}


def _no_prediction(asked: Asked, absent: int) -> Iterator[dict[str, Any]]:
    if not absent:
        return
    rows, they = ("1 row has", "it has") if absent == 1 else (f"{absent} rows have", "they have")
    why = f"{they} a missing cell (missing is drop), or " if asked.fitted.missing == "drop" else ""
    detail = f"{rows} no prediction: {why}it is no number that float64 holds."
    yield {"code": "rows_without_prediction", "detail": detail, "pointer": "/rows"}
