"""Standard errors of the least-squares parameters, from the moments that the descent reads.

Cov(theta) = s² (AᵀWA)⁻¹ with A = [X 1], s² = Σ wᵢ rᵢ² / (n - p), r the residuals at the optimum, n the rows of weight
above zero and p the parameters. In terms of centred moments S and of J* = Σ wᵢ rᵢ² / (2 Σ wᵢ)

    Var(w) = 2 J*/(n - p) diag(S⁻¹),    Var(b) = 2 J*/(n - p) (1 + x̄ᵀ S⁻¹ x̄)

with x̄ the means of the columns; b and x̄ are those of the original columns, so that no digits cancel on the way there.
Weights are taken as precisions: the variance of row i is s²/wᵢ. So do statsmodels' WLS and R's lm; it is the convention
in which, as in J, the unit of the weights does not matter.
"""

import numpy as np

from engine.arrays import FloatArray
from engine.moments import MomentsCost, unit_spectrum
from engine.parameters import Parameters
from engine.preparation import Preparation
from engine.problems import LinearProblem


def standard_errors(problem: LinearProblem, preparation: Preparation) -> Parameters | None:
    """One for each parameter, in the original units of the columns.

    None where there is a penalty or another loss than the squared one, where no moments are kept, where columns depend
    on each other, and where there are not more rows than parameters.
    """
    full, weights = problem.full, problem.data.weights
    if not isinstance(full, MomentsCost) or problem.ridge is not None or problem.proximal is not None:
        return None
    rows = problem.rows if weights is None else int(np.count_nonzero(weights))
    root = inverse_root(full.operator[: len(preparation.names), : len(preparation.names)])
    if root is None or rows <= problem.dimension:
        return None
    scale = np.sqrt(2.0 * full.least_cost / (rows - problem.dimension))
    coefficients = scale * np.sqrt((root * root).sum(axis=1)) / preparation.scale
    names = dict(zip(preparation.names, coefficients.tolist(), strict=True))
    if full.lift is None:
        return Parameters(None, names)
    means = full.lift[:-1] + preparation.shift / preparation.scale
    return Parameters(float(scale * np.sqrt(1.0 + (means.dot(root) ** 2).sum())), names)


def inverse_root(matrix: FloatArray) -> FloatArray | None:
    """R (d, d) with R Rᵀ the inverse of a symmetric matrix; None where that is singular to rounding."""
    scale, values, vectors, kept = unit_spectrum(matrix)
    return vectors / np.sqrt(values) / scale[:, np.newaxis] if kept.all() else None
