"""How the tests of the engine start a run."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from engine.arrays import FloatArray
from engine.batches import Batching
from engine.checkpoint import Checkpoint
from engine.descent import Point
from engine.losses import Squared
from engine.method import Method
from engine.optimizers import OPTIMIZERS, Optimizer
from engine.problems import LinearProblem, Problem, linear_problem
from engine.rows import rows_cost
from engine.schedules import SCHEDULES, Constant, Schedule
from engine.stopping import Limits
from engine.training import Outcome, train


class Run(NamedTuple):
    outcome: Outcome
    points: list[Point]


def least_squares(
    X: FloatArray,
    y: FloatArray,
    weights: FloatArray | None = None,
    *,
    intercept: bool,
    validation: tuple[FloatArray, ...] | None = None,
) -> LinearProblem:
    """The problem of the squared loss on rows X, y with weights; validation is X, y and weights too."""
    held_out = None if validation is None else rows_cost(*validation, intercept=intercept, loss=Squared())
    return linear_problem(rows_cost(X, y, weights, intercept=intercept, loss=Squared()), held_out)


def run(problem: Problem, method: Method, limits: Limits, begin: FloatArray | Checkpoint | None = None) -> Run:
    """Train to the end, from zeros unless it is said where from, and keep every observed point."""
    points: list[Point] = []
    start = np.zeros(problem.dimension) if begin is None else begin
    outcome = train(problem, method, start, limits, observe=points.append, interrupted=lambda: None)
    return Run(outcome, points)


def optimizer_of(settings: str | Mapping[str, Any]) -> Optimizer:
    """An optimizer from its settings: its name, or an object with name and fields."""
    fields = {"name": settings} if isinstance(settings, str) else dict(settings)
    return OPTIMIZERS[fields.pop("name")](**fields)


def schedule_of(settings: float | Mapping[str, Any]) -> Schedule:
    """A schedule from its settings: a rate, or an object with schedule and fields."""
    if isinstance(settings, int | float):
        return Constant(settings)
    fields = dict(settings)
    return SCHEDULES[fields.pop("schedule")](**fields)


def method_of(settings: Mapping[str, Any]) -> Method:
    """The method of a reference row."""
    batching = Batching(settings["batch_size"], settings["sampling"])
    return Method(optimizer_of(settings["optimizer"]), schedule_of(settings["learning_rate"]), batching)
