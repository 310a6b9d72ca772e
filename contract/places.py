"""What marshmallow has to say about a document, as flat places with JSON pointers, in our words."""

from collections.abc import Iterable, Iterator
from typing import Any

from marshmallow import Schema, ValidationError

from contract.elsewhere import nearest
from contract.errors import FieldError, InvalidSettings
from contract.fields import echo, pointer_step

UNKNOWN = "Unknown field."
WORDS = {
    "Missing data for required field.": ("missing_field", "Is required."),
    "Field may not be null.": ("wrong_type", "Must not be null."),
    "Invalid input type.": ("wrong_type", "Must be an object."),
    "Not a valid list.": ("wrong_type", "Must be a list."),
    "Not a valid mapping type.": ("wrong_type", "Must be an object."),
}
"""Marshmallow's own messages, each with our code and sentence."""


def loaded(schema: Schema, document: Any) -> dict[str, Any]:
    """What a schema makes of a document; raises ``InvalidSettings`` with a JSON pointer for every wrong place."""
    try:
        return dict(schema.load(document))
    except ValidationError as error:
        raise InvalidSettings(places(error.messages, schema.fields)) from None


def places(messages: Any, known: Iterable[str], pointer: str = "") -> Iterator[FieldError]:
    """The wrong places below ``pointer``; ``known`` are the names that a wrong name at the top is compared with."""
    if not isinstance(messages, dict):
        yield from (_place(message, pointer) for message in messages)
        return
    for name, inner in messages.items():
        if inner == [UNKNOWN]:
            yield FieldError(pointer + pointer_step(name), _unknown(name, () if pointer else known), "unknown_field")
        else:
            yield from places(inner, known, pointer if name == "_schema" else pointer + pointer_step(name))


def _unknown(name: str, known: Iterable[str]) -> str:
    return f"There is no field {echo(name)} here.{nearest(name, known)}"


def _place(message: str, pointer: str) -> FieldError:
    code, sentence = WORDS.get(message, (getattr(message, "code", None), message))
    return FieldError(pointer, str(sentence), code)
