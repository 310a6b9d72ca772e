"""From the columns of a dataset to the rows of a fit: which are used, which are held out, how they are prepared."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, cast

from contract.choices import of_kind
from contract.dataset import ColumnType
from contract.dataset_file import MappedColumns, read_columns
from contract.gaps import needed_columns
from contract.holding import holds_matrix
from contract.settings import Settings
from engine.arrays import FloatArray, Rows, count, part
from engine.classes import Classes
from engine.design import design, materialised
from engine.formula_model import formula_model
from engine.formula_rows import FormulaRows
from engine.losses import LOSSES
from engine.models import MODELS, Model
from engine.network_model import network_model
from engine.network_rows import NetworkRows
from engine.preparation import Preparation, fit_preparation
from engine.rows import RowsCost, rows_cost
from engine.scaling import DivideBy, Scaling
from engine.split import Split, complete_rows, split_by_value, split_rows
from engine.table import CategoryColumn, NumberColumn, Table, code_counts, numbers_in
from worker.formula import as_they_are, formula_for, formula_rows
from worker.network import network_sides


class Written(NamedTuple):
    """How the CSV was written, where that is known, and what the target's column held: for rows that come later."""

    dialect: dict[str, Any] | None
    target_type: ColumnType


class Data(NamedTuple):
    """The two sides of the split as the engine takes them, and what is needed to read theta and targets.

    untrained: by feature, how many held-out rows have a category that training rows do not.
    """

    model: Model
    preparation: Preparation
    classes: Classes
    train: RowsCost | NetworkRows | FormulaRows
    held_out: RowsCost | NetworkRows | FormulaRows | None
    written: Written
    untrained: dict[str, int]


class Source(NamedTuple):
    """Rows of one dataset."""

    table: Table
    rows: Rows


def read_data(settings: Settings, folder: Path) -> Data:
    """The rows in the units of the fit; raises InputCorrupt or an error of the engine."""
    model, table = _model(settings), _table(settings, settings.dataset, folder)
    used = _used(settings, table)
    split = _split(settings, table, used)
    preparation = _preparation(settings, table, split.train, used)
    preparation = as_they_are(preparation) if settings.is_formula else preparation
    classes = model.classes(table[settings.target], settings.target, used)
    held_out = _held_out(settings, Source(table, used), split, folder)
    untrained = {} if held_out is None else dict(_untrained(preparation, held_out))
    written = Written(table.written, "number" if isinstance(table[settings.target], NumberColumn) else "category")
    train = _rows(settings, Source(table, split.train), model, preparation, classes)
    validation = held_out and _rows(settings, held_out, model, preparation, classes)
    found = Data(model, preparation, classes, train, validation, written, untrained)
    if settings.is_formula:
        formula = formula_for(settings)
        other = held_out and validation and formula_rows(validation, formula, held_out.rows)
        rows = formula_rows(train, formula, split.train)
        return found._replace(model=formula_model(model, formula), train=rows, held_out=other)
    if settings.is_network:
        layered, rest = network_sides(settings, train, validation)
        model = network_model(model, layered.architecture, layered.target)
        return found._replace(model=model, train=layered, held_out=rest)
    return found


def _model(settings: Settings) -> Model:
    """That of the settings; for a network or a formula the one that has its targets and its loss."""
    if settings.is_network:
        return MODELS["softmax" if settings.predicts_classes else "linear"]
    return MODELS["linear" if settings.is_formula else settings.model["name"]]


def _names(settings: Settings) -> Iterator[str]:
    """The columns that the job reads. Where one says what is held out, there is no second dataset that lacks it."""
    yield from settings.features or []
    yield settings.target
    yield from (name for name in (settings.weight_column, settings.held_out_column) if name is not None)


def _table(settings: Settings, dataset: str | None, folder: Path) -> MappedColumns:
    return read_columns(folder, dataset or "", list(dict.fromkeys(_names(settings))))


def _used(settings: Settings, table: Table) -> Rows:
    """The rows without a missing cell where one cannot be filled, or may not be."""
    return complete_rows(table, needed_columns(settings), table[settings.target][0].size)


def _split(settings: Settings, table: Table, used: Rows) -> Split:
    validation, column = settings.validation or {}, settings.held_out_column
    if column is not None:
        return split_by_value(table[column], column, validation["value"], used)
    split = split_rows(count(used), validation.get("fraction"), validation.get("method", "last"), settings.seed)
    return Split(part(used, split.train), None if split.validation is None else part(used, split.validation))


def _held_out(settings: Settings, source: Source, split: Split, folder: Path) -> Source | None:
    if settings.held_out_dataset is not None:
        table = _table(settings, settings.held_out_dataset, folder)
        return Source(table, _used(settings, table))
    return None if split.validation is None else Source(source.table, split.validation)


def _untrained(preparation: Preparation, held_out: Source) -> Iterator[tuple[str, int]]:
    for feature in preparation.features:
        column = held_out.table[feature.name]
        if isinstance(column, CategoryColumn) and feature.names and feature.held_out:
            counts = dict(zip(column.levels, code_counts(column, held_out.rows)[1:].tolist(), strict=True))
            if rows := int(sum(counts.get(level, 0) for level in feature.held_out)):
                yield feature.name, rows


def _preparation(settings: Settings, table: Table, train: Rows, used: Rows) -> Preparation:
    return fit_preparation(
        table,
        settings.features or [],
        train,
        intercept=settings.intercept and not settings.is_formula,
        scaling="none" if settings.is_formula else _scaling(settings.scaling),
        missing="mean" if settings.missing == "mean" else "error",
        weights=_weights(settings, table, train),
        used=used,
        every_level=settings.is_network,
    )


def _rows(settings: Settings, source: Source, model: Model, preparation: Preparation, classes: Classes) -> RowsCost:
    found = design(preparation, source.table, source.rows)
    return rows_cost(
        materialised(found) if holds_matrix(settings, *found.shape) else found,
        model.targets(source.table[settings.target], settings.target, source.rows, classes),
        _weights(settings, source.table, source.rows),
        intercept=settings.intercept,
        loss=model.loss(of_kind(LOSSES, settings.loss), classes),
    )


def _weights(settings: Settings, table: Table, rows: Rows) -> FloatArray | None:
    if settings.weight_column is None:
        return None
    return numbers_in(table, settings.weight_column, rows)


def _scaling(given: str | dict[str, float]) -> Scaling:
    return DivideBy(given["divide_by"]) if isinstance(given, dict) else cast("Scaling", given)
