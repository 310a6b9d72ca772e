"""How far a cost probably is above its least: half the Newton decrement, ½ gᵀH⁻¹g.

That is exact for a quadratic, and for smooth losses close to the minimum. Hd = g is worked on by conjugate gradients
(Hestenes and Stiefel 1952), whose ½ gᵀd grows with every round and never exceeds ½ gᵀH⁻¹g, so that what is said is
rather too little. Products Hv are differences of gradients. Nothing here moves the parameters of an answer.
"""

from collections.abc import Callable
from typing import Final

import numpy as np

from engine.arrays import FloatArray
from engine.problems import Problem

ROUNDS: Final = 50
SETTLED: Final = 1e-8
STEP: Final = 1.5e-8
"""Relative to the parameters: the root of the rounding error of float64."""


def estimated_gap(problem: Problem, theta: FloatArray, rounds: int = ROUNDS) -> float:
    """About J(theta) - J*, from below, for a loss with second derivatives; the cost is `rounds` gradients."""
    gradient = problem.cost_and_gradient(theta)[1]
    product = _products(problem, theta, gradient)
    left, towards, gap = gradient, gradient, 0.0
    squared = start = float(gradient.dot(gradient))
    for _ in range(min(rounds, gradient.size) if start > 0.0 else 0):
        bent = product(towards)
        bend = float(towards.dot(bent))
        if not bend > 0.0 or squared <= SETTLED**2 * start:
            break
        length = squared / bend
        gap += 0.5 * length * squared
        left = left - length * bent
        before, squared = squared, float(left.dot(left))
        towards = left + (squared / before) * towards
    return gap


def _products(problem: Problem, theta: FloatArray, gradient: FloatArray) -> Callable[[FloatArray], FloatArray]:
    def product(v: FloatArray) -> FloatArray:
        length = STEP * (1.0 + float(np.abs(theta).max())) / float(np.abs(v).max())
        return np.asarray((problem.cost_and_gradient(theta + length * v)[1] - gradient) / length)

    return product
