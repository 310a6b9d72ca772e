"""The only translator: settings and columns in, the engine's objects out, every "auto" a number."""

from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np

from contract.dataset_file import read_columns
from contract.errors import InputCorrupt
from contract.settings import Settings
from engine.arrays import FloatArray
from engine.automatic import Auto, Resolved, resolve
from engine.batches import Batching
from engine.descent import Method
from engine.optimizers import OPTIMIZERS, Optimizer
from engine.preparation import Parameters, Preparation, design_matrix, fit_preparation, to_fit
from engine.problems import LeastSquares, least_squares
from engine.randomness import random_start
from engine.schedules import SCHEDULES, Constant, Schedule
from engine.split import split_rows
from engine.stopping import Limits
from engine.table import NumberColumn, Table

NAMES = {kind: name for name, kind in (*OPTIMIZERS.items(), *SCHEDULES.items())}


class Part(NamedTuple):
    """One side of the split in the units of the fit: X (n, d) and y (n,)."""

    X: FloatArray
    y: FloatArray


class Data(NamedTuple):
    """The rows as the engine takes them, and the preparation that made them so."""

    preparation: Preparation
    train: Part
    validation: Part | None


class Plan(NamedTuple):
    """All that a run needs, and what the record says about it before the first iteration."""

    settings: Settings
    data: Data
    problem: LeastSquares
    method: Method
    theta: FloatArray
    limits: Limits
    resolved: Resolved
    warnings: list[dict[str, Any]]

    def suggested_rate(self) -> float:
        """The learning rate that "auto" would begin with for this optimizer and these batches."""
        method = self.method
        schedule = resolve(self.problem, method.batching, method.optimizer, "auto").schedule
        return schedule.rate if isinstance(schedule, Constant) else schedule.t0 / schedule.t1

    def fields(self) -> dict[str, Any]:
        """``resolved``, ``advice`` and ``warnings`` of the record."""
        resolved = {
            "optimizer": explicit(self.method.optimizer),
            "learning_rate": explicit_rate(self.method.schedule),
            "batch_size": self.settings.batch_size,
            "features": self.settings.features,
        }
        return {"resolved": resolved, "advice": self.resolved.advice._asdict(), "warnings": self.warnings}


def build(settings: Settings, warnings: list[dict[str, Any]], folder: Path) -> Plan:
    """Read the columns and prepare the run.

    Raises ``InputCorrupt`` where the dataset's file cannot be read and ``EngineError`` where the data cannot be fitted.
    """
    data = _data(settings, folder)
    problem = least_squares(*data.train, intercept=settings.intercept, validation=data.validation)
    batching = Batching(settings.batch_size, cast("Any", settings.sampling), settings.steps_per_iteration)
    resolved = resolve(problem, batching, _optimizer(settings.optimizer), _schedule(settings.learning_rate))
    return Plan(
        settings=settings,
        data=data,
        problem=problem,
        method=Method(resolved.optimizer, resolved.schedule, batching, settings.seed, settings.history["every"]),
        theta=_start(settings, data.preparation, problem.dimension),
        limits=Limits(settings.max_iterations, *settings.tolerance, full_batch=settings.batch_size is None),
        resolved=resolved,
        warnings=[*warnings, *_constant_columns(data.preparation)],
    )


def explicit(optimizer: Optimizer) -> dict[str, Any]:
    """An optimizer as settings."""
    return {"name": NAMES[type(optimizer)], **optimizer._asdict()}


def explicit_rate(schedule: Schedule) -> float | dict[str, Any]:
    """A schedule as the setting ``learning_rate``."""
    if isinstance(schedule, Constant):
        return schedule.rate
    return {"schedule": NAMES[type(schedule)], **schedule._asdict()}


def _data(settings: Settings, folder: Path) -> Data:
    features = settings.features or []
    table = read_columns(folder, settings.dataset or "", [*features, settings.target])
    target = _target(table, settings.target)
    held = settings.validation or {"fraction": None, "method": "random"}
    train, held_out = split_rows(target.size, held["fraction"], held["method"], settings.seed)
    scaling = cast("Any", settings.scaling)
    preparation = fit_preparation(table, features, train, intercept=settings.intercept, scaling=scaling)
    return Data(
        preparation,
        Part(design_matrix(preparation, table, train), target[train]),
        None if held_out is None else Part(design_matrix(preparation, table, held_out), target[held_out]),
    )


def _target(table: Table, name: str) -> FloatArray:
    column = table[name]
    if not isinstance(column, NumberColumn):
        raise InputCorrupt(f"Column {name!r} is not numeric in the dataset's file, as its record says.")
    return column.values


def _optimizer(given: str | dict[str, Any]) -> Optimizer | Auto:
    if isinstance(given, str):
        return "auto"
    return OPTIMIZERS[given["name"]](**{name: value for name, value in given.items() if name != "name"})


def _schedule(given: float | str | dict[str, Any]) -> Schedule | Auto:
    if isinstance(given, str):
        return "auto"
    if isinstance(given, dict):
        return SCHEDULES[given["schedule"]](**{name: value for name, value in given.items() if name != "schedule"})
    return Constant(given)


def _start(settings: Settings, preparation: Preparation, dimension: int) -> FloatArray:
    if isinstance(settings.initial, dict):
        coefficients = {name: value for name, value in settings.initial.items() if name != "intercept"}
        return to_fit(preparation, Parameters(settings.initial.get("intercept"), coefficients))
    if settings.initial == "random":
        return random_start(dimension, settings.seed)
    return np.zeros(dimension)


def _constant_columns(preparation: Preparation) -> list[dict[str, Any]]:
    if not preparation.constant:
        return []
    detail = f"Constant in the training rows, so they have no coefficient: {', '.join(preparation.constant)}."
    return [{"code": "constant_columns", "detail": detail, "pointer": "/features"}]
