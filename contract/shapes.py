"""Strict marshmallow fields for values that may be of several shapes: a word, a number, or an object of some kind."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

from marshmallow import Schema, ValidationError, fields

from contract.elsewhere import nearest
from contract.errors import MAX_PLACES
from contract.fields import Complaint, Number, Text, echo, one_of, refuse

NUMERAL = re.compile(r"[+-]?(\d++(\.\d*+)?|\.\d++)(e[+-]?\d++)?", re.ASCII | re.IGNORECASE)


class Variant(fields.Field[Any]):
    """Something with a name and fields of its own: ``"adam"``, or ``{"name": "adam", "beta1": 0.8}``.

    ``key`` is the member that holds the name. ``words`` are names without fields ("auto"), kept as strings; where
    ``number`` is given, a bare number is taken too. The answer has every field filled in.
    """

    def __init__(
        self,
        schemas: Mapping[str, Schema],
        *,
        what: str,
        key: str = "name",
        words: tuple[str, ...] = (),
        number: Number | None = None,
        **options: Any,
    ) -> None:
        self.schemas, self.what, self.key, self.words, self.number = schemas, what, key, words, number
        super().__init__(**options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> Any:
        if isinstance(value, str) and value in self.words:
            return value
        if self.number and (isinstance(value, int | float) or _is_number(value)):
            return self.number.deserialize(value, attr, data)
        given = {self.key: value} if isinstance(value, str) else value
        if not isinstance(given, Mapping):
            raise refuse("wrong_type", f"Must be a name or an object with {self.key!r}, not {echo(value)}.")
        return self._load(given)

    def _load(self, given: Mapping[str, Any]) -> dict[str, Any]:
        if self.key not in given:
            raise ValidationError({self.key: [Complaint("missing_field", "Is required.")]})
        name = given[self.key]
        if not isinstance(name, str) or name not in self.schemas:
            raise one_of(name, [*self.words, *self.schemas], self.what)
        own = {field: value for field, value in given.items() if field != self.key}
        loaded: dict[str, Any] = self.schemas[name].load(own)
        return {self.key: name, **loaded}


class ByMember(fields.Field[Any]):
    """One of ``words``, or an object whose kind is told by a member that only this kind has.

    ``schemas`` says what the object with that member is.
    """

    def __init__(
        self, schemas: Mapping[str, Schema], *, what: str, words: tuple[str, ...] = (), **options: Any
    ) -> None:
        self.schemas, self.what, self.words = schemas, what, words
        super().__init__(**options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> Any:
        if isinstance(value, str) and self.words:
            if value in self.words:
                return value
            raise one_of(value, [*self.words, *(f'{{"{member}": …}}' for member in self.schemas)], self.what)
        members = " or ".join(repr(member) for member in self.schemas)
        if not isinstance(value, Mapping):
            words = f"{', '.join(self.words)}, or " if self.words else ""
            raise refuse("wrong_type", f"Must be {words}an object with {members}, not {echo(value)}.")
        told = [member for member in self.schemas if member in value]
        if len(told) != 1:
            raise refuse("missing_field", f"Needs the member {members}{', and one only' if told else ''}.")
        return self.schemas[told[0]].load(value)


class ByName(fields.Field[dict[str, Any]]):
    """An object with free member names whose values are all of one kind."""

    def __init__(
        self,
        values: fields.Field[Any],
        *,
        names: Text | None = None,
        most: int,
        words: tuple[str, ...] = (),
        **options: Any,
    ) -> None:
        self.values, self.names, self.most, self.words = values, names or Text(), most, words
        super().__init__(**options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> Any:
        if isinstance(value, str) and value in self.words:
            return value
        if not isinstance(value, Mapping):
            words = f"{', '.join(self.words)}, or " if self.words else ""
            hint = nearest(value, self.words) if isinstance(value, str) else ""
            raise refuse("wrong_type", f"Must be {words}an object, not {echo(value)}.{hint}")
        if len(value) > self.most:
            raise refuse("out_of_range", f"Must have at most {self.most} members, not {len(value)}.")
        names, values = self.names.deserialize, self.values.deserialize
        return dict(_each(value.items(), lambda name, one: (names(name), values(one))))


class Few(fields.List[Any]):
    """A list of ``least`` to ``most`` members, whose number is looked at before they are."""

    def __init__(self, inner: fields.Field[Any], *, most: int, least: int = 0, **options: Any) -> None:
        self.least, self.most = least, most
        limits = {"maxItems": most} | ({"minItems": least} if least else {})
        super().__init__(inner, metadata=limits, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **options: Any) -> list[Any]:
        if not isinstance(value, list):
            raise self.make_error("invalid")
        if not self.least <= len(value) <= self.most:
            allowed = f"{self.least} to {self.most}" if self.least else f"at most {self.most}"
            raise refuse("out_of_range", f"Must have {allowed} members, not {len(value)}.")
        return _each(enumerate(value), lambda _, one: self.inner.deserialize(one, **options))


def _each(members: Iterable[tuple[Any, Any]], load: Callable[[Any, Any], Any]) -> list[Any]:
    """What each member becomes; once as many are wrong as are shown, the others are not looked at."""
    loaded, wrong = [], dict[Any, Any]()
    for place, value in members:
        try:
            loaded.append(load(place, value))
        except ValidationError as error:
            wrong[place] = error.messages
            if len(wrong) == MAX_PLACES:
                break
    if wrong:
        raise ValidationError(cast("dict[str, Any]", wrong))
    return loaded


def _is_number(value: object) -> bool:
    """Whether a string spells a number, as no name does."""
    return isinstance(value, str) and NUMERAL.fullmatch(value) is not None
