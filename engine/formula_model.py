"""What theta of a formula means: its parameters as they are written, and their standard errors.

At a least-squares fit Cov(p) = s² (JᵀWJ)⁻¹ with J the derivatives of the formula by its parameters and
s² = Σ wᵢ rᵢ² / (n - k), n the rows of weight above zero and k the parameters: the Gauss-Newton matrix in place of
second derivatives (Seber and Wild, "Nonlinear regression" (1989), 2.1.2), as in NIST's certified values and R's nls.
Weights are taken as precisions, as in engine/standard_errors.py.
"""

from functools import partial

import numpy as np

from engine.arrays import FloatArray
from engine.classes import Classes
from engine.errors import InitialError
from engine.formula import Formula
from engine.formula_problem import FormulaProblem
from engine.losses import Squared
from engine.models import Model
from engine.moments import unit_spectrum
from engine.parameters import Parameters
from engine.preparation import Preparation
from engine.rows import weighted_sum
from engine.standard_errors import inverse_root


def formula_model(base: Model, formula: Formula) -> Model:
    """The Model of a formula with the targets, the loss and the metrics of `base`."""
    return base._replace(parameters=partial(_parameters, formula), start=_no_start)


def formula_standard_errors(problem: FormulaProblem, theta: FloatArray) -> dict[str, float] | None:
    """One for each parameter, as if theta (k,) were the optimum.

    None where there is a penalty or another loss than the squared one, where parameters cannot be told apart, and where
    there are not more rows than parameters.
    """
    data, formula = problem.data, problem.data.formula
    rows = problem.rows if data.weights is None else int(np.count_nonzero(data.weights))
    penalised = problem.ridge is not None or problem.proximal is not None
    if penalised or not isinstance(data.loss, Squared) or rows <= problem.dimension:
        return None
    matrix, squares = _gauss_newton(problem, theta)
    root = inverse_root(matrix) if np.isfinite(matrix).all() else None
    if root is None:
        return None
    errors = np.sqrt(squares / (rows - problem.dimension) * (root * root).sum(axis=1)) * formula.unit
    return dict(zip(formula.parameters, errors.tolist(), strict=True))


def predicted_decrease(problem: FormulaProblem, theta: FloatArray) -> float | None:
    """What a Gauss-Newton step from theta (k,) promises: ½ gᵀ(JᵀWJ/m + ridge)⁻¹g, g the gradient of the cost.

    Near a minimum it is how far the cost is above that; elsewhere it is neither a bound nor an estimate. It is never
    more than the cost. Combinations of parameters that the rows do not tell apart are left out. None where the loss is
    not the squared one, beside an l1 part, and where it is no finite number.
    """
    if problem.proximal is not None or not isinstance(problem.data.loss, Squared):
        return None
    matrix, gradient = _gauss_newton(problem, theta)[0] / problem.rows, problem.cost_and_gradient(theta)[1]
    if problem.ridge is not None:
        matrix = matrix + np.diag(problem.ridge)
    if not (np.isfinite(matrix).all() and np.isfinite(gradient).all()):
        return None
    scale, values, vectors, kept = unit_spectrum(matrix)
    along = vectors.T.dot(gradient / scale)
    return 0.5 * float((np.square(along[kept]) / values[kept]).sum())


def _gauss_newton(problem: FormulaProblem, theta: FloatArray) -> tuple[FloatArray, float]:
    """JᵀWJ (k, k) by theta, and the weighted sum of the squared residuals."""
    data, matrix, squares = problem.data, np.zeros((problem.dimension, problem.dimension)), 0.0
    for block, scores, slopes in data.scores_and_slopes(theta):
        weighted = slopes if data.weights is None else slopes * data.weights[block]
        matrix += weighted.dot(slopes.T)
        squares += weighted_sum((scores - data.y[block]) ** 2, data.weights, block)
    return matrix, squares


def _parameters(formula: Formula, _preparation: Preparation, theta: FloatArray, _classes: Classes) -> dict[str, float]:
    return formula.original(theta)


def _no_start(_preparation: Preparation, _parameters: Parameters) -> FloatArray:
    raise InitialError("A formula starts from the initial values of its own parameters.")
