"""From the body of a request to a job that can be accepted: settings read, columns checked, data in its place."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import orjson
from flask import request

from contract.columns import Checked, check_columns
from contract.dataset import Dataset
from contract.errors import FieldError, InvalidSettings, NotFound, UnsupportedMedia
from contract.job import progress
from contract.settings import load_settings
from service.body import whole
from service.house import house
from service.json_codec import load
from service.uploads import dataset_from, uploaded_form


class Submission(NamedTuple):
    """A job that may be accepted as it stands."""

    dataset: Dataset
    checked: Checked
    new_dataset: bool

    def record(self) -> dict[str, Any]:
        """The fields of the record."""
        settings = self.checked.settings
        return {
            "name": orjson.dumps(settings.name),
            "labels": settings.labels,
            "settings": settings.to_json(),
            "warnings": [*self.dataset.warnings, *self.checked.warnings],
            "progress": progress(0, settings.max_iterations, None, None),
        }


@contextmanager
def submission() -> Iterator[Submission]:
    """The submission in this request's body. Where the block refuses it, nothing is left behind."""
    house().admission.check()
    if request.mimetype == "multipart/form-data":
        with _with_file() as submitted:
            yield submitted
    elif request.mimetype == "application/json":
        yield _with_dataset_id(load(whole(request), house().config.json_depth))
    else:
        raise UnsupportedMedia(
            'Send a form with the CSV and the settings (curl -F file=@data.csv -F \'settings={"target": "price"}\') '
            'or JSON settings with a dataset id (curl --json \'{"dataset": "ds_…", "target": "price"}\').'
        )


@contextmanager
def _with_file() -> Iterator[Submission]:
    with uploaded_form(with_settings=True) as upload:
        document = load(upload.settings, house().config.json_depth) if upload.settings is not None else {}
        with dataset_from(upload) as dataset:
            yield Submission(dataset, _checked(document, dataset), new_dataset=True)


def _checked(document: Any, dataset: Dataset) -> Checked:
    if isinstance(document, dict) and document.get("dataset") is not None:
        raise InvalidSettings([FieldError("/dataset", "The file is the dataset; send one or the other.")])
    if isinstance(document, dict) and "target" not in document:
        names = ", ".join(column.name for column in dataset.columns[:50])
        raise InvalidSettings(
            [FieldError("/target", f"Is required: the column to predict, one of {names}.", "missing_field")]
        )
    return check_columns(load_settings(document), dataset)


def _with_dataset_id(document: Any) -> Submission:
    settings = load_settings(document)
    if settings.dataset is None:
        raise InvalidSettings(
            [FieldError("/dataset", "Is required: the id that POST /v1/datasets answered.", "missing_field")]
        )
    try:
        dataset = house().store.datasets.get(settings.dataset)
    except NotFound as error:
        raise InvalidSettings([FieldError("/dataset", error.detail, "unknown_dataset")]) from None
    return Submission(dataset, check_columns(settings, dataset), new_dataset=False)
