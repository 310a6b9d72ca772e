"""A formula as a model: which of its names are columns and which are parameters, and the unit of each parameter.

The columns enter in their own units, and so do the parameters p as they are written and answered. The descent works in
theta = p / unit with unit = |initial value|, or 1 where that is zero: parameters of very different size, such as 500
and 0.0001, then begin as ones, and a step of 0.01 is a hundredth of where each begins. With units of 1 theta is p.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from engine.arrays import FloatArray
from engine.expressions import Expression, ExpressionError, names, value, value_and_gradient


class Formula(NamedTuple):
    """An expression of columns and of parameters, in order of first use; initial and unit are of the parameters (k,).

    Its value is the score of a row: the prediction, or with Poisson's loss the logarithm of the mean.
    """

    expression: Expression
    columns: tuple[str, ...]
    parameters: tuple[str, ...]
    initial: FloatArray
    unit: FloatArray

    @property
    def start(self) -> FloatArray:
        """Theta (k,) before the first step."""
        return self.initial / self.unit

    def scores(self, theta: FloatArray, inputs: FloatArray) -> FloatArray:
        """The values (n,) for rows of the columns (n, columns)."""
        return value(self.expression, self._named(theta, inputs))

    def scores_and_slopes(self, theta: FloatArray, inputs: FloatArray) -> tuple[FloatArray, FloatArray]:
        """The values (n,), and their derivatives (k, n) by theta."""
        scores, slopes = value_and_gradient(self.expression, self._named(theta, inputs), self.parameters)
        slopes *= self.unit[:, np.newaxis]
        return scores, slopes

    def original(self, theta: FloatArray) -> dict[str, float]:
        """The parameters as the expression has them."""
        return dict(zip(self.parameters, (theta * self.unit).tolist(), strict=True))

    def _named(self, theta: FloatArray, inputs: FloatArray) -> dict[str, FloatArray | float]:
        columns = dict(zip(self.columns, inputs.T, strict=True))
        return columns | dict(zip(self.parameters, theta * self.unit, strict=True))


def formula_of(
    expression: Expression, columns: Sequence[str], initial: Mapping[str, float], *, scaled: bool = True
) -> Formula:
    """The formula of these columns, in their order, and the parameters of `initial`; `scaled`: in units of their size.

    Raises ExpressionError where those are not the names of the expression, each once.
    """
    used = names(expression)
    if sorted([*columns, *initial]) != sorted(used):
        raise ExpressionError(f"Columns and parameters must be its names, each once: {', '.join(used)}.")
    parameters = tuple(name for name in used if name in initial)
    start = np.array([initial[name] for name in parameters], dtype=np.float64)
    sizes = np.abs(start)
    unit = np.where(sizes > 0.0, sizes, 1.0) if scaled else np.ones(start.size)
    return Formula(expression, tuple(columns), parameters, start, unit)
