"""A function of named variables as descent sees it: one row, and theta holds the variables in their order.

The gradient is the exact one, or that of central differences, (f(x + h) - f(x - h)) / 2h for each variable with
h = eps^(1/3) max(1, |x|), the best power for float64 (Nocedal and Wright, "Numerical optimization" (2006), 8.1).
"""

from typing import Final, NamedTuple

import numpy as np

from engine.arrays import FloatArray, IntArray
from engine.expressions import Expression, value, value_and_gradient
from engine.penalties import SoftThreshold
from engine.problems import Report
from engine.rows import BatchGradient

STEP: Final = float(np.cbrt(np.finfo(np.float64).eps))


class FunctionProblem(NamedTuple):
    """The Problem of an expression; `variables` are all that it has, `central` says by which gradient."""

    expression: Expression
    variables: tuple[str, ...]
    central: bool = False

    @property
    def dimension(self) -> int:
        """The number of variables."""
        return len(self.variables)

    @property
    def rows(self) -> int:
        """One: the function itself."""
        return 1

    @property
    def cheap_gradient(self) -> bool:
        """It costs a few times the value."""
        return True

    @property
    def gathered_width(self) -> int:
        """There is nothing to gather."""
        return 0

    @property
    def proximal(self) -> SoftThreshold | None:
        """None."""
        return None

    @property
    def decaying(self) -> FloatArray | None:
        """All."""
        return None

    def cost(self, theta: FloatArray) -> float:
        """The value at theta (dimension,)."""
        return float(value(self.expression, self._named(theta)))

    def cost_and_gradient(self, theta: FloatArray) -> tuple[float, FloatArray]:
        """The value and its gradient (dimension,)."""
        if self.central:
            return self.cost(theta), self.central_gradient(theta)
        cost, gradient = value_and_gradient(self.expression, self._named(theta), self.variables)
        return float(cost), gradient

    def gradient(self, theta: FloatArray) -> FloatArray:
        """The exact gradient of one point (dimension,), or of points in columns (dimension, n), in the same shape."""
        return value_and_gradient(self.expression, self._named(theta), self.variables)[1]

    def central_gradient(self, theta: FloatArray) -> FloatArray:
        """The gradient (dimension,) by central differences."""
        points, apart = around(theta)
        values = value(self.expression, self._named(points))
        with np.errstate(all="ignore"):
            return np.asarray((values[: self.dimension] - values[self.dimension :]) / apart)

    def report(self, theta: FloatArray, gradient: FloatArray | None) -> Report:
        """Nothing more."""
        return Report()

    def batches(self, rows: IntArray, size: int) -> BatchGradient:
        """The gradient itself, since any batch is the one row."""
        return lambda theta, _k: self.cost_and_gradient(theta)[1]

    def _named(self, theta: FloatArray) -> dict[str, FloatArray]:
        return dict(zip(self.variables, theta, strict=True))


def around(theta: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Points (d, 2d) a step h up and then down each of the d variables, and how far apart those two are (d,)."""
    steps = STEP * np.maximum(1.0, np.abs(theta))
    up, down = theta + steps, theta - steps
    points = np.repeat(theta[:, np.newaxis], 2 * theta.size, axis=1)
    np.fill_diagonal(points[:, : theta.size], up)
    np.fill_diagonal(points[:, theta.size :], down)
    return points, up - down


def gradient_check(problem: FunctionProblem, *points: FloatArray) -> float | None:
    """The largest difference of exact and central partial derivatives at points (d,), by the largest exact one.

    None where one of them is not finite.
    """
    exact = np.array([problem.gradient(point) for point in points])
    central = np.array([problem.central_gradient(point) for point in points])
    largest, difference = float(np.abs(exact).max()), float(np.abs(exact - central).max())
    if not np.isfinite(largest + difference):
        return None
    return difference / largest if largest else difference
