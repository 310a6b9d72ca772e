"""The fitted model as a document: all that a client needs to predict, without the numbers of the fit's own units."""

from collections.abc import Iterator
from typing import Any

from engine.descent import Point
from engine.preparation import Preparation
from worker.build import Plan


def parameters_of(plan: Plan, point: Point) -> dict[str, Any]:
    """The parameters of a point in original units."""
    data = plan.data
    found = data.model.parameters(data.preparation, point.theta, data.classes)
    return found if isinstance(found, dict) else dict(found._asdict())


def model_document(plan: Plan, state: str, chosen: tuple[str, Point], other: tuple[str, Point]) -> dict[str, Any]:
    """The job's state, its model, loss, target, the preparation, and all parameters that are the answer.

    The other ones stand beside them, None where both points are the same one.
    """
    (which, point), (name, beside) = chosen, other
    same = beside.iteration == point.iteration
    settings, preparation = plan.settings, plan.data.preparation
    return {
        "state": state,
        "model": settings.model,
        "loss": settings.loss,
        "target": settings.target,
        "target_type": plan.data.written.target_type,
        "dialect": plan.data.written.dialect,
        "weight_column": settings.weight_column,
        "missing": settings.missing,
        "columns": preparation.names,
        "features": list(_features(preparation)),
        "which": which,
        "parameters": parameters_of(plan, point),
        "other": None if same else {"which": name, "parameters": parameters_of(plan, beside)},
    }


def _features(preparation: Preparation) -> Iterator[dict[str, Any]]:
    at = 0
    for feature in preparation.features:
        some = slice(at, at + len(feature.names))
        at = some.stop
        yield {
            "name": feature.name,
            "type": "number" if feature.levels is None else "category",
            "columns": feature.names,
            "levels": feature.levels,
            "fill": feature.fill,
            "shift": preparation.shift[some].tolist(),
            "scale": preparation.scale[some].tolist(),
        }
