"""The cost of a formula as descent sees it.

J = 1/m Σ wᵢ l(f(xᵢ, p), yᵢ) + λ₁ Σ |pⱼ| + ½ λ₂ Σ pⱼ² over all parameters p in original units, none of which is known to
be an intercept. In theta = p / unit that is λ₁ unit |theta| and ½ λ₂ unit² theta².
"""

from typing import NamedTuple

import numpy as np

from engine.arrays import FloatArray, IntArray, all_finite
from engine.errors import not_finite
from engine.formula_rows import FormulaRows, formula_batches, refuse_broken_start
from engine.penalties import NO_PENALTY, Penalty, SoftThreshold, shares
from engine.problems import Report
from engine.rows import BatchGradient


class FormulaProblem(NamedTuple):
    """The Problem of the training rows; ridge is λ₂ unit² (k,), None where λ₂ is zero."""

    data: FormulaRows
    held_out: FormulaRows | None = None
    ridge: FloatArray | None = None
    proximal: SoftThreshold | None = None

    @property
    def dimension(self) -> int:
        """The number of parameters k."""
        return len(self.data.formula.parameters)

    @property
    def rows(self) -> int:
        """The number of training rows m."""
        return self.data.y.size

    @property
    def cheap_gradient(self) -> bool:
        """It costs several times the value."""
        return False

    @property
    def gathered_width(self) -> int:
        """Those of all columns."""
        return len(self.data.formula.columns)

    @property
    def decaying(self) -> FloatArray | None:
        """All."""
        return None

    def cost(self, theta: FloatArray) -> float:
        """J over all training rows, with the whole penalty."""
        return self.data.cost(theta) + self._penalty(theta)

    def cost_and_gradient(self, theta: FloatArray) -> tuple[float, FloatArray]:
        """J over all training rows, and the gradient (k,) of its smooth part."""
        cost, gradient = self.data.cost_and_gradient(theta)
        return cost + self._penalty(theta), gradient if self.ridge is None else gradient + self.ridge * theta

    def report(self, theta: FloatArray, gradient: FloatArray | None) -> Report:
        """The mean loss of the held-out rows."""
        return Report(None if self.held_out is None else self.held_out.cost(theta))

    def batches(self, rows: IntArray, size: int) -> BatchGradient:
        """Gradients of consecutive batches of `rows`."""
        gradient, ridge = formula_batches(self.data, rows, size), self.ridge
        return gradient if ridge is None else lambda theta, k: gradient(theta, k) + ridge * theta

    def _penalty(self, theta: FloatArray) -> float:
        smooth = 0.0 if self.ridge is None else 0.5 * float((self.ridge * theta).dot(theta))
        return smooth if self.proximal is None else smooth + self.proximal.cost(theta)


def formula_problem(
    data: FormulaRows, held_out: FormulaRows | None = None, penalty: Penalty = NO_PENALTY
) -> FormulaProblem:
    """The problem of training rows and held-out rows.

    Raises DataError where a target is not finite, InitialError where the formula is not at the start, with the row.
    """
    if not all_finite(data.y):
        raise not_finite("The target")
    refuse_broken_start(data)
    (l1, l2), unit = shares(penalty), data.formula.unit
    proximal = SoftThreshold(l1 * unit) if l1 else None
    return FormulaProblem(data, held_out, l2 * np.square(unit) if l2 else None, proximal)
