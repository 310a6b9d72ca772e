"""A strict field for what is written as an expression."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields

from contract.fields import echo, refuse
from engine.expression_text import MOST_CHARACTERS
from engine.expressions import ExpressionError, parse, quoted


class ExpressionField(fields.Field[str]):
    """The text of an expression; what is none is refused with the place of its first mistake, counted from 1.

    columns: whether there are some, which names in backticks are.
    """

    def __init__(self, *, columns: bool, **options: Any) -> None:
        self._columns = columns
        metadata = {"type": "string", "minLength": 1, "maxLength": MOST_CHARACTERS}
        super().__init__(metadata=metadata | options.pop("metadata", {}), **options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> str:
        if not isinstance(value, str):
            raise refuse("wrong_type", f"Must be a string, not {echo(value)}.")
        try:
            expression = parse(value)
            if (found := quoted(expression)) and not self._columns:
                raise ExpressionError("There are no columns, which backticks are for: write plain names.", found[0][1])
        except ExpressionError as error:
            where = "" if error.position is None else f"At character {error.position + 1}: "
            raise refuse("invalid_expression", f"{where}{error}") from None
        return value
