"""Fields of what is answered. They describe documents for ``openapi.yaml``; nothing is serialised through them.

Every member of an object is there in every answer, null where there is nothing to say, unless it is ``optional``.
"""

from typing import Any

from marshmallow import RAISE, Schema, fields, validate

ID = "^{}_[a-z2-7]{{26}}$"
JOB_ID, DATASET_ID, SWEEP_ID = ID.format("job"), ID.format("ds"), ID.format("sweep")


class Shown(Schema):
    """An object of an answer: these members and no others."""

    class Meta:
        """marshmallow's place for options."""

        unknown = RAISE

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """Make the member a required one."""
        field_obj.required = not field_obj.metadata.get("optional", False)


class Either(fields.Field[Any]):
    """An object of one of several kinds."""

    def __init__(self, *kinds: type[Schema] | fields.Field[Any], **options: Any) -> None:
        self.kinds = [kind if isinstance(kind, fields.Field) else fields.Nested(kind) for kind in kinds]
        super().__init__(**options)


def text(about: str, *, null: bool = False, choices: tuple[str, ...] = (), **metadata: Any) -> fields.String:
    """A string, or one of ``choices``."""
    allowed = validate.OneOf(choices) if choices else None
    return fields.String(allow_none=null, validate=allowed, metadata={"description": about, **metadata})


def time(about: str, *, null: bool = True) -> fields.String:
    """A time, RFC 3339 in UTC."""
    return text(about, null=null, format="date-time", pattern="Z$", example="2026-11-20T12:07:30.789289Z")


def number(about: str, *, null: bool = False, **metadata: Any) -> fields.Float:
    """A finite number."""
    return fields.Float(allow_none=null, metadata={"description": about, **metadata})


def whole(about: str, *, null: bool = False, minimum: int = 0, **metadata: Any) -> fields.Integer:
    """A whole number."""
    return fields.Integer(allow_none=null, metadata={"description": about, "minimum": minimum, **metadata})


def flag(about: str) -> fields.Boolean:
    """True or false."""
    return fields.Boolean(metadata={"description": about})


def listed(inner: fields.Field[Any], about: str, *, null: bool = False, **metadata: Any) -> "fields.List[Any]":
    """An array."""
    return fields.List(inner, allow_none=null, metadata={"description": about, **metadata})


def named(inner: fields.Field[Any], about: str, *, null: bool = False, **metadata: Any) -> fields.Dict:
    """An object with free member names."""
    return fields.Dict(values=inner, allow_none=null, metadata={"description": about, **metadata})


def part(schema: type[Schema], about: str = "", *, null: bool = False) -> fields.Nested:
    """An object within an object."""
    return fields.Nested(schema, allow_none=null, metadata={"description": about} if about else {})


def either(*kinds: type[Schema] | fields.Field[Any], about: str, null: bool = False) -> Either:
    """An object within an object that is of one of several kinds."""
    return Either(*kinds, allow_none=null, metadata={"description": about})
