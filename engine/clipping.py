"""Gradient clipping by norm: gradient * min(1, most / ‖gradient‖₂).

From Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural networks" (2013). PyTorch's
clip_grad_norm_ divides by ‖gradient‖ + 1e-6; here nothing is added: a clipped gradient has the norm that was asked for.
"""

from math import isfinite, sqrt

import numpy as np

from engine.arrays import FloatArray


def clipped(gradient: FloatArray, most: float) -> FloatArray:
    """The gradient (d,), shortened to the norm `most` > 0 where it is longer."""
    norm = _norm(gradient)
    return gradient if norm <= most else gradient * (most / norm)


def _norm(gradient: FloatArray) -> float:
    """The L2 norm, also where the squares of finite numbers overflow: else clipping would give a gradient of zero."""
    square = float(gradient.dot(gradient))
    if isfinite(square):
        return sqrt(square)
    largest = float(np.abs(gradient).max())
    shares = gradient / largest
    return largest * sqrt(shares.dot(shares))
