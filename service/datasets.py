"""Datasets: CSV in, a summary of its columns out."""

from contextlib import AbstractContextManager
from typing import Any

from flask import Response, request

from contract.dataset import Dataset
from contract.dataset_file import remove
from contract.errors import UnsupportedMedia
from service.documented import CSV, Answer, documented
from service.house import house
from service.idempotency import HEADER, REPLAYED, Try, admitted_key, once
from service.option_texts import csv_options
from service.routing import Routes, answer, answer_page
from service.schemas import CsvOptionsQuery, PageQuery, Query
from service.schemas_dataset import DatasetListSchema, DatasetSchema
from service.schemas_requests import UPLOAD
from service.uploads import Upload, dataset_from, uploaded_csv, uploaded_form
from service.views import dataset_row

routes = Routes("datasets", __name__, description="CSV files, parsed once and ready for jobs.")


@routes.route("/v1/datasets", methods=["POST"])
@documented(
    Answer(201, "The dataset.", DatasetSchema, ("Location", REPLAYED)), takes=(HEADER,), body=UPLOAD, errors=(409,)
)
@routes.arguments(CsvOptionsQuery, location="query")
def create_dataset(query: dict[str, Any]) -> Response:
    """Upload a CSV as ``text/csv`` (options in the query) or as multipart ``file`` (options as fields)."""
    key, datasets = admitted_key(), house().store.datasets
    with _uploaded(query) as upload, once("datasets", key, upload.asked()) as this:
        stored = this.again(datasets.get) or _added(upload, this)
    return answer(stored.to_json(), 201, {"Location": f"/v1/datasets/{stored.id}", **this.headers()})


@routes.route("/v1/datasets", methods=["GET"])
@documented(Answer(200, "A page of datasets.", DatasetListSchema, ("Link",)))
@routes.arguments(PageQuery, location="query")
def list_datasets(query: dict[str, Any]) -> Response:
    """Datasets without their columns, newest first."""
    rows, following = house().store.datasets.newest(query["limit"], query["cursor"])
    return answer_page("datasets", [dataset_row(row) for row in rows], query, following)


@routes.route("/v1/datasets/<dataset_id>", methods=["GET"])
@documented(Answer(200, "The dataset.", DatasetSchema), errors=(404,))
@routes.arguments(Query, location="query")
def show_dataset(query: dict[str, Any], dataset_id: str) -> Response:  # noqa: ARG001 - the query was checked
    """One dataset with its columns."""
    return answer(house().store.datasets.get(dataset_id).to_json())


@routes.route("/v1/datasets/<dataset_id>", methods=["DELETE"])
@documented(Answer(204, "It is gone."), errors=(403, 404, 409))
@routes.arguments(Query, location="query")
def delete_dataset(query: dict[str, Any], dataset_id: str) -> Response:  # noqa: ARG001 - the query was checked
    """Delete a dataset that no queued or running job uses; jobs that have used it stay."""
    house().store.datasets.delete(dataset_id)
    remove(house().config.datasets_dir, dataset_id)
    return Response(status=204)


def _added(upload: Upload, this: Try) -> Dataset:
    house().admission.check()
    with dataset_from(upload) as dataset:
        return house().store.datasets.add(dataset, this.once)


def _uploaded(query: dict[str, Any]) -> AbstractContextManager[Upload]:
    if request.mimetype == "multipart/form-data":
        return uploaded_form(with_settings=False)
    if request.mimetype == CSV:
        return uploaded_csv(csv_options(query))
    raise UnsupportedMedia(
        "Send the CSV as text/csv (curl --data-binary @data.csv -H 'Content-Type: text/csv') "
        "or as a form (curl -F file=@data.csv)."
    )
