"""Settings as a request gives them: read, held against the dataset's columns, and refused where they do not fit."""

import re
from typing import Any

from contract.checks.case import listed_names
from contract.class_target import with_classes
from contract.columns import Checked, check_columns
from contract.dataset import Dataset
from contract.errors import FieldError, InputCorrupt, InvalidSettings, NotFound
from contract.settings import Settings, load_settings
from contract.store_datasets import NO_DATASET
from service.house import house

ID = re.compile(r"[a-z0-9_]{1,100}", re.ASCII)


def before_columns(document: Any) -> Settings | None:
    """Settings that come with a file, refused before it is read; None where only the lack of a target is wrong.

    That refusal lists the columns, which must be known first. Raises ``InvalidSettings`` for every other one.
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


def read_settings(document: Any, dataset: Dataset | None) -> Settings:
    """The settings; raises ``InvalidSettings``, which lists the dataset's columns where no target is named."""
    try:
        return load_settings(document)
    except InvalidSettings as error:
        if dataset is None:
            raise
        names = listed_names([column.name for column in dataset.columns])
        told = f"Is required: the column to predict, one of {names}."
        places = (place._replace(detail=told) if _is_targetless(place) else place for place in error.errors)
        raise InvalidSettings(places) from None


def check(settings: Settings, dataset: Dataset, held_out: Dataset | None) -> Checked:
    """The settings held against the columns of their datasets; raises ``InvalidSettings``."""
    return check_read(settings, *as_the_model_reads(settings, dataset, held_out))


def check_read(settings: Settings, dataset: Dataset, held_out: Dataset | None) -> Checked:
    """The settings held against datasets that are as the model reads them; raises ``InvalidSettings``."""
    return check_columns(settings, dataset, held_out, house().config.worker_memory)


def as_the_model_reads(
    settings: Settings, dataset: Dataset, held_out: Dataset | None
) -> tuple[Dataset, Dataset | None]:
    """Both datasets with what the settings' model and loss make of the target's cells; raises ``InvalidSettings``."""
    own = _as_the_model_reads_it("/dataset", dataset, settings)
    return own, held_out and _as_the_model_reads_it("/validation/dataset", held_out, settings)


def validation_dataset(settings: Settings) -> Dataset | None:
    """The dataset whose rows are held out, where the settings name one; raises ``InvalidSettings`` for no dataset."""
    dataset_id = settings.held_out_dataset
    found = known_dataset(dataset_id)
    if dataset_id is not None and found is None:
        raise InvalidSettings([FieldError("/validation/dataset", NO_DATASET.format(dataset_id), "unknown_dataset")])
    return found


def known_dataset(dataset_id: object) -> Dataset | None:
    """The dataset with this id, if it is one."""
    if not isinstance(dataset_id, str) or not ID.fullmatch(dataset_id):
        return None
    try:
        return house().store.datasets.get(dataset_id)
    except NotFound:
        return None


def _is_targetless(place: FieldError) -> bool:
    return (place.pointer, place.code) == ("/target", "missing_field")


def _as_the_model_reads_it(pointer: str, dataset: Dataset, settings: Settings) -> Dataset:
    try:
        return with_classes(dataset, settings, house().config.datasets_dir, house().parsing)
    except InputCorrupt as error:
        raise InvalidSettings([FieldError(pointer, error.detail, "unknown_dataset")]) from None
