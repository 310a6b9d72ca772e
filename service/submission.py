"""From the body of a request to a job that can be accepted: settings read, columns checked, data in its place.

How the settings are read and checked stands in ``settings_reader.py``.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from flask import request

from contract.any_settings import first_fields, is_function
from contract.columns import Checked
from contract.dataset import Dataset
from contract.errors import FieldError, InvalidSettings, NotFound, UnsupportedMedia
from contract.settings import Settings
from contract.store_datasets import NO_DATASET
from service.body import whole
from service.documented import JSON
from service.function_submission import FunctionSubmission, function_submission
from service.house import house
from service.json_codec import load
from service.settings_reader import before_columns, check, known_dataset, read_settings, validation_dataset
from service.uploads import Upload, dataset_from, uploaded_form

FORM, DOCUMENT = '{"target": "price"}', '{"dataset": "ds_…", "target": "price"}'


class Submission(NamedTuple):
    """A job that may be accepted as it stands."""

    dataset: Dataset
    held_out: Dataset | None
    checked: Checked
    new_dataset: bool

    @property
    def settings(self) -> Settings:
        """The effective ones."""
        return self.checked.settings

    def record(self) -> dict[str, Any]:
        """The fields of the record."""
        return first_fields(self.settings, self.warnings(), self.settings.max_iterations)

    def uses(self) -> tuple[str, ...]:
        """The datasets that the job reads beside its own."""
        return () if self.held_out is None else (self.held_out.id,)

    def warnings(self) -> list[Mapping[str, Any]]:
        """What the reader of the CSV and the checks of the settings found odd."""
        return [*self.dataset.warnings, *self.checked.warnings]

    @property
    def recorded(self) -> int:
        """How many parameters the history keeps."""
        return self.checked.recorded

    def verdict(self) -> dict[str, Any]:
        """What there is to say of settings that will not be run."""
        settings = self.settings.to_json() | ({"dataset": None} if self.new_dataset else {})
        return {"settings": settings, "warnings": self.warnings()}

    def about_dataset(self) -> dict[str, Any]:
        """The file that the settings were held against."""
        about = self.dataset.to_json()
        return {name: about[name] for name in ("name", "rows", "bytes", "sha256", "dialect", "columns")}


class Received(NamedTuple):
    """A body that was read: the settings' JSON, and the file where one came with it."""

    document: Any
    upload: Upload | None

    def asked(self) -> dict[str, Any]:
        """All that the body says, as JSON."""
        return {"settings": self.document, **(self.upload.asked() if self.upload else {})}


@contextmanager
def received(form: str = FORM, document: str = DOCUMENT) -> Iterator[Received]:
    """This request's body; its file is gone after the block.

    Raises ``UnsupportedMedia``, which shows settings in a ``form`` and in a ``document`` of their own.
    """
    depth = house().config.json_depth
    if request.mimetype == "multipart/form-data":
        with uploaded_form(with_settings=True) as upload:
            yield Received(load(upload.settings, depth) if upload.settings is not None else {}, upload)
    elif request.mimetype == JSON:
        yield Received(load(whole(request), depth), None)
    else:
        raise UnsupportedMedia(
            f"Send a form with the CSV and the settings (curl -F file=@data.csv -F 'settings={form}') "
            f"or JSON settings with a dataset id (curl --json '{document}') or a function."
        )


@contextmanager
def submission(body: Received, *, kept: bool = True) -> Iterator[Submission | FunctionSubmission]:
    """The submission in a body.

    Where the block refuses it, or nothing is to be ``kept``, nothing is left behind. Raises ``InvalidSettings`` where
    the block finds that a dataset has gone since it was looked up.
    """
    if is_function(body.document):
        yield function_submission(body.document, with_file=body.upload is not None)
        return
    if body.upload is None:
        with _datasets_there(found := _with_dataset_id(body.document)):
            yield found
        return
    settings = before_columns(body.document)
    held_out = settings and validation_dataset(settings)
    with dataset_from(body.upload, kept=kept) as dataset:
        settings = settings or read_settings(body.document, dataset)
        found = Submission(dataset, held_out, check(settings, dataset, held_out), new_dataset=True)
        with _datasets_there(found):
            yield found


def _with_dataset_id(document: Any) -> Submission:
    mentioned = document.get("dataset") if isinstance(document, dict) else None
    dataset = known_dataset(mentioned)
    settings = read_settings(document, dataset)
    if settings.dataset is None:
        detail = "Is required: the id that POST /v1/datasets answered."
        raise InvalidSettings([FieldError("/dataset", detail, "missing_field")])
    if dataset is None:
        raise InvalidSettings([FieldError("/dataset", NO_DATASET.format(settings.dataset), "unknown_dataset")])
    held_out = validation_dataset(settings)
    return Submission(dataset, held_out, check(settings, dataset, held_out), new_dataset=False)


@contextmanager
def _datasets_there(submitted: Submission) -> Iterator[None]:
    """A dataset that goes just before the job is accepted is refused like one that was never there."""
    try:
        yield
    except NotFound as error:
        if error.what != "dataset":
            raise
        pointer = "/dataset" if error.id == submitted.dataset.id else "/validation/dataset"
        raise InvalidSettings([FieldError(pointer, error.detail, "unknown_dataset")]) from None
