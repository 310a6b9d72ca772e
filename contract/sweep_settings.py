"""The document of a sweep: settings that all jobs share, and what varies between them, as a grid or as a list."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from functools import cache
from itertools import product
from math import prod
from typing import Any, Final, NamedTuple

from marshmallow import ValidationError, fields, missing, validates_schema

from contract.choices import Strict
from contract.errors import FieldError, InvalidSettings
from contract.fields import Complaint, Number, pointer_step
from contract.function_settings import FunctionSettingsSchema
from contract.places import loaded
from contract.settings_schema import SettingsSchema
from contract.shapes import Few
from contract.sweep import MOST_JOBS

VARIABLE: Final = ("optimizer", "learning_rate", "batch_size", "sampling", "penalty", "max_iterations")
"""What may vary: anything else would be other rows, another split, another start or another order of batches."""
ONE_OF_BOTH = 'Needs vary, as in {"learning_rate": [0.01, 0.1]}, or runs, as in [{"learning_rate": 0.01}], not both.'
OF_JOBS: Final = (SettingsSchema, FunctionSettingsSchema)
CANNOT_VARY = f"Cannot vary within a sweep; {', '.join(VARIABLE)} can."


class Variation(NamedTuple):
    """What one job of a sweep has of its own, as given, and where that and each setting stand in the document."""

    settings: dict[str, Any]
    place: str
    pointers: dict[str, str]

    def pointer(self, pointer: str) -> str:
        """The place in the sweep's document of a place in the job's settings."""
        first = pointer[: pointer.find("/", 1)] if "/" in pointer[1:] else pointer
        return self.pointers[first] + pointer[len(first) :] if first in self.pointers else f"/base{pointer}"


class SweepSettings(NamedTuple):
    """What a sweep's document asks for; ``target_cost`` is None where it is to be derived."""

    base: dict[str, Any]
    variations: list[Variation]
    target_cost: float | None

    def document(self, variation: Variation) -> dict[str, Any]:
        """The settings document of one job."""
        return {**self.base, **variation.settings}


class _Variable(Strict):
    """Settings that may vary, and no others."""

    error_messages = {"unknown": Complaint("unknown_field", CANNOT_VARY)}  # noqa: RUF012 - marshmallow reads it so


def _setting(name: str) -> fields.Field[Any]:
    """The field of a setting; where it is not given there is no default, for the base may say what it is."""
    field = deepcopy(SettingsSchema._declared_fields[name])
    field.load_default = missing
    return field


GridSchema = _Variable.from_dict(
    {name: Few(_setting(name), least=1, most=MOST_JOBS) for name in VARIABLE}, name="GridSchema"
)
RunSchema = _Variable.from_dict({name: _setting(name) for name in VARIABLE}, name="RunSchema")


class SweepSettingsSchema(Strict):
    """A sweep's document (``api.md``); ``base`` is read as the settings of each job are."""

    base = fields.Dict(required=True)
    vary = fields.Nested(GridSchema)
    runs = Few(fields.Nested(RunSchema), least=1, most=MOST_JOBS)
    target_cost = Number(load_default=None, allow_none=True)

    @validates_schema(skip_on_field_errors=True)
    def _one_of_both(self, data: Mapping[str, Any], **_: Any) -> None:
        if ("vary" in data) == ("runs" in data):
            raise ValidationError([Complaint("invalid_sweep", ONE_OF_BOTH)])


def load_sweep(document: Any) -> SweepSettings:
    """Read a sweep's document; the settings of its jobs are then read one by one.

    Raises ``InvalidSettings`` with a JSON pointer for every wrong place.
    """
    if not isinstance(document, dict):
        raise InvalidSettings(
            [FieldError("", "A sweep must be a JSON object with base, and vary or runs.", "expected_object")]
        )
    try:
        target = loaded(_schema(), document)["target_cost"]
    except InvalidSettings as error:
        raise InvalidSettings(map(_cured, error.errors)) from None
    variations = [*_grid(document["vary"])] if "vary" in document else [*_list(document["runs"])]
    return SweepSettings(document["base"], variations, target)


def _cured(place: FieldError) -> FieldError:
    """Of a setting that stands beside ``base``, where it belongs."""
    name = place.pointer[1:]
    if place.code != "unknown_field" or not any(name in schema._declared_fields for schema in OF_JOBS):
        return place
    return place._replace(detail=f"There is no field {name!r} here: it goes into base, as all that the jobs share.")


@cache
def _schema() -> SweepSettingsSchema:
    return SweepSettingsSchema()


def _grid(vary: Mapping[str, list[Any]]) -> Iterator[Variation]:
    """Every combination, in the document's order: the last name varies fastest."""
    if not vary:
        raise InvalidSettings([FieldError("/vary", f"Must name what varies: {', '.join(VARIABLE)}.", "out_of_range")])
    if (size := prod(map(len, vary.values()))) > MOST_JOBS:
        raise InvalidSettings([FieldError("/vary", f"Must make at most {MOST_JOBS} jobs, not {size}.", "out_of_range")])
    for chosen in product(*(enumerate(values) for values in vary.values())):
        named = list(zip(vary, chosen, strict=True))
        pointers = {pointer_step(name): f"/vary{pointer_step(name)}/{index}" for name, (index, _) in named}
        yield Variation({name: value for name, (_, value) in named}, "/vary", pointers)


def _list(runs: list[dict[str, Any]]) -> Iterator[Variation]:
    for index, run in enumerate(runs):
        place = f"/runs/{index}"
        yield Variation(run, place, {pointer_step(name): place + pointer_step(name) for name in run})
