"""The parameters of a fit as columns of its history, in the original units, each under a name of its own."""

from collections.abc import Iterator
from itertools import count
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
    """Every number of the parameters of a model: `intercept` and columns, `class: …` of each, or places in layers.

    Where two would have one name, as those of a class "a: b" and of a column "b: c" may, the later has `(2)` behind it.
    """
    found: dict[str, float] = {}
    for name, value in _pairs(parameters):
        found[_unused(name, found)] = value
    return found


def _unused(name: str, found: dict[str, float]) -> str:
    if name not in found:
        return name
    return next(other for k in count(2) if (other := f"{name} ({k})") not in found)


def _pairs(parameters: Any) -> Iterator[tuple[str, float]]:
    if isinstance(parameters, dict):  # a formula's
        yield from parameters.items()
    elif isinstance(parameters, NetworkParameters):
        for k, layer in enumerate(parameters.layers):
            yield from _of_layer(k, layer)
    elif isinstance(parameters, SetPerClass):
        for of, coefficients in parameters.coefficients.items():
            pairs = _of_set((parameters.intercept or {}).get(of), coefficients)
            yield from ((f"{of}: {name}", value) for name, value in pairs)
    else:
        yield from _of_set(parameters.intercept, parameters.coefficients)


def _of_set(intercept: float | None, coefficients: dict[str, float]) -> Iterator[tuple[str, float]]:
    if intercept is not None:
        yield "intercept", intercept
    yield from coefficients.items()


def _of_layer(k: int, layer: dict[str, Any]) -> Iterator[tuple[str, float]]:
    for (row, column), value in np.ndenumerate(np.array(layer["weights"])):
        yield f"layers[{k}].weights[{row}][{column}]", value
    for column, value in enumerate(layer["bias"]):
        yield f"layers[{k}].bias[{column}]", value
