"""The least that a fit of numbers must be: better than the same prediction for every row."""

from collections.abc import Iterator
from math import log
from typing import Any, Final

import numpy as np

from engine.arrays import FloatArray
from engine.formula_rows import FormulaRows
from engine.loss_formulas import PAIRS
from engine.losses import Poisson
from engine.problems import LinearProblem, optimum
from engine.rows import RowsCost, weighted_mean
from engine.training import Outcome
from worker.build import Plan
from worker.start import initial_of

NOISE: Final = 1e-2
"""How far small batches may leave a fit whose penalty allows no more than a constant above it, relative to its cost."""


def worse_than_a_constant(plan: Plan, outcome: Outcome) -> Iterator[dict[str, Any]]:
    """Say that the mean of the target costs less, where no gap is measured that would say more; one pass."""
    problem, data = plan.problem, plan.data.train
    ended = outcome.reason in ("converged", "max_iterations", "early_stopping")
    if ended and isinstance(data, FormulaRows):
        yield from _worse_formula(data, outcome)
    if not (ended and plan.settings.intercept and isinstance(problem, LinearProblem) and isinstance(data, RowsCost)):
        return
    if plan.data.classes or optimum(problem) is not None or data.y.min() == data.y.max():
        return
    mean = weighted_mean(data.y, data.weights)
    flat = problem.cost(_constant(data, mean, problem.dimension))
    if outcome.last.cost > (1.0 + NOISE) * flat:
        start = "" if initial_of(plan.settings) == "constant" else 'initial "constant", '
        detail = (
            f"The cost ended at {outcome.last.cost:.6g}, and predicting {mean:.6g} for every row costs {flat:.6g}. "
            f"Take {start}the full batch, another learning_rate or a smaller tolerance."
        )
        yield {"code": "worse_than_a_constant", "detail": detail, "pointer": "/learning_rate"}


def _worse_formula(data: FormulaRows, outcome: Outcome) -> Iterator[dict[str, Any]]:
    """The same of a formula, whose penalty says nothing against a constant and is left out."""
    mean, cost = weighted_mean(data.y, data.weights), data.cost(outcome.last.theta)
    flat = weighted_mean(
        PAIRS[type(data.loss)].value(data.loss, np.full(data.y.size, _score(data, mean)), data.y), data.weights
    )
    if cost > (1.0 + NOISE) * flat:
        detail = (
            f"The cost ended at {cost:.6g}, and predicting {mean:.6g} for every row costs {flat:.6g}. Begin nearer: "
            "fit by eye and take those parameters for initial."
        )
        yield {"code": "worse_than_a_constant", "detail": detail, "pointer": "/initial"}


def _score(data: RowsCost | FormulaRows, mean: float) -> float:
    """What the model must answer to predict the mean."""
    return (log(mean) if mean > 0.0 else 0.0) if isinstance(data.loss, Poisson) else mean


def _constant(data: RowsCost, mean: float, dimension: int) -> FloatArray:
    """The parameters (p,) in the units of the fit with nothing but an intercept, which stands last."""
    theta = np.zeros(dimension)
    theta[-1] = _score(data, mean)
    return theta
