"""What a function job minimises: an expression, or a known function by its name."""

from collections.abc import Mapping
from typing import Any, Final

from marshmallow import ValidationError

from contract.choices import Strict
from contract.expression_field import ExpressionField
from contract.fields import Complaint, Text
from contract.shapes import ByMember
from engine.expressions import names, parse
from engine.function_problem import FunctionProblem
from engine.named_functions import NAMED_FUNCTIONS

GRADIENTS: Final = ("exact", "central")


def _gradient() -> Text:
    return Text(choices=list(GRADIENTS), what="gradient", load_default=GRADIENTS[0])


class _ExpressionSchema(Strict):
    expression = ExpressionField(columns=False, required=True)
    gradient = _gradient()


class _NamedSchema(Strict):
    name = Text(choices=list(NAMED_FUNCTIONS), what="function", required=True)
    gradient = _gradient()


class FunctionField(ByMember):
    """An object with an expression, or with the name of a known function, for which the name itself is short."""

    def __init__(self, **options: Any) -> None:
        super().__init__({"expression": _ExpressionSchema(), "name": _NamedSchema()}, what="function", **options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **options: Any) -> Any:
        given = {"name": value} if isinstance(value, str) else value
        loaded = super()._deserialize(given, attr, data, **options)
        if not function_problem(loaded).variables:
            sentence = "Has no variable that could be changed: write one, as in x**2."
            raise ValidationError({"expression": [Complaint("invalid_expression", sentence)]})
        return loaded


def function_problem(function: Mapping[str, Any]) -> FunctionProblem:
    """What the setting ``function`` asks to be minimised."""
    named = function.get("name")
    expression = parse(function["expression"] if named is None else NAMED_FUNCTIONS[named].expression)
    return FunctionProblem(expression, names(expression), central=function["gradient"] == "central")
