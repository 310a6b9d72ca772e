"""A problem without rows, for the tests: f = (1 - x)² + 100 (y - x²)², the curved valley of Rosenbrock (1960)."""

from typing import NamedTuple

import numpy as np

from engine.arrays import FloatArray, IntArray
from engine.problems import Report
from engine.rows import BatchGradient


class Rosenbrock(NamedTuple):
    """Its minimum is 0 at (1, 1); a full batch is its one row."""

    dimension: int = 2
    rows: int = 1
    cheap_gradient: bool = True
    gathered_width: int = 0
    proximal: None = None
    decaying: None = None

    def cost(self, theta: FloatArray) -> float:
        return self.cost_and_gradient(theta)[0]

    def cost_and_gradient(self, theta: FloatArray) -> tuple[float, FloatArray]:
        x, y = theta
        rise = y - x * x
        return (1 - x) ** 2 + 100 * rise**2, np.array([2 * (x - 1) - 400 * x * rise, 200 * rise])

    def report(self, theta: FloatArray, gradient: FloatArray | None) -> Report:
        return Report()

    def batches(self, rows: IntArray, size: int) -> BatchGradient:
        return lambda theta, _k: self.cost_and_gradient(theta)[1]
