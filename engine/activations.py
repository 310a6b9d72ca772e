"""The functions between the layers of a network, each with its derivative told from its own value.

Both work in place, on arrays (n, units) of any float type: the forward one makes a = f(z) of z, the backward one
multiplies the derivatives with respect to a by f'(z), and uses a up.
"""

from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Activation = Literal["relu", "tanh", "sigmoid"]
Values = NDArray[Any]


class Pair(NamedTuple):
    """forward(z), and backward(derivatives, a)."""

    forward: Callable[[Values], object]
    backward: Callable[[Values, Values], object]


def _relu(z: Values) -> None:
    np.maximum(z, 0.0, out=z)


def _relu_back(derivatives: Values, a: Values) -> None:
    np.multiply(derivatives, np.sign(a, out=a), out=derivatives)


def _tanh(z: Values) -> None:
    np.tanh(z, out=z)


def _tanh_back(derivatives: Values, a: Values) -> None:
    """With f' = 1 - a²."""
    np.multiply(a, a, out=a)
    np.multiply(derivatives, np.subtract(1.0, a, out=a), out=derivatives)


def _sigmoid(z: Values) -> None:
    """1 / (1 + e^-z) as ½ + ½ tanh(z/2), which cannot overflow."""
    z *= 0.5
    np.tanh(z, out=z)
    z *= 0.5
    z += 0.5


def _sigmoid_back(derivatives: Values, a: Values) -> None:
    """With f' = a (1 - a)."""
    np.multiply(derivatives, a, out=derivatives)
    np.multiply(derivatives, np.subtract(1.0, a, out=a), out=derivatives)


ACTIVATIONS: Mapping[Activation, Pair] = {
    "relu": Pair(_relu, _relu_back),
    "tanh": Pair(_tanh, _tanh_back),
    "sigmoid": Pair(_sigmoid, _sigmoid_back),
}
