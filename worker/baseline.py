"""The least that a fit of numbers must be: better than the same prediction for every row."""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from engine.constant_start import constant_score, constant_start
from engine.formula_rows import FormulaRows
from engine.loss_formulas import PAIRS, predictions
from engine.problems import LinearProblem, optimum
from engine.rows import RowsCost, weighted_mean
from engine.training import Outcome
from worker.build import Plan
from worker.start import initial_of

NOISE: Final = 1e-2
"""How far small batches may leave a fit whose penalty allows no more than a constant above it, relative to its cost."""


def worse_than_a_constant(plan: Plan, outcome: Outcome) -> Iterator[dict[str, Any]]:
    """Say that one number for every row costs less, where no gap is measured that would say more; one pass."""
    problem, data = plan.problem, plan.data.train
    ended = outcome.reason in ("converged", "max_iterations", "early_stopping")
    if ended and isinstance(data, FormulaRows):
        yield from _worse_formula(data, outcome)
    if not (ended and plan.settings.intercept and isinstance(problem, LinearProblem) and isinstance(data, RowsCost)):
        return
    if plan.data.classes or optimum(problem) is not None or data.y.min() == data.y.max():
        return
    start = "" if initial_of(plan.settings) == "constant" else 'initial "constant", '
    cure = f"Take {start}the full batch, another learning_rate or a smaller tolerance."
    yield from _worse(data, outcome.last.cost, problem.cost(constant_start(data)), "/learning_rate", cure)


def _worse_formula(data: FormulaRows, outcome: Outcome) -> Iterator[dict[str, Any]]:
    """The same of a formula, whose penalty says nothing against a constant and is left out."""
    scores = np.full(data.y.size, constant_score(data.y, data.weights, data.loss))
    flat = weighted_mean(PAIRS[type(data.loss)].value(data.loss, scores, data.y), data.weights)
    cure = "Begin nearer: fit by eye and take those parameters for initial."
    yield from _worse(data, data.cost(outcome.last.theta), flat, "/initial", cure)


def _worse(data: RowsCost | FormulaRows, cost: float, flat: float, pointer: str, cure: str) -> Iterator[dict[str, Any]]:
    if cost > (1.0 + NOISE) * flat:
        score = np.array([constant_score(data.y, data.weights, data.loss)])
        told = f"predicting {predictions(data.loss, score)[0]:.6g} for every row costs {flat:.6g}"
        detail = f"The cost ended at {cost:.6g}, and {told}. {cure}"
        yield {"code": "worse_than_a_constant", "detail": detail, "pointer": pointer}
