"""The parameters of a fit as columns of its history, in the original units, each under a name of its own."""

from typing import Any

import numpy as np

from engine.arrays import FloatArray
from engine.models import SetPerClass
from engine.network_model import NetworkParameters
from worker.build import Plan
from worker.running import NONE_RECORDED, RecordedParameters


def recorded_parameters(plan: Plan) -> RecordedParameters:
    """What the history keeps beside its own columns: nothing, unless the settings ask for the parameters."""
    if not plan.settings.history.get("parameters"):  # older records do not say
        return NONE_RECORDED
    return RecordedParameters(tuple(_named(plan, plan.theta)), lambda theta: list(_named(plan, theta).values()))


def _named(plan: Plan, theta: FloatArray) -> dict[str, float]:
    data = plan.data
    return flat(data.model.parameters(data.preparation, theta, data.classes))


def flat(parameters: Any) -> dict[str, float]:
    """Every number of the parameters of a model: `intercept` and columns, `class: …` of each, or places in layers."""
    if isinstance(parameters, dict):  # a formula's
        return parameters
    if isinstance(parameters, NetworkParameters):
        return {name: value for k, layer in enumerate(parameters.layers) for name, value in _of_layer(k, layer).items()}
    if isinstance(parameters, SetPerClass):
        return {
            f"{of}: {name}": value
            for of, coefficients in parameters.coefficients.items()
            for name, value in _set((parameters.intercept or {}).get(of), coefficients).items()
        }
    return _set(parameters.intercept, parameters.coefficients)


def _set(intercept: float | None, coefficients: dict[str, float]) -> dict[str, float]:
    return coefficients if intercept is None else {"intercept": intercept, **coefficients}


def _of_layer(k: int, layer: dict[str, Any]) -> dict[str, float]:
    weights = {
        f"layers[{k}].weights[{row}][{column}]": value
        for (row, column), value in np.ndenumerate(np.array(layer["weights"]))
    }
    return weights | {f"layers[{k}].bias[{column}]": value for column, value in enumerate(layer["bias"])}
