"""What descent needs to know of a problem, and the linear models."""

from typing import NamedTuple, Protocol

import numpy as np

from engine.arrays import FloatArray, IntArray, all_finite, blocks
from engine.errors import DataError, not_finite
from engine.losses import Loss, Poisson, Squared, bend
from engine.moments import MomentsCost, moments_cost
from engine.penalties import NO_PENALTY, Penalty, SoftThreshold, shares, strengths
from engine.rows import PASS_NUMBERS, BatchGradient, RowsCost, batch_gradients
from engine.spectrum import (
    POWER_MARGIN,
    Curvature,
    curvature_range,
    largest_row_norm_squared,
    power_iteration,
    small_side_gram,
    wide_range,
)
from engine.threads import in_order

MOMENTS_LIMIT = 4096
"""The most columns for which d² numbers are kept."""


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

    @property
    def gathered_width(self) -> int:
        """Numbers that `batches` gathers of each of its rows beforehand, 0 where a step gathers its own."""
        ...

    @property
    def proximal(self) -> SoftThreshold | None:
        """The part of J that has no gradient, None where all of J has one."""
        ...

    @property
    def decaying(self) -> FloatArray | None:
        """1 for each parameter (dimension,) that a decay of weights shrinks, 0 for intercepts and biases; None: all."""
        ...

    def cost(self, theta: FloatArray) -> float:
        """J over all training rows, with the whole penalty."""
        ...

    def cost_and_gradient(self, theta: FloatArray) -> tuple[float, FloatArray]:
        """J over all training rows, with the whole penalty, and the gradient (dimension,) of its smooth part."""
        ...

    def report(self, theta: FloatArray, gradient: FloatArray | None) -> Report:
        """What else is known at theta, where the gradient of the smooth part of J is `gradient`, or not known."""
        ...

    def batches(self, rows: IntArray, size: int) -> BatchGradient:
        """A function (theta, k) -> smooth gradient of batch k: rows [k * size, (k + 1) * size) of `rows`.

        A gradient may be overwritten when the next one is asked for.
        """
        ...


class RidgeCost(NamedTuple):
    """1/m Σ wᵢ l(zᵢ, yᵢ) + ½ λ₂ ‖w‖² from the rows themselves; ridge is λ₂ by parameter (dimension,)."""

    data: RowsCost
    ridge: FloatArray

    def cost(self, theta: FloatArray) -> float:
        """The cost alone."""
        return self.data.cost(theta) + 0.5 * float((self.ridge * theta).dot(theta))

    def cost_and_gradient(self, theta: FloatArray) -> tuple[float, FloatArray]:
        """The cost and its gradient (dimension,)."""
        cost, gradient = self.data.cost_and_gradient(theta)
        pull = self.ridge * theta
        return cost + 0.5 * float(pull.dot(theta)), gradient + pull


class LinearProblem(NamedTuple):
    """J = 1/m Σ wᵢ l(xᵢ·w + b, yᵢ) + λ₁ ‖w‖₁ + ½ λ₂ ‖w‖²: batches read rows, full evaluations kept moments.

    full: J but for λ₁. ridge: λ₂ by parameter (dimension,), None where it is zero.
    """

    data: RowsCost
    full: MomentsCost | RowsCost | RidgeCost
    held_out: MomentsCost | RowsCost | None
    ridge: FloatArray | None = None
    proximal: SoftThreshold | None = None

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

    @property
    def gathered_width(self) -> int:
        """Those of all columns."""
        return self.data.columns

    @property
    def decaying(self) -> FloatArray | None:
        """All but the intercepts."""
        return strengths(1.0, self.data.shape, intercept=True) if self.data.intercept else None

    def cost(self, theta: FloatArray) -> float:
        """J over all training rows, with the whole penalty."""
        cost = self.full.cost(theta)
        return cost if self.proximal is None else cost + self.proximal.cost(theta)

    def cost_and_gradient(self, theta: FloatArray) -> tuple[float, FloatArray]:
        """J over all training rows, and the gradient (dimension,) of its smooth part."""
        cost, gradient = self.full.cost_and_gradient(theta)
        return (cost if self.proximal is None else cost + self.proximal.cost(theta)), gradient

    def report(self, theta: FloatArray, gradient: FloatArray | None) -> Report:
        """The weighted mean loss of the held-out rows, and the gap where moments are kept and there is no λ₁."""
        smooth = self.full if self.proximal is None else None
        gap = smooth.gap(theta, gradient) if isinstance(smooth, MomentsCost) and gradient is not None else None
        return Report(None if self.held_out is None else self.held_out.cost(theta), gap)

    def batches(self, rows: IntArray, size: int) -> BatchGradient:
        """Gradients of consecutive batches of `rows`."""
        gradient, ridge = batch_gradients(self.data, rows, size), self.ridge
        return gradient if ridge is None else lambda theta, k: gradient(theta, k) + ridge * theta

    def curvature(self) -> Curvature:
        """Eigenvalues of [X 1]ᵀW[X 1]/m times the bend of the loss, with λ₂ for the coefficients.

        With more columns than rows and an l2 part the largest one is a bound, and the smallest one that of centred
        columns. With an l1 part no smallest one is known where directions are flat, since its map leads along them.
        Raises DataError where all of X is zero.
        """
        found, at_zero = self._range(), bend(self.data.loss).at_zero
        if not self.data.intercept or found.smallest is None or found.smallest <= at_zero:
            return found
        # The intercept bends the cost by at_zero, which rounding hides beside a large λ₂.
        return Curvature(found.largest, at_zero, found.largest / at_zero)

    def _range(self) -> Curvature:
        bends, flat_counts = bend(self.data.loss), self.proximal is not None
        if isinstance(self.full, MomentsCost):
            return curvature_range(self.full.hessian(), bends, None, flat_counts=flat_counts)
        if min(self.data.X.shape) > MOMENTS_LIMIT:
            return Curvature(POWER_MARGIN * power_iteration(self.data) * bends.largest + self._l2, None, None)
        gram = small_side_gram(self.data)
        if len(gram) == self.data.columns:
            ridge = None if self.ridge is None else self.ridge[: len(gram)]
            return curvature_range(gram, bends, ridge, flat_counts=flat_counts)
        return wide_range(gram, bends, self._l2, flat_counts=flat_counts)

    def largest_row_curvature(self) -> float:
        """The largest wᵢ‖xᵢ‖² of a row, with the intercept's one, times the bend of the loss, and λ₂."""
        return largest_row_norm_squared(self.data) * bend(self.data.loss).largest + self._l2

    @property
    def _l2(self) -> float:
        """λ₂ of the coefficients."""
        return 0.0 if self.ridge is None else float(self.ridge.max(initial=0.0))


def linear_problem(data: RowsCost, held_out: RowsCost | None = None, penalty: Penalty = NO_PENALTY) -> LinearProblem:
    """The problem of the training rows with a penalty, and held-out rows in the same units, which have none.

    Raises DataError where there is no parameter, a value is not finite, squares exceed float64, or the loss has no
    value for a target.
    """
    if data.dimension == 0:
        raise DataError("No column is left to fit: every feature is constant and there is no intercept.")
    l1, l2 = shares(penalty)
    reach, ridge = (strengths(share, data.shape, intercept=data.intercept) for share in (l1, l2))
    proximal = None if reach is None else SoftThreshold(reach)
    full = _quickest(data, l2)
    whole = full if ridge is None or isinstance(full, MomentsCost) else RidgeCost(full, ridge)
    return LinearProblem(data, whole, held_out and _quickest(held_out), ridge, proximal)


def optimum(problem: Problem) -> Optimum | None:
    """The exact least cost where the moments of the rows are kept and no λ₁ bends them, else None."""
    if isinstance(problem, LinearProblem) and isinstance(problem.full, MomentsCost) and problem.proximal is None:
        return Optimum(problem.full.least_cost)
    return None


def moments_suffice(rows: int, columns: int, loss: Loss) -> bool:
    """Whether full evaluations read d² moments, and not the matrix X (rows, columns)."""
    return isinstance(loss, Squared) and columns < rows and columns <= MOMENTS_LIMIT


def _quickest(data: RowsCost, l2: float = 0.0) -> MomentsCost | RowsCost:
    """The cost from moments, which hold λ₂, or from the rows, which do not."""
    rows, width = data.X.shape
    if not all_finite(data.y):
        raise not_finite("The target")
    if isinstance(data.loss, Poisson) and (negative := np.count_nonzero(data.y < 0.0)):
        raise DataError(f"The target is negative in {negative} rows; the loss poisson needs counts of at least 0.")
    if moments_suffice(rows, width, data.loss):
        return moments_cost(data, l2)
    parts = blocks(rows, width, PASS_NUMBERS)
    if not all(in_order(lambda block: all_finite(data.X[block]), parts, data.threads)):
        raise not_finite("A feature")
    return data
