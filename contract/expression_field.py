"""A strict field for what is written as an expression."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields

from contract.fields import echo, refuse
from engine.expression_text import MOST_CHARACTERS
from engine.expressions import ExpressionError, parse


class ExpressionField(fields.Field[str]):
    """The text of an expression; what is none is refused with the place of its first mistake, counted from 1."""

    def __init__(self, **options: Any) -> None:
        metadata = {"type": "string", "minLength": 1, "maxLength": MOST_CHARACTERS}
        super().__init__(metadata=metadata | options.pop("metadata", {}), **options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> str:
        if not isinstance(value, str):
            raise refuse("wrong_type", f"Must be a string, not {echo(value)}.")
        try:
            parse(value)
        except ExpressionError as error:
            where = "" if error.position is None else f"At character {error.position + 1}: "
            raise refuse("invalid_expression", f"{where}{error}") from None
        return value
