"""Datasets: CSV in, a summary of its columns out."""

from typing import Any

from flask import Response, request

from contract.errors import UnsupportedMedia
from service.house import house
from service.request import read_body
from service.routing import Routes, answer
from service.schemas import CsvOptionsQuery, Query
from service.spool import Spool
from service.uploads import Form, csv_options, dataset_from, read_form

routes = Routes("datasets", __name__, description="CSV files, parsed once and ready for jobs.")


@routes.route("/v1/datasets", methods=["POST"])
@routes.arguments(CsvOptionsQuery, location="query")
def create_dataset(query: dict[str, Any]) -> Response:
    """Upload a CSV as ``text/csv`` (options in the query) or as multipart ``file`` (options as fields)."""
    house().admission.check()
    form = _receive(query)
    with form.spool, dataset_from(form.spool, form.options) as dataset:
        stored = house().store.add_dataset(dataset)
    return answer(stored.to_json(), 201, {"Location": f"/v1/datasets/{stored.id}"})


@routes.route("/v1/datasets/<dataset_id>", methods=["GET"])
@routes.arguments(Query, location="query")
def show_dataset(query: dict[str, Any], dataset_id: str) -> Response:  # noqa: ARG001 - the query was checked
    """One dataset with its columns."""
    return answer(house().store.dataset(dataset_id).to_json())


def _receive(query: dict[str, Any]) -> Form:
    if request.mimetype == "multipart/form-data":
        return read_form(with_settings=False)
    if request.mimetype != "text/csv":
        raise UnsupportedMedia(
            "Send the CSV as text/csv (curl --data-binary @data.csv -H 'Content-Type: text/csv') "
            "or as a form (curl -F file=@data.csv)."
        )
    spool = Spool(house().config.datasets_dir, house().config.max_body)
    for piece in read_body(request, spool.limit):
        spool.write(piece)
    return Form(spool, csv_options(query), None)
