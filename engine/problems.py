"""What descent needs to know of a problem, and the linear models."""

from math import inf
from typing import NamedTuple, Protocol

import numpy as np

from engine.arrays import FloatArray, IntArray
from engine.errors import DataError
from engine.losses import Bend, Poisson, Squared, bend
from engine.moments import ZERO_EIGENVALUE, MomentsCost, moments_cost
from engine.rows import BatchGradient, RowsCost, batch_gradients
from engine.spectrum import largest_row_norm_squared, power_iteration, small_side_gram

MOMENTS_LIMIT = 4096
"""The most columns for which d² numbers are kept."""


class Curvature(NamedTuple):
    """Eigenvalues of the second derivatives of J at the units of the fit.

    `largest` bounds them everywhere; `smallest` is the smallest one that is not zero to rounding, where all
    scores are zero. It is None, like `condition_number` = largest / smallest, where the matrix is too large to
    take apart, and where the bend of the loss has no bounds: `largest` then is 0 for straight lines, or inf.
    """

    largest: float
    smallest: float | None
    condition_number: float | None


class Optimum(NamedTuple):
    """The least possible cost on the training rows, for reporting how far a descent stayed away from it."""

    cost: float


class Report(NamedTuple):
    """What a recorded point says beside its cost; None where the problem does not know it.

    validation_cost: the mean loss of the held-out rows, without a penalty. optimality_gap: J - J*, without the digits
    that their difference would cancel. accuracy, validation_accuracy: shares of rows whose class is predicted.
    """

    validation_cost: float | None = None
    optimality_gap: float | None = None
    accuracy: float | None = None
    validation_accuracy: float | None = None


class Problem(Protocol):
    """A differentiable cost J of one flat vector theta (dimension,) that is a mean over rows."""

    @property
    def dimension(self) -> int:
        """The length of theta."""
        ...

    @property
    def rows(self) -> int:
        """The training rows, which batches draw from."""
        ...

    @property
    def cheap_gradient(self) -> bool:
        """Whether the gradient of all rows costs little beside J; where not, steps of batches are recorded without."""
        ...

    def cost(self, theta: FloatArray) -> float:
        """J over all training rows."""
        ...

    def cost_and_gradient(self, theta: FloatArray) -> tuple[float, FloatArray]:
        """J over all training rows and its gradient (dimension,)."""
        ...

    def report(self, theta: FloatArray, gradient: FloatArray | None) -> Report:
        """What else is known at theta, where the gradient of J is `gradient`, or not known."""
        ...

    def batches(self, rows: IntArray, size: int) -> BatchGradient:
        """A function (theta, k) -> gradient of batch k: rows [k * size, (k + 1) * size) of `rows`.

        A gradient may be overwritten when the next one is asked for.
        """
        ...

    def curvature(self) -> Curvature:
        """The range of the second derivatives."""
        ...

    def largest_row_curvature(self) -> float:
        """The largest second derivative that the loss of a single row has in any direction."""
        ...


class LinearProblem(NamedTuple):
    """J = 1/m Σ wᵢ l(xᵢ·w + b, yᵢ): batches read rows, full evaluations the moments where they are kept."""

    data: RowsCost
    full: MomentsCost | RowsCost
    held_out: MomentsCost | RowsCost | None

    @property
    def dimension(self) -> int:
        """The number of columns, and one more with an intercept, for each score of a row."""
        return self.data.dimension

    @property
    def rows(self) -> int:
        """The number of training rows m."""
        return self.data.y.size

    @property
    def cheap_gradient(self) -> bool:
        """It comes from the moments, or from the pass that J takes too."""
        return True

    def cost(self, theta: FloatArray) -> float:
        """J over all training rows."""
        return self.full.cost(theta)

    def cost_and_gradient(self, theta: FloatArray) -> tuple[float, FloatArray]:
        """J over all training rows and its gradient (dimension,)."""
        return self.full.cost_and_gradient(theta)

    def report(self, theta: FloatArray, gradient: FloatArray | None) -> Report:
        """The weighted mean loss of the held-out rows, and the gap where the moments are kept."""
        gap = self.full.gap(theta, gradient) if isinstance(self.full, MomentsCost) and gradient is not None else None
        return Report(None if self.held_out is None else self.held_out.cost(theta), gap)

    def batches(self, rows: IntArray, size: int) -> BatchGradient:
        """Gradients of consecutive batches of `rows`."""
        return batch_gradients(self.data, rows, size)

    def curvature(self) -> Curvature:
        """Eigenvalues of [X 1]ᵀW[X 1]/m, times the bend of the loss. Raises DataError where all of X is zero."""
        bends = bend(self.data.loss)
        if isinstance(self.full, MomentsCost):
            return _range_of(self.full.hessian(), bends)
        if min(self.data.X.shape) <= MOMENTS_LIMIT:
            return _range_of(small_side_gram(self.data), bends)
        return Curvature(power_iteration(self.data) * bends.largest, None, None)

    def largest_row_curvature(self) -> float:
        """The largest wᵢ‖xᵢ‖² of a row, with the intercept's one, times the bend of the loss."""
        return largest_row_norm_squared(self.data) * bend(self.data.loss).largest


def linear_problem(data: RowsCost, held_out: RowsCost | None = None) -> LinearProblem:
    """The problem of the training rows, with held-out rows in the same units.

    Raises DataError where there is no parameter, a value is not finite, squares exceed float64, or the loss has no
    value for a target.
    """
    if data.dimension == 0:
        raise DataError("No column is left to fit: every feature is constant and there is no intercept.")
    return LinearProblem(data, _quickest(data), None if held_out is None else _quickest(held_out))


def optimum(problem: Problem) -> Optimum | None:
    """The exact least cost where the moments of the rows are kept, else None."""
    if isinstance(problem, LinearProblem) and isinstance(problem.full, MomentsCost):
        return Optimum(problem.full.least_cost)
    return None


def _quickest(data: RowsCost) -> MomentsCost | RowsCost:
    rows, width = data.X.shape
    if not np.isfinite(data.y).all():
        raise DataError("The target has cells that are missing or not finite: drop those rows first.")
    if isinstance(data.loss, Poisson) and (negative := np.count_nonzero(data.y < 0.0)):
        raise DataError(f"The target is negative in {negative} rows; the loss poisson needs counts of at least 0.")
    if isinstance(data.loss, Squared) and width < rows and width <= MOMENTS_LIMIT:
        return moments_cost(data)
    if not np.isfinite(data.X).all():
        raise DataError("A feature has cells that are missing or not finite: drop those rows first.")
    return data


def _range_of(gram: FloatArray, bends: Bend) -> Curvature:
    if not np.isfinite(gram).all():
        raise DataError("The squares of the columns exceed what float64 can hold: scale the columns.")
    eigenvalues = np.linalg.eigvalsh(gram)
    largest = float(eigenvalues[-1])
    if not largest > 0.0:
        raise DataError("Every column is zero, so no parameter changes the cost: choose other features.")
    if bends.largest == 0.0 or bends.largest == inf:
        return Curvature(bends.largest, None, None)
    smallest = float(eigenvalues[eigenvalues > ZERO_EIGENVALUE * eigenvalues.size * largest][0]) * bends.at_zero
    largest *= bends.largest
    return Curvature(largest, smallest, largest / smallest)
