"""Dense networks: how one flat theta is read as layers, and where a descent begins.

A layer is a·W + b with W (inputs, outputs) and b (outputs,); theta holds W row after row, then b, layer after layer.
The activation stands between two layers: the last one gives the scores.
"""

from itertools import pairwise
from math import sqrt
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.activations import Activation
from engine.arrays import FloatArray
from engine.randomness import INITIAL, generator

Precision = Literal["float64", "float32"]


class Network(NamedTuple):
    """Units of the hidden layers, what stands between layers, and the dtype of the passes; theta is float64."""

    hidden: tuple[int, ...] = (128,)
    activation: Activation = "relu"
    dtype: Precision = "float64"


class Architecture(NamedTuple):
    """A network between so many inputs and so many scores."""

    inputs: int
    network: Network
    outputs: int

    @property
    def sizes(self) -> tuple[int, ...]:
        """Inputs, units of the hidden layers, scores."""
        return (self.inputs, *self.network.hidden, self.outputs)

    @property
    def dimension(self) -> int:
        """The number of weights and biases."""
        return parameter_count(self.sizes)


class Layer(NamedTuple):
    """Weights (inputs, outputs) and bias (outputs,) of one layer."""

    weights: NDArray[Any]
    bias: NDArray[Any]


def parameter_count(sizes: tuple[int, ...]) -> int:
    """Weights and biases of a network with layers of these sizes."""
    return sum((before + 1) * after for before, after in pairwise(sizes))


def layers(architecture: Architecture, theta: NDArray[Any]) -> tuple[Layer, ...]:
    """Views of theta (dimension,), the layer next to the inputs first."""
    found, at = list[Layer](), 0
    for before, after in pairwise(architecture.sizes):
        bias = at + before * after
        found.append(Layer(theta[at:bias].reshape(before, after), theta[bias : bias + after]))
        at = bias + after
    return tuple(found)


def initial_theta(architecture: Architecture, seed: int) -> FloatArray:
    """Weights drawn uniformly from [-r, r], biases zero, from the initial stream of the seed.

    r² = 6 / inputs before relu (He et al., "Delving deep into rectifiers", 2015), else 6 / (inputs + outputs)
    (Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010); so too in
    the last layer, which no activation follows.
    """
    theta, random = np.zeros(architecture.dimension), generator(seed, INITIAL)
    made = layers(architecture, theta)
    for layer in made:
        before, after = layer.weights.shape
        he = architecture.network.activation == "relu" and layer is not made[-1]
        reach = sqrt(6.0 / (before if he else before + after)) if before else 0.0
        layer.weights[:] = random.uniform(-reach, reach, layer.weights.shape)
    return theta
