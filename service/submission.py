"""From the body of a request to a job that can be accepted: settings read, columns checked, data in its place."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import orjson
from flask import request

from contract.checks.case import listed_names
from contract.class_target import with_classes
from contract.columns import Checked, check_columns
from contract.dataset import Dataset
from contract.dataset_file import remove
from contract.errors import FieldError, InputCorrupt, InvalidSettings, NotFound, UnsupportedMedia
from contract.job import progress
from contract.settings import Settings, load_settings
from contract.store_datasets import NO_DATASET
from service.body import whole
from service.house import house
from service.json_codec import load
from service.uploads import Upload, dataset_from, uploaded_form

ID = re.compile(r"[a-z0-9_]{1,100}", re.ASCII)


class Submission(NamedTuple):
    """A job that may be accepted as it stands."""

    dataset: Dataset
    held_out: Dataset | None
    checked: Checked
    new_dataset: bool

    def record(self) -> dict[str, Any]:
        """The fields of the record."""
        settings = self.checked.settings
        return {
            "name": orjson.dumps(settings.name),
            "labels": settings.labels,
            "settings": settings.to_json(),
            "warnings": self.warnings(),
            "progress": progress(0, settings.max_iterations, None, None),
        }

    def uses(self) -> tuple[str, ...]:
        """The datasets that the job reads beside its own."""
        return () if self.held_out is None else (self.held_out.id,)

    def warnings(self) -> list[Mapping[str, Any]]:
        """What the reader of the CSV and the checks of the settings found odd."""
        return [*self.dataset.warnings, *self.checked.warnings]

    def verdict(self) -> dict[str, Any]:
        """What there is to say of settings that will not be run, and of the file that they were held against."""
        settings, about = self.checked.settings.to_json(), self.dataset.to_json()
        if self.new_dataset:
            settings["dataset"] = None
        shown = {name: about[name] for name in ("name", "rows", "bytes", "sha256", "dialect", "columns")}
        return {"valid": True, "settings": settings, "warnings": self.warnings(), "dataset": shown}


class Received(NamedTuple):
    """A body that was read: the settings' JSON, and the file where one came with it."""

    document: Any
    upload: Upload | None

    def asked(self) -> dict[str, Any]:
        """All that the body says, as JSON."""
        return {"settings": self.document, **(self.upload.asked() if self.upload else {})}


@contextmanager
def received() -> Iterator[Received]:
    """This request's body; its file is gone after the block."""
    house().admission.check()
    depth = house().config.json_depth
    if request.mimetype == "multipart/form-data":
        with uploaded_form(with_settings=True) as upload:
            yield Received(load(upload.settings, depth) if upload.settings is not None else {}, upload)
    elif request.mimetype == "application/json":
        yield Received(load(whole(request), depth), None)
    else:
        raise UnsupportedMedia(
            'Send a form with the CSV and the settings (curl -F file=@data.csv -F \'settings={"target": "price"}\') '
            'or JSON settings with a dataset id (curl --json \'{"dataset": "ds_…", "target": "price"}\').'
        )


@contextmanager
def submission(body: Received, *, kept: bool = True) -> Iterator[Submission]:
    """The submission in a body.

    Where the block refuses it, or nothing is to be ``kept``, nothing is left behind.
    """
    if body.upload is None:
        yield _with_dataset_id(body.document)
        return
    settings = _before_columns(body.document)
    with dataset_from(body.upload) as dataset:
        yield _checked(settings or _read(body.document, dataset), dataset, new_dataset=True)
    if not kept:
        remove(house().config.datasets_dir, dataset.id)


def _with_dataset_id(document: Any) -> Submission:
    mentioned = document.get("dataset") if isinstance(document, dict) else None
    dataset = _dataset(mentioned)
    settings = _read(document, dataset)
    if settings.dataset is None:
        detail = "Is required: the id that POST /v1/datasets answered."
        raise InvalidSettings([FieldError("/dataset", detail, "missing_field")])
    if dataset is None:
        raise InvalidSettings([FieldError("/dataset", NO_DATASET.format(settings.dataset), "unknown_dataset")])
    return _checked(settings, dataset, new_dataset=False)


def _before_columns(document: Any) -> Settings | None:
    """Settings that come with a file, refused before it is read; None where only the lack of a target is wrong.

    That refusal lists the columns, which must be known first.
    """
    try:
        settings = load_settings(document)
    except InvalidSettings as error:
        if all(_is_targetless(place) for place in error.errors):
            return None
        raise
    if settings.dataset is not None:
        raise InvalidSettings([FieldError("/dataset", "The file is the dataset; send one or the other.")])
    return settings


def _read(document: Any, dataset: Dataset | None) -> Settings:
    """The settings; where they name no target, the refusal lists the columns that could be it."""
    try:
        return load_settings(document)
    except InvalidSettings as error:
        if dataset is None:
            raise
        names = listed_names([column.name for column in dataset.columns])
        told = f"Is required: the column to predict, one of {names}."
        places = (place._replace(detail=told) if _is_targetless(place) else place for place in error.errors)
        raise InvalidSettings(places) from None


def _is_targetless(place: FieldError) -> bool:
    return (place.pointer, place.code) == ("/target", "missing_field")


def _checked(settings: Settings, dataset: Dataset, *, new_dataset: bool) -> Submission:
    other = (settings.validation or {}).get("dataset")
    held_out = _dataset(other)
    if other is not None and held_out is None:
        raise InvalidSettings([FieldError("/validation/dataset", NO_DATASET.format(other), "unknown_dataset")])
    checked = check_columns(
        settings,
        _with_classes("/dataset", dataset, settings),
        held_out and _with_classes("/validation/dataset", held_out, settings),
        house().config.worker_memory,
    )
    return Submission(dataset, held_out, checked, new_dataset)


def _with_classes(pointer: str, dataset: Dataset, settings: Settings) -> Dataset:
    try:
        return with_classes(dataset, settings, house().config.datasets_dir)
    except InputCorrupt as error:
        raise InvalidSettings([FieldError(pointer, error.detail, "unknown_dataset")]) from None


def _dataset(dataset_id: object) -> Dataset | None:
    """The dataset with this id, if it is one."""
    if not isinstance(dataset_id, str) or not ID.fullmatch(dataset_id):
        return None
    try:
        return house().store.datasets.get(dataset_id)
    except NotFound:
        return None
