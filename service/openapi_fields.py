"""How our own fields read in ``openapi.yaml``."""

from collections.abc import Mapping
from typing import Any

from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.openapi import OpenAPIConverter
from marshmallow import Schema, fields, missing

from contract.function_field import FunctionField
from contract.function_settings import FunctionSettingsSchema
from contract.settings_schema import SettingsSchema
from contract.shapes import ByMember, ByName, Variant
from contract.starts import StartField
from engine.named_functions import NAMED_FUNCTIONS
from service.schemas_function import ABOUT_FUNCTION, EffectiveFunctionSettingsSchema
from service.schemas_settings import ABOUT, Filled
from service.shown import Either

SHORT = "Short for the name with its defaults."

JsonSchema = dict[str, Any]


class Converter(OpenAPIConverter):
    """apispec's converter, which knows what marshmallow's own fields are, and ours too."""

    def field2property(self, field: fields.Field[Any]) -> JsonSchema:
        """The JSON schema of a field."""
        if isinstance(field, Filled):
            found = filled(self.field2property(field.asked), words=field.words)
        else:
            found = super().field2property(field) | _default(field) | self._own(field)
        return _with_null(found) | _about(field) if field.allow_none else found | _about(field)

    def _own(self, field: fields.Field[Any]) -> JsonSchema:
        if isinstance(field, ByName):
            return _one_of(self._by_name(field))
        if isinstance(field, FunctionField):
            return _one_of([*_words(tuple(NAMED_FUNCTIONS), description=SHORT), *self._by_member(field)])
        if isinstance(field, StartField):
            return _one_of(self._start(field))
        if isinstance(field, ByMember):
            return _one_of(self._by_member(field))
        if isinstance(field, Either):
            return _one_of([self.field2property(kind) for kind in field.kinds])
        return _one_of(self._variant(field)) if isinstance(field, Variant) else {}

    def _by_name(self, field: ByName) -> list[JsonSchema]:
        """Some words, and an object with free member names."""
        names, values = self.field2property(field.names), self.field2property(field.values)
        members: JsonSchema = {"type": "object", "propertyNames": names, "additionalProperties": values}
        return [*_words(field.words), members | {"maxProperties": field.most}]

    def _by_member(self, field: ByMember) -> list[JsonSchema]:
        """Some words, and objects that are told from each other by a member that is required."""
        to_json_schema: Any = self.schema2jsonschema  # apispec's has no types
        objects = [{"title": name} | to_json_schema(schema) for name, schema in field.schemas.items()]
        return [*_words(field.words), *objects]

    def _start(self, field: StartField) -> list[JsonSchema]:
        """A point, or a box."""
        to_json_schema: Any = self.schema2jsonschema  # apispec's has no types
        return [self.field2property(field.point), {"title": "random"} | to_json_schema(field.box)]

    def _variant(self, field: Variant) -> list[JsonSchema]:
        """Words, a number, short names, and objects that the member ``key`` tells from each other."""
        objects = [self._branch(field.key, name, schema) for name, schema in field.schemas.items()]
        short = tuple(branch["title"] for branch in objects if branch["required"] == [field.key])
        numbers = [self.field2property(field.number)] if field.number else []
        return [*_words(field.words), *_words(short, description=SHORT), *numbers, *objects]

    def _branch(self, key: str, name: str, schema: Schema) -> JsonSchema:
        own = self.fields2jsonschema(schema.fields)  # type: ignore[no-untyped-call] # apispec
        return {
            "title": name,
            "type": "object",
            "properties": {key: {"const": name}, **own["properties"]},
            "required": [key, *own.get("required", [])],
            "additionalProperties": False,
        }

    def _field2parameter(self, field: fields.Field[Any], *, name: str, location: str) -> JsonSchema:
        """A query holds texts only: an argument that is not there is no null."""
        found = super()._field2parameter(field, name=name, location=location)
        schema = found["schema"]
        if isinstance(schema.get("type"), list):
            schema["type"] = next(kind for kind in schema["type"] if kind != "null")
        if "enum" in schema:
            schema["enum"] = [choice for choice in schema["enum"] if choice is not None]
        if "default" in schema and schema["default"] is None:
            del schema["default"]
        return found


class Plugin(MarshmallowPlugin):
    """apispec's plugin with our converter and our names of components."""

    Converter = Converter

    def __init__(self) -> None:
        super().__init__(schema_name_resolver=component_name)  # type: ignore[arg-type] # None is documented for "inline"


def component_name(schema: type[Schema] | Schema) -> str | None:
    """The name of a schema among the components; those with an underscore stand where they are used."""
    name: str = (schema if isinstance(schema, type) else type(schema)).__name__
    return None if name.startswith("_") else name.removesuffix("Schema")


def filled(schema: Mapping[str, Any], *, words: bool = True) -> JsonSchema:
    """A settings field's schema after all defaults were filled in: no short names, every member required."""
    kept = {key: value for key, value in schema.items() if key != "default"}
    if "properties" in kept:
        kept["properties"] = {name: filled(inner) for name, inner in kept["properties"].items()}
        kept["required"] = list(kept["properties"])
    if "oneOf" in kept:
        branches = [filled(branch) for branch in kept.pop("oneOf") if _stays(branch, words=words)]
        kept |= _one_of(branches)
    return kept


def _stays(branch: Mapping[str, Any], *, words: bool) -> bool:
    return branch.get("description") != SHORT and (words or "enum" not in branch)


def _default(field: fields.Field[Any]) -> JsonSchema:
    """A default that is made afresh for each document, which apispec leaves out."""
    made = field.load_default
    return {"default": made()} if callable(made) and made is not missing else {}


def _about(field: fields.Field[Any]) -> JsonSchema:
    """What a setting means, where it is given and where it is shown."""
    known = isinstance(field, Filled) or isinstance(field.parent, SettingsSchema | FunctionSettingsSchema)
    function = isinstance(field.parent, FunctionSettingsSchema | EffectiveFunctionSettingsSchema)
    texts = ABOUT | ABOUT_FUNCTION if function else ABOUT
    return {"description": texts[field.name]} if known and field.name in texts else {}


def _words(words: tuple[str, ...], **more: str) -> list[JsonSchema]:
    return [{"enum": list(words), **more}] if words else []


def _one_of(branches: list[JsonSchema]) -> JsonSchema:
    return branches[0] if len(branches) == 1 else {"oneOf": branches}


def _with_null(schema: JsonSchema) -> JsonSchema:
    """The schema with null among its choices, where apispec has not seen that it has some."""
    if "oneOf" in schema and {"type": "null"} not in schema["oneOf"]:
        return schema | {"oneOf": [*schema["oneOf"], {"type": "null"}]}
    if "enum" in schema and None not in schema["enum"]:
        return schema | {"enum": [*schema["enum"], None]}
    return schema
