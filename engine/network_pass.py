"""One pass of some rows through a network, forwards and backwards, in arrays that are made once and used again.

With f the activation, a₀ = X: aₖ = f(aₖ₋₁·Wₖ + bₖ), and the scores are those of the last layer without f. From the
derivatives D of the loss with respect to the scores, those with respect to the layers follow from the last to the
first: ∂W = aᵀ·D, ∂b = Σ D, and D ← (D·Wᵀ) f' for the layer below (Rumelhart, Hinton and Williams 1986).
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.activations import ACTIVATIONS
from engine.arrays import FloatArray
from engine.network import Architecture, Layer, layers

Values = NDArray[Any]


class Workspace(NamedTuple):
    """Arrays of the network's dtype for passes of at most so many rows.

    outputs: what each layer gives, (rows, units). derivatives: those of the cost with respect to the outputs.
    theta and gradient are flat, with the layers as views of them.
    """

    architecture: Architecture
    outputs: tuple[Values, ...]
    derivatives: tuple[Values, ...]
    theta: Values
    layers: tuple[Layer, ...]
    gradient: Values
    gradients: tuple[Layer, ...]

    def load(self, theta: FloatArray) -> None:
        """Take the parameters of the passes that follow."""
        np.copyto(self.theta, theta)

    def forward(self, X: Values) -> Values:
        """The scores (n, outputs) of inputs (n, inputs), valid until the next pass."""
        activate, a = ACTIVATIONS[self.architecture.network.activation].forward, X
        for layer, output in zip(self.layers, self.outputs, strict=True):
            z = output[: X.shape[0]]
            np.dot(a, layer.weights, out=z)
            z += layer.bias
            if output is not self.outputs[-1]:
                activate(z)
            a = z
        return a

    def backward(self, X: Values, derivatives: FloatArray) -> Values:
        """The gradient (dimension,) of a sum over the rows of the last forward pass, valid until the next one.

        derivatives (n, outputs): those of each row's term with respect to its scores. The outputs are used up.
        """
        slope, n = ACTIVATIONS[self.architecture.network.activation].backward, X.shape[0]
        np.copyto(self.derivatives[-1][:n], derivatives)
        for k in range(len(self.layers) - 1, -1, -1):
            above, below = self.derivatives[k][:n], X if k == 0 else self.outputs[k - 1][:n]
            np.dot(below.T, above, out=self.gradients[k].weights)
            np.add.reduce(above, axis=0, out=self.gradients[k].bias)
            if k:
                under = self.derivatives[k - 1][:n]
                np.dot(above, self.layers[k].weights.T, out=under)
                slope(under, below)
        return self.gradient


def workspace(architecture: Architecture, rows: int) -> Workspace:
    """Arrays for passes of at most `rows` rows."""
    dtype, dimension = np.dtype(architecture.network.dtype), architecture.dimension
    theta, gradient = np.zeros(dimension, dtype), np.zeros(dimension, dtype)
    outputs, derivatives = (tuple(np.empty((rows, units), dtype) for units in architecture.sizes[1:]) for _ in range(2))
    return Workspace(
        architecture,
        outputs,
        derivatives,
        theta,
        layers(architecture, theta),
        gradient,
        layers(architecture, gradient),
    )
