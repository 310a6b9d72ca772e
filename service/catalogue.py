"""What may be named in settings: models, losses, penalties, optimizers, schedules, functions, with what they have.

Names, defaults and formulas are the engine's, ranges those of the settings' schema: nothing is said here again.
"""

from collections.abc import Callable, Mapping
from functools import cache
from hashlib import sha256
from typing import Any

from flask import Response, request
from marshmallow import fields, missing
from werkzeug.http import unquote_etag

from contract import choices
from contract.shapes import Variant
from engine.catalogue import MODEL_FORMULAS, Described, described
from engine.expression_text import CONSTANTS
from engine.losses import LOSSES
from engine.named_functions import NAMED_FUNCTIONS, NamedFunction
from engine.optimizers import OPTIMIZERS
from engine.penalties import PENALTIES
from engine.schedules import SCHEDULES
from service.documented import Answer, documented
from service.json_codec import dump
from service.routing import Routes, answer
from service.schemas import Query
from service.schemas_catalogue import CatalogueSchema

routes = Routes("catalogue", __name__, description="What settings may name.")

LIMITS = ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum")
Kinds = Mapping[str, type[Any]]


@routes.route("/v1/catalogue", methods=["GET"])
@documented(
    Answer(200, "The catalogue.", CatalogueSchema, ("ETag",)),
    Answer(304, "The catalogue is what it was.", None, ("ETag",)),
    takes=("If-None-Match",),
)
@routes.arguments(Query, location="query")
def show_catalogue(query: dict[str, Any]) -> Response:  # noqa: ARG001 - the query was checked
    """Models, losses, penalties, optimizers, schedules, with parameters and formula; functions with their minima."""
    headers = {"ETag": _tag()}
    if request.if_none_match.contains_weak(unquote_etag(_tag())[0]):
        return Response(status=304, headers=headers)
    return answer(catalogue(), headers=headers)


@cache
def catalogue() -> dict[str, Any]:
    """The whole document; it is the same for as long as the program runs."""
    return {
        "models": [
            {**_entry(name, schema, MODEL_FORMULAS[name]), "losses": list(choices.FITTING_LOSSES[name])}
            for name, schema in _schemas(choices.model)
        ],
        "losses": _section(choices.loss, LOSSES),
        "penalties": _section(choices.penalty, PENALTIES),
        "optimizers": _section(choices.optimizer, OPTIMIZERS),
        "schedules": _section(choices.learning_rate, SCHEDULES),
        "functions": [_function(name, function) for name, function in NAMED_FUNCTIONS.items()],
        "constants": list(CONSTANTS),
    }


@cache
def _tag() -> str:
    """Weak: ``?pretty`` is the same catalogue in other bytes."""
    return f'W/"{sha256(dump(catalogue())).hexdigest()[:16]}"'


def _section(setting: Callable[[], fields.Field[Any]], kinds: Kinds) -> list[dict[str, Any]]:
    return [_entry(name, schema, described(kinds[name])) for name, schema in _schemas(setting)]


def _schemas(setting: Callable[[], fields.Field[Any]]) -> list[tuple[str, Any]]:
    field = setting()
    assert isinstance(field, Variant)  # noqa: S101 - for the type checker: all of these settings come in kinds
    return list(field.schemas.items())


def _entry(name: str, schema: Any, about: Described) -> dict[str, Any]:
    parameters = [_parameter(member, field) for member, field in schema.fields.items()]
    return {"name": name, "formula": about.formula, "reference": about.reference, "parameters": parameters}


def _function(name: str, function: NamedFunction) -> dict[str, Any]:
    return {
        "name": name,
        "formula": function.expression,
        "reference": function.reference,
        "box": {variable: list(interval) for variable, interval in function.box.items()},
        "least": function.least,
        "minima": [dict(zip(function.box, minimum, strict=True)) for minimum in function.minima],
    }


def _parameter(name: str, field: fields.Field[Any]) -> dict[str, Any]:
    """Type, default and range of one; for a list the range is that of its members."""
    inner = field.inner if isinstance(field, fields.List) else field
    default = field.load_default() if callable(field.load_default) else field.load_default
    return {
        "name": name,
        "type": "array" if inner is not field else field.metadata["type"],
        "required": field.required,
        "default": None if default is missing else default,
        "range": {limit: inner.metadata[limit] for limit in LIMITS if limit in inner.metadata},
        "choices": inner.metadata.get("enum"),
        "most_members": field.metadata.get("maxItems"),
    }
