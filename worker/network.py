"""What a network job needs beside the others: its layers, the scale of its target, its start."""

from math import sqrt

from contract.settings import Settings
from engine.arrays import FloatArray
from engine.losses import Squared
from engine.network import Network, initial_theta
from engine.network_rows import UNSCALED, NetworkRows, architecture_of, network_rows
from engine.randomness import random_start
from engine.rows import RowsCost, weighted_mean
from engine.scaling import Spread

ROUNDING = 1e-14


def network_sides(
    settings: Settings, train: RowsCost, held_out: RowsCost | None
) -> tuple[NetworkRows, NetworkRows | None]:
    """Both sides of the split as the network takes them; the target is scaled by the training rows."""
    model = settings.model
    architecture = architecture_of(train, Network(tuple(model["hidden"]), model["activation"], model["dtype"]))
    target = _target_spread(settings, train)
    return network_rows(train, architecture, target), held_out and network_rows(held_out, architecture, target)


def network_start(settings: Settings, data: NetworkRows) -> FloatArray:
    """Theta before the first step."""
    if settings.initial == "auto":
        return initial_theta(data.architecture, settings.seed)
    theta = random_start(data.architecture.dimension, settings.seed)
    return theta if settings.initial == "random" else 0.0 * theta


def _target_spread(settings: Settings, train: RowsCost) -> Spread:
    """Mean and deviation for the squared loss with automatic weights, which are made for numbers of unit size."""
    if not isinstance(train.loss, Squared) or settings.initial != "auto":
        return UNSCALED
    mean = weighted_mean(train.y, train.weights)
    deviation = sqrt(weighted_mean((train.y - mean) ** 2, train.weights))
    # A constant target leaves rounding errors, which are nothing to divide by.
    return Spread(mean, deviation if deviation > ROUNDING * abs(mean) else 1.0)
