"""The parameters that a run starts with."""

import numpy as np

from contract.settings import Settings
from engine.arrays import FloatArray
from engine.constant_start import STRAIGHT_LOSSES, constant_start
from engine.formula_rows import FormulaRows
from engine.losses import LOSSES
from engine.network_rows import NetworkRows
from engine.parameters import Parameters
from engine.randomness import random_start
from engine.rows import RowsCost
from worker.data import Data
from worker.network import network_start


def initial_of(settings: Settings) -> str | dict[str, float]:
    """The setting without "auto", but for networks, whose start has no other name."""
    if settings.initial != "auto" or settings.is_network:
        return settings.initial
    return "constant" if settings.intercept and LOSSES[settings.loss["name"]] in STRAIGHT_LOSSES else "zeros"


def start_of(settings: Settings, data: Data, dimension: int) -> FloatArray:
    """Those of the settings (dimension,), in the units of the fit."""
    if isinstance(data.train, NetworkRows):
        return network_start(settings, data.train)
    if isinstance(data.train, FormulaRows):
        return data.train.formula.start
    if isinstance(settings.initial, dict):
        coefficients = dict(settings.initial)
        intercept = coefficients.pop("intercept", None) if settings.intercept else None  # else it is a column's name
        return data.model.start(data.preparation, Parameters(intercept, coefficients))
    initial = initial_of(settings)
    if initial == "constant" and isinstance(data.train, RowsCost):
        return constant_start(data.train)
    if initial == "random":
        return random_start(dimension, settings.seed)
    return np.zeros(dimension)
