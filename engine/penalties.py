"""Penalties: what the size of the coefficients adds to the cost J; intercepts and biases are never penalised.

Every one is λ₁ ‖w‖₁ + ½ λ₂ ‖w‖², in the units of the fit. The second part is smooth and belongs to the gradient; the
first one has no gradient at zero and acts through its proximal map.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np

from engine.arrays import FloatArray


class NoPenalty(NamedTuple):
    """0: coefficients may be of any size."""


class L1(NamedTuple):
    """strength · ‖w‖₁ (lasso: Tibshirani 1996).

    Some coefficients become exactly zero.
    """

    strength: float


class L2(NamedTuple):
    """½ strength · ‖w‖² (ridge: Hoerl and Kennard 1970)."""

    strength: float


class ElasticNet(NamedTuple):
    """strength · (l1_ratio · ‖w‖₁ + ½ (1 - l1_ratio) · ‖w‖²) (Zou and Hastie 2005)."""

    strength: float
    l1_ratio: float = 0.5


Penalty = NoPenalty | L1 | L2 | ElasticNet

NO_PENALTY: Final = NoPenalty()

PENALTIES: Mapping[str, type[Penalty]] = {"none": NoPenalty, "l1": L1, "l2": L2, "elastic_net": ElasticNet}


class Shares(NamedTuple):
    """λ₁ and λ₂."""

    l1: float
    l2: float


def shares(penalty: Penalty) -> Shares:
    """The strengths of the two parts."""
    if isinstance(penalty, ElasticNet):
        return Shares(penalty.strength * penalty.l1_ratio, penalty.strength * (1.0 - penalty.l1_ratio))
    l1 = penalty.strength if isinstance(penalty, L1) else 0.0
    return Shares(l1, penalty.strength if isinstance(penalty, L2) else 0.0)


class SoftThreshold(NamedTuple):
    """The part Σ λⱼ |thetaⱼ|; strengths (dimension,) holds λⱼ, zero for what is not penalised."""

    strengths: FloatArray

    def __call__(self, theta: FloatArray, learning_rate: float) -> FloatArray:
        """The proximal map argmin_v ½ ‖v - theta‖² + learning_rate Σ λⱼ |vⱼ|, which has exact zeros."""
        reach = learning_rate * self.strengths
        # Not sign(theta) max(|theta| - reach, 0): this has no negative zeros, and keeps a NaN.
        return np.asarray(theta - np.clip(theta, -reach, reach))

    def cost(self, theta: FloatArray) -> float:
        """Σ λⱼ |thetaⱼ|."""
        return float(np.abs(theta).dot(self.strengths))

    def subgradient(self, theta: FloatArray, gradient: FloatArray) -> FloatArray:
        """The subgradient of least norm of J (dimension,), where that of its smooth part is `gradient`.

        It is zero at the optimum, and only there.
        """
        at_zero = gradient - np.clip(gradient, -self.strengths, self.strengths)
        return np.where(theta == 0.0, at_zero, gradient + self.strengths * np.sign(theta))


def strengths(strength: float, shape: tuple[int, ...], *, intercept: bool) -> FloatArray | None:
    """The strength for every parameter of theta, whose `shape` ends with the intercept; None where it is zero."""
    if strength == 0.0:
        return None
    by_parameter = np.full(shape, strength)
    if intercept:
        by_parameter[..., -1] = 0.0
    return by_parameter.ravel()
