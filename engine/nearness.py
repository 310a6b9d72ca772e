"""How far a cost probably is above its least: half the Newton decrement, ½ gᵀH⁻¹g.

That is exact for a quadratic, and for other smooth losses near the minimum. Far from it, it is neither a bound nor an
estimate: where the loss flattens it may be many times too large. Hd = g is worked on by conjugate gradients
(Hestenes and Stiefel 1952), whose ½ gᵀd grows with every round up to ½ gᵀH⁻¹g, so that few rounds say rather too
little. Products Hv are differences of gradients. Nothing here moves the parameters of an answer.

With an l1 part a step to the proximal map of theta - g/L comes first, since it finds which parameters are held at zero;
what it gains is counted. From there g is the subgradient of least norm, and H that of all other parameters.
"""

from collections.abc import Callable, Iterable
from itertools import takewhile
from math import inf
from typing import Final

import numpy as np

from engine.arrays import BoolArray, FloatArray
from engine.problems import Problem

ROUNDS: Final = 50
SETTLED: Final = 1e-8
STEP: Final = 1.5e-8
"""Relative to the parameters: the root of the rounding error of float64."""


def estimated_gap(
    problem: Problem,
    theta: FloatArray,
    bend: float,
    rounds: int = ROUNDS,
    interrupted: Callable[[], object] = lambda: None,
) -> float:
    """About J(theta) - J* near the minimum, for a loss with second derivatives, from at most rounds + 2 gradients.

    bend is L, the largest second derivative, or a bound of it; inf leaves the step out. Before each round anything but
    None from `interrupted` ends them, and the estimate is too little.
    """
    steps = takewhile(lambda _: interrupted() is None, range(rounds))
    cost, gradient = problem.cost_and_gradient(theta)
    if problem.proximal is None:
        return _half_decrement(problem, theta, gradient, gradient, steps)
    landing = problem.proximal(theta - gradient / bend, 1.0 / bend)
    reached, gradient = problem.cost_and_gradient(landing)
    slope = problem.proximal.subgradient(landing, gradient)
    return max(cost - reached, 0.0) + _half_decrement(problem, landing, gradient, slope, steps)


def _half_decrement(
    problem: Problem, theta: FloatArray, gradient: FloatArray, slope: FloatArray, rounds: Iterable[int]
) -> float:
    """½ slopeᵀH⁻¹slope over the parameters that are not held at zero; inf where the cost falls on without a bend."""
    product = _products(problem, theta, gradient, (theta != 0.0) | (slope != 0.0))
    left, towards, gap = slope, slope, 0.0
    squared = start = float(slope.dot(slope))
    if start == inf:
        return inf
    for _, _ in zip(rounds, range(slope.size), strict=False):
        if squared <= SETTLED**2 * start:
            break
        bent = product(towards)
        bend = float(towards.dot(bent))
        if not bend > 0.0:
            return gap or inf
        length = squared / bend
        gap += 0.5 * length * squared
        left = left - length * bent
        before, squared = squared, float(left.dot(left))
        towards = left + (squared / before) * towards
    return gap


def _products(
    problem: Problem, theta: FloatArray, gradient: FloatArray, free: BoolArray
) -> Callable[[FloatArray], FloatArray]:
    """The rows and columns of H that are `free` (d,), as a function of vectors that are zero elsewhere."""

    def product(v: FloatArray) -> FloatArray:
        length = STEP * (1.0 + float(np.abs(theta).max())) / float(np.abs(v).max())
        return np.where(free, (problem.cost_and_gradient(theta + length * v)[1] - gradient) / length, 0.0)

    return product
