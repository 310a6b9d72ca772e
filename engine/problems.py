"""What descent needs to know of a problem, and the linear model with squared loss."""

from typing import NamedTuple, Protocol

import numpy as np

from engine.arrays import FloatArray, IntArray
from engine.errors import DataError
from engine.moments import ZERO_EIGENVALUE, MomentsCost, moments_cost
from engine.rows import (
    BatchGradient,
    RowsCost,
    batch_gradients,
    largest_row_norm_squared,
    power_iteration,
    small_side_gram,
)

MOMENTS_LIMIT = 4096
"""The most columns for which d² numbers are kept."""


class Curvature(NamedTuple):
    """Eigenvalues of the second derivatives of J at the units of the fit.

    `smallest` is the smallest one that is not zero to rounding; None, like `condition_number` = largest /
    smallest, where the matrix is too large to take apart.
    """

    largest: float
    smallest: float | None
    condition_number: float | None


class Optimum(NamedTuple):
    """The least possible cost on the training rows, for reporting how far a descent stayed away from it."""

    cost: float


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

    def cost_and_gradient(self, theta: FloatArray) -> tuple[float, FloatArray]:
        """J over all training rows and its gradient (dimension,)."""
        ...

    def validation_cost(self, theta: FloatArray) -> float | None:
        """The mean loss of the held-out rows, without a penalty; None where no rows are held out."""
        ...

    def batches(self, rows: IntArray, size: int) -> BatchGradient:
        """A function (theta, k) -> gradient of batch k: rows [k * size, (k + 1) * size) of `rows`."""
        ...

    def curvature(self) -> Curvature:
        """The range of the second derivatives."""
        ...

    def largest_row_curvature(self) -> float:
        """The largest second derivative that the loss of a single row has in any direction."""
        ...


class LeastSquares(NamedTuple):
    """J = 1/(2m) Σ (X·w + b - y)²: batches read rows, full evaluations the moments where they are kept."""

    data: RowsCost
    full: MomentsCost | RowsCost
    held_out: MomentsCost | RowsCost | None

    @property
    def dimension(self) -> int:
        """The number of columns, and one more with an intercept."""
        return self.data.dimension

    @property
    def rows(self) -> int:
        """The number of training rows m."""
        return self.data.y.size

    def cost_and_gradient(self, theta: FloatArray) -> tuple[float, FloatArray]:
        """J over all training rows and its gradient (dimension,)."""
        return self.full.cost_and_gradient(theta)

    def cost(self, theta: FloatArray) -> float:
        """J over all training rows."""
        return self.full.cost_and_gradient(theta)[0]

    def gradient(self, theta: FloatArray) -> FloatArray:
        """The gradient (dimension,) of J."""
        return self.full.cost_and_gradient(theta)[1]

    def validation_cost(self, theta: FloatArray) -> float | None:
        """1/(2n) Σ (z - y)² over the n held-out rows."""
        return None if self.held_out is None else self.held_out.cost(theta)

    def batches(self, rows: IntArray, size: int) -> BatchGradient:
        """Gradients of consecutive batches of `rows`."""
        return batch_gradients(self.data, rows, size)

    def batch_gradient(self, theta: FloatArray, rows: IntArray) -> FloatArray:
        """The gradient (dimension,) of the mean loss of the given rows alone."""
        return batch_gradients(self.data, rows, rows.size)(theta, 0)

    def curvature(self) -> Curvature:
        """Eigenvalues of [X 1]ᵀ[X 1]/m. Raises DataError where all of X is zero."""
        if isinstance(self.full, MomentsCost):
            return _range_of(self.full.hessian())
        if min(self.data.X.shape) <= MOMENTS_LIMIT:
            return _range_of(small_side_gram(self.data))
        return Curvature(power_iteration(self.data), None, None)

    def largest_row_curvature(self) -> float:
        """The largest ‖x‖² of a row, with the intercept's one."""
        return largest_row_norm_squared(self.data)


def least_squares(
    X: FloatArray, y: FloatArray, *, intercept: bool, validation: tuple[FloatArray, FloatArray] | None = None
) -> LeastSquares:
    """The problem of training rows X (m, d), y (m,), with held-out rows in the same units.

    Raises DataError where there is no parameter, a value is not finite, or squares exceed float64.
    """
    data = RowsCost(X, y, intercept)
    if data.dimension == 0:
        raise DataError("No column is left to fit: every feature is constant and there is no intercept.")
    held_out = None if validation is None else _quickest(RowsCost(*validation, intercept))
    return LeastSquares(data, _quickest(data), held_out)


def optimum(problem: Problem) -> Optimum | None:
    """The exact least cost where the moments of the rows are kept, else None."""
    if isinstance(problem, LeastSquares) and isinstance(problem.full, MomentsCost):
        return Optimum(problem.full.least_cost)
    return None


def _quickest(data: RowsCost) -> MomentsCost | RowsCost:
    rows, width = data.X.shape
    if not np.isfinite(data.y).all():
        raise DataError("The target has cells that are missing or not finite: drop those rows first.")
    if width < rows and width <= MOMENTS_LIMIT:
        return moments_cost(data)
    if not np.isfinite(data.X).all():
        raise DataError("A feature has cells that are missing or not finite: drop those rows first.")
    return data


def _range_of(hessian: FloatArray) -> Curvature:
    if not np.isfinite(hessian).all():
        raise DataError("The squares of the columns exceed what float64 can hold: scale the columns.")
    eigenvalues = np.linalg.eigvalsh(hessian)
    largest = float(eigenvalues[-1])
    if not largest > 0.0:
        raise DataError("Every column is zero, so no parameter changes the cost: choose other features.")
    smallest = float(eigenvalues[eigenvalues > ZERO_EIGENVALUE * eigenvalues.size * largest][0])
    return Curvature(largest, smallest, largest / smallest)
