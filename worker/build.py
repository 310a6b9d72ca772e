"""The only translator: settings and columns in, the engine's objects out, every "auto" a number."""

from pathlib import Path
from typing import Any, Final, NamedTuple, cast

import numpy as np

from contract.choices import of_kind
from contract.settings import Settings
from engine.arrays import FloatArray
from engine.automatic import Auto, Resolved, resolve
from engine.batches import Batching
from engine.class_weights import ClassWeight, class_factors, weigh_classes
from engine.formula_automatic import resolve_formula
from engine.formula_problem import FormulaProblem, formula_problem
from engine.formula_rows import FormulaRows
from engine.method import Kernel, Method
from engine.network_automatic import resolve_network
from engine.network_problem import NetworkProblem
from engine.network_rows import NetworkRows
from engine.optimizers import OPTIMIZERS, Optimizer
from engine.penalties import PENALTIES
from engine.problems import LinearProblem, Problem, linear_problem
from engine.schedules import SCHEDULES, Constant, Schedule, learning_rates
from engine.stopping import EarlyStopping, Limits
from worker.data import Data, read_data
from worker.oddities import oddities
from worker.start import initial_of, start_of

NAMES = {kind: name for name, kind in (*OPTIMIZERS.items(), *SCHEDULES.items())}

SMALLER: Final = 0.1
"""Of a rate that diverged where nothing is known of the bend of the cost."""


class Plan(NamedTuple):
    """All that a run needs, and what the record says about it before the first iteration."""

    settings: Settings
    data: Data
    problem: Problem
    method: Method
    theta: FloatArray
    limits: Limits
    resolved: Resolved
    warnings: list[dict[str, Any]]

    def suggested_rate(self) -> float:
        """The learning rate that "auto" would begin with for this optimizer and these batches."""
        method = self.method
        rate = first_rate(_resolved(self.problem, method.batching, method.optimizer, "auto", self.origin).schedule)
        if not isinstance(self.problem, FormulaProblem):
            return rate
        # Its rates are shares, which may be the ones that diverged.
        return min(rate, SMALLER * first_rate(method.schedule))

    @property
    def origin(self) -> FloatArray | None:
        """The start that rates are found from, None for zeros: one that was given may be at the optimum already."""
        return self.theta if initial_of(self.settings) == "constant" else None

    def fields(self) -> dict[str, Any]:
        """``resolved``, ``advice`` and ``warnings`` of the record."""
        resolved = {
            "optimizer": explicit(self.method.optimizer),
            "learning_rate": explicit_rate(self.method.schedule),
            "batch_size": self.settings.batch_size,
            "features": self.settings.features,
            "initial": initial_of(self.settings),
        }
        return {"resolved": resolved, "advice": self.resolved.advice._asdict(), "warnings": self.warnings}


def first_rate(schedule: Schedule) -> float:
    """The learning rate of the first step."""
    return float(learning_rates(schedule, np.zeros(1, dtype=np.int64), 1)[0])


class Means(NamedTuple):
    """What a worker computes with, which changes no answer but for rounding: compiled steps and threads of a job."""

    kernel: Kernel | None = None
    threads: int = 1


NUMPY: Final = Means()


def build(settings: Settings, warnings: list[dict[str, Any]], folder: Path, means: Means = NUMPY) -> Plan:
    """Read the columns and prepare the run.

    Raises ``InputCorrupt`` where the dataset's file cannot be read and ``EngineError`` where the data cannot be fitted.
    """
    data = _threaded(read_data(settings, folder), means.threads)
    problem = _problem(settings, data)
    batching = Batching(settings.batch_size, cast("Any", settings.sampling), settings.steps_per_iteration)
    theta, constant = start_of(settings, data, problem.dimension), initial_of(settings) == "constant"
    asked = optimizer_of(settings.optimizer), schedule_of(settings.learning_rate)
    resolved = _resolved(problem, batching, *asked, theta if constant else None)
    return Plan(
        settings=settings,
        data=data,
        problem=problem,
        method=_method(settings, resolved, batching, means.kernel),
        theta=theta,
        limits=_limits(settings),
        resolved=resolved,
        warnings=[*warnings, *oddities(data, problem, {warning["code"] for warning in warnings})],
    )


def _threaded(data: Data, threads: int) -> Data:
    train, held_out = cast("tuple[Any, Any]", (data.train, data.held_out))
    return data._replace(
        train=train._replace(threads=threads), held_out=held_out and held_out._replace(threads=threads)
    )


def explicit(optimizer: Optimizer) -> dict[str, Any]:
    """An optimizer as settings."""
    return {"name": NAMES[type(optimizer)], **optimizer._asdict()}


def explicit_rate(schedule: Schedule) -> float | dict[str, Any]:
    """A schedule as the setting ``learning_rate``."""
    if isinstance(schedule, Constant):
        return schedule.rate
    return {"schedule": NAMES[type(schedule)], **schedule._asdict()}


def _problem(settings: Settings, data: Data) -> Problem:
    penalty, (train, held_out) = of_kind(PENALTIES, settings.penalty), _with_class_weights(settings, data)
    if isinstance(train, NetworkRows):
        return NetworkProblem(train, held_out, penalty)
    if isinstance(train, FormulaRows):
        return formula_problem(train, held_out, penalty)
    return linear_problem(train, held_out, penalty)


def _with_class_weights(settings: Settings, data: Data) -> tuple[Any, Any]:
    """The rows as the cost counts them, of the same kind on both sides; the metrics keep to the rows of ``data``."""
    train, held_out = cast("tuple[Any, Any]", (data.train, data.held_out))
    if settings.class_weight is None:
        return train, held_out
    factors = class_factors(cast("ClassWeight", settings.class_weight), train, data.classes)
    return weigh_classes(train, factors), held_out and weigh_classes(held_out, factors)


def _resolved(
    problem: Problem,
    batching: Batching,
    optimizer: Optimizer | Auto,
    schedule: Schedule | Auto,
    origin: FloatArray | None,
) -> Resolved:
    if isinstance(problem, FormulaProblem):
        return resolve_formula(problem, batching, optimizer, schedule)
    if isinstance(problem, LinearProblem):
        return resolve(problem, batching, optimizer, schedule, origin)
    return resolve_network(optimizer, schedule, smooth=problem.proximal is None)


def _method(settings: Settings, resolved: Resolved, batching: Batching, kernel: Kernel | None) -> Method:
    return Method(
        optimizer=resolved.optimizer,
        schedule=resolved.schedule,
        batching=batching,
        seed=settings.seed,
        every=settings.history["every"],
        gradient_clip=settings.gradient_clip,
        averaging=settings.averaging,
        kernel=kernel,
    )


def optimizer_of(given: str | dict[str, Any]) -> Optimizer | Auto:
    """The engine's optimizer of a setting."""
    if isinstance(given, str):
        return "auto"
    return of_kind(OPTIMIZERS, given)


def schedule_of(given: float | str | dict[str, Any]) -> Schedule | Auto:
    """The engine's schedule of a setting."""
    if isinstance(given, str):
        return "auto"
    if isinstance(given, dict):
        return of_kind(SCHEDULES, given, "schedule")
    return Constant(given)


def _limits(settings: Settings) -> Limits:
    rule = None if settings.early_stopping is None else EarlyStopping(**settings.early_stopping)
    return Limits(settings.max_iterations, *settings.tolerance, settings.batch_size is None, rule)
