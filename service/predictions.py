"""Predictions: rows in, what the model of a job makes of them out."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext
from functools import partial
from typing import Any, Final

from flask import Response, request

from contract.dataset import Dataset
from contract.errors import BadRequest, InvalidCsv, InvalidRows, UnsupportedMedia
from engine.errors import DataError
from service.body import whole
from service.documented import CSV, JSON, Answer, documented
from service.fitted import Fitted
from service.house import house
from service.json_codec import load
from service.option_texts import csv_options
from service.prediction_answers import AT_ONCE, Asked, csv_pieces, document, json_pieces
from service.prediction_csv import expected_types, read_table, strange_target, wrong_target
from service.prediction_faults import check_csv, check_rows
from service.prediction_rows import known_of, rows_of, table_of
from service.routing import Routes, answer
from service.schemas import PredictionQuery
from service.schemas_prediction import PREDICTIONS_CSV, ROWS, PredictionsSchema
from service.uploads import Upload, dataset_from, uploaded_csv

routes = Routes("predictions", __name__, description="What fitted models make of rows.")

MOST_WORK: Final = 10**11
"""Multiplications of a pass over all rows, of which an answer with metrics and probabilities takes three.

One is about five seconds of a core; a client that leaves during the metrics is not noticed.
"""
LITTLE_WORK: Final = 10**8
"""So few need no turn among the files that are parsed and predicted at a time (``THALWEG_PARSES``)."""


@routes.route("/v1/jobs/<job_id>/predictions", methods=["POST"])
@documented(
    Answer(200, "The predictions.", PredictionsSchema),
    Answer(200, "The predictions.", PREDICTIONS_CSV, media=CSV),
    body=ROWS,
    errors=(404, 409),
)
@routes.arguments(PredictionQuery, location="query")
def predict_rows(query: dict[str, Any], job_id: str) -> Response:
    """Predict rows by the model of a job, prepared as its training rows were; with metrics where targets are known."""
    fitted = house().models.of(job_id)
    as_csv = request.accept_mimetypes.best_match([JSON, CSV]) == CSV
    with _asked(fitted, query, metrics=not as_csv) as asked:
        if as_csv:
            return Response(csv_pieces(asked), content_type=f"{CSV}; charset=utf-8")
        metrics, asked = _measured(asked)
        if asked.numbers <= AT_ONCE:
            return answer(document(asked, metrics))
        return Response(json_pieces(asked, metrics), content_type=JSON)


@contextmanager
def _asked(fitted: Fitted, query: Mapping[str, Any], *, metrics: bool) -> Iterator[Asked]:
    """The rows of the body, checked. Those of a CSV stay readable after the block, in which their file has its name."""
    options = {name: text for name, text in query.items() if name != "pretty"}
    if request.mimetype == JSON:
        if options:
            raise BadRequest(f"The argument {next(iter(options))!r} goes with a CSV only.", "invalid_parameter")
        yield _rows(fitted)
    elif request.mimetype == CSV:
        expected = partial(expected_types, fitted, metrics=metrics)
        given = csv_options(options)
        missing = given.missing_values if options.get("missing_values") is not None else fitted.missing_values
        with uploaded_csv(given._replace(expect=expected, missing_values=missing)) as upload:
            yield from _csv(fitted, upload, metrics=metrics)
    else:
        raise UnsupportedMedia(
            'Send rows as application/json (curl --json \'{"rows": [{"rooms": 6.1}]}\') or as text/csv '
            "(curl --data-binary @data.csv -H 'Content-Type: text/csv')."
        )


def _rows(fitted: Fitted) -> Asked:
    rows = rows_of(load(whole(request), house().config.json_depth))
    table = table_of(fitted, rows)
    check_rows(fitted, table, len(rows))
    try:
        return Asked(fitted, table | known_of(fitted, rows), len(rows))
    except InvalidRows as error:
        return Asked(fitted, table, len(rows), unmeasured=f"{error.errors[0].pointer}: {error.errors[0].detail}")


def _csv(fitted: Fitted, upload: Upload, *, metrics: bool) -> Iterator[Asked]:
    with _read(fitted, upload, metrics=metrics) as (dataset, unmeasured):
        _check_work(fitted, dataset.rows)
        table = read_table(fitted, dataset, house().config.datasets_dir, metrics=metrics and not unmeasured)
        check_csv(fitted, table, dataset.rows)
        turn = house().parsing if fitted.work * dataset.rows > LITTLE_WORK else nullcontext()
        yield Asked(fitted, table, dataset.rows, turn, unmeasured)


@contextmanager
def _read(fitted: Fitted, upload: Upload, *, metrics: bool) -> Iterator[tuple[Dataset, str]]:
    """The file, and why its targets or weights are none: then it is read again without them, as no prediction reads."""
    with ExitStack() as stack:
        unmeasured = ""
        try:
            dataset = stack.enter_context(dataset_from(upload, kept=False))
        except InvalidCsv as error:
            unmeasured = wrong_target(fitted, error) if metrics else ""
            if not unmeasured:
                raise
            options = upload.options._replace(expect=partial(expected_types, fitted, metrics=False))
            dataset = stack.enter_context(dataset_from(upload._replace(options=options), kept=False))
        if metrics:
            unmeasured = unmeasured or strange_target(fitted, dataset)
        yield dataset, unmeasured


def _check_work(fitted: Fitted, rows: int) -> None:
    if fitted.work * rows > MOST_WORK:
        detail = (
            f"The file has {rows} rows; this model of {fitted.work} weights takes {MOST_WORK // fitted.work} at a time."
        )
        raise InvalidCsv("too_many_rows", f"{detail} Send it in parts.")


def _measured(asked: Asked) -> tuple[dict[str, Any] | None, Asked]:
    """Metrics, where the targets allow them; where they do not, the answer is to say why."""
    try:
        return asked.metrics(), asked
    except DataError as error:
        return None, asked._replace(unmeasured=str(error))
