"""What theta of a network means: its layers in the original units of the columns and of the target.

The inputs of the fit are x̃ = (x - mu) / sigma and, where the target was scaled, its scores are (y - mu_y) / sigma_y.
So the first layer becomes W = W̃ / sigma, b = b̃ - Σ W̃ mu / sigma, and then the last one sigma_y W, sigma_y b + mu_y.
"""

from functools import partial
from typing import Any, NamedTuple

import numpy as np

from engine.arrays import FloatArray
from engine.class_metrics import class_metrics
from engine.classes import Classes
from engine.errors import InitialError
from engine.metrics import RegressionMetrics, regression_metrics
from engine.models import Model
from engine.network import Architecture, Layer, layers
from engine.parameters import Parameters
from engine.preparation import Preparation
from engine.rows import Scored
from engine.scaling import Spread


class NetworkParameters(NamedTuple):
    """columns: the inputs in their order. layers: weights (inputs, outputs), bias, and what follows them.

    The last activation is softmax, which makes probabilities of the scores of the classes, or identity.
    """

    classes: Classes | None
    columns: tuple[str, ...]
    layers: list[dict[str, Any]]


def network_model(base: Model, architecture: Architecture, target: Spread) -> Model:
    """The Model of a network with the targets and the loss of `base`."""
    return base._replace(
        parameters=partial(network_parameters, architecture, target), start=_no_start, metrics=partial(_metrics, target)
    )


def network_parameters(
    architecture: Architecture, target: Spread, preparation: Preparation, theta: FloatArray, classes: Classes
) -> NetworkParameters:
    """The layers of theta in original units."""
    found = [Layer(layer.weights.copy(), layer.bias.copy()) for layer in layers(architecture, theta)]
    first, last = found[0], found[-1]
    np.divide(first.weights, preparation.scale[:, np.newaxis], out=first.weights)
    np.subtract(first.bias, preparation.shift.dot(first.weights), out=first.bias)
    np.multiply(last.weights, target.scale, out=last.weights)
    np.add(last.bias * target.scale, target.shift, out=last.bias)
    ends = [architecture.network.activation] * (len(found) - 1) + ["softmax" if classes else "identity"]
    shown = [
        {"weights": layer.weights.tolist(), "bias": layer.bias.tolist(), "activation": end}
        for layer, end in zip(found, ends, strict=True)
    ]
    return NetworkParameters(classes or None, preparation.names, shown)


def _metrics(target: Spread, data: Scored, theta: FloatArray, classes: Classes) -> Any:
    """Those of the classes, or of numbers in the original units of the target."""
    if classes:
        return class_metrics(data, theta, classes)
    mse, rmse, mae, r2 = regression_metrics(data, theta)
    return RegressionMetrics(mse * target.scale**2, rmse * target.scale, mae * target.scale, r2)


def _no_start(_preparation: Preparation, _parameters: Parameters) -> FloatArray:
    raise InitialError('A network starts from "auto" or at "random", not from given parameters.')
