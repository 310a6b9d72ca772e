"""The settings of a job: which fields there are, what they may be, and what they are when nobody says.

Names and defaults of optimizers and schedules are the engine's; ranges and words are added here.
``load_settings`` reads a JSON document; ``contract/columns.py`` then holds it against a dataset's columns.
"""

from collections.abc import Iterator
from difflib import get_close_matches
from functools import cache
from typing import Any, NamedTuple

import orjson
from marshmallow import RAISE, Schema, ValidationError, fields

from contract.errors import FieldError, InputCorrupt, InvalidSettings
from contract.fields import MAX_ECHO, ByName, Flag, Integer, Number, Text, Variant, echo, pointer_step
from engine.optimizers import OPTIMIZERS
from engine.schedules import SCHEDULES

LABELS = 16
MOST_ITERATIONS = 10_000_000
UNKNOWN = "Unknown field."  # marshmallow's message
FULL_BATCH = {"max_iterations": 10_000, "tolerance": 1e-9}
SMALLER_BATCHES = {"max_iterations": 1_000, "tolerance": 1e-4}

RANGES: dict[str, dict[str, float]] = {
    "beta": {"least": 0, "below": 1},
    "dampening": {"least": 0, "below": 1},
    "epsilon": {"above": 0},
    "rho": {"least": 0, "below": 1},
    "beta1": {"least": 0, "below": 1},
    "beta2": {"least": 0, "below": 1},
    "t0": {"above": 0},
    "t1": {"above": 0},
}


class Tolerance(NamedTuple):
    """When changes count as nothing; 0 turns a rule off. The rules stand in ``engine/stopping.py``."""

    cost: float
    gradient: float
    parameters: float


class Settings(NamedTuple):
    """Settings with every default filled in; ``"auto"`` stays until the worker resolves it."""

    name: str | None
    labels: dict[str, str]
    dataset: str | None
    target: str
    features: list[str] | None
    exclude: list[str]
    model: dict[str, Any]
    loss: dict[str, Any]
    penalty: dict[str, Any]
    optimizer: str | dict[str, Any]
    learning_rate: float | str | dict[str, Any]
    batch_size: int | None
    sampling: str
    steps_per_iteration: int | None
    max_iterations: int
    tolerance: Tolerance
    validation: dict[str, Any] | None
    scaling: str
    intercept: bool
    missing: str
    initial: str | dict[str, float]
    history: dict[str, Any]
    seed: int
    time_limit: float

    def to_json(self) -> dict[str, Any]:
        """The effective settings as the API shows them and the worker reads them."""
        return self._asdict() | {"tolerance": self.tolerance._asdict()}


def stored_settings(text: bytes) -> Settings:
    """Settings as the record holds them; what an older record lacks gets its default.

    Raises ``InputCorrupt`` for a text that nobody who validates has written.
    """
    try:
        document = orjson.loads(text)
        if document.keys() != set(Settings._fields):
            return load_settings(document)
        return Settings(**{**document, "tolerance": Tolerance(**document["tolerance"])})
    except (ValueError, TypeError, AttributeError, KeyError, InvalidSettings) as error:
        raise InputCorrupt(f"The job's settings cannot be read; post the job again. ({error})") from error


class _Strict(Schema):
    class Meta:
        unknown = RAISE


def _hyperparameters(kind: type[Any]) -> Schema:
    """A schema from an engine NamedTuple: its fields, its defaults, our ranges."""
    return _Strict.from_dict({name: _hyperparameter(kind, name) for name in kind._fields})()


def _hyperparameter(kind: type[Any], name: str) -> fields.Field[Any]:
    default: dict[str, Any] = {"required": True}
    if name in kind._field_defaults:
        default = {"load_default": kind._field_defaults[name]}
    if kind.__annotations__[name] is bool:
        return Flag(**default)
    if name == "per":
        return Text(choices=["step", "iteration"], what="unit", **default)
    return Number(**RANGES[name], **default)


class _ToleranceSchema(_Strict):
    cost = Number(least=0)
    gradient = Number(least=0, load_default=0.0)
    parameters = Number(least=0, load_default=0.0)


class _ValidationSchema(_Strict):
    fraction = Number(above=0, below=1, required=True)
    method = Text(choices=["random", "last"], what="method", load_default="random")


class _HistorySchema(_Strict):
    every = Integer(least=1, most=MOST_ITERATIONS, load_default=1)


class SettingsSchema(_Strict):
    """A data job's settings document (``api.md``)."""

    name = Text(load_default=None, allow_none=True)
    labels = ByName(Text(), most=LABELS, load_default=dict)
    dataset = Text(load_default=None, allow_none=True)
    target = Text(required=True)
    features = fields.List(Text(), load_default=None, allow_none=True)
    exclude = fields.List(Text(), load_default=list)  # type: ignore[assignment] # Schema has an attribute of that name
    model = Variant({"linear": _Strict()}, what="model", load_default=lambda: {"name": "linear"})
    loss = Variant({"squared": _Strict()}, what="loss", load_default=lambda: {"name": "squared"})
    penalty = Variant({"none": _Strict()}, what="penalty", load_default=lambda: {"name": "none"})
    optimizer = Variant(
        {name: _hyperparameters(kind) for name, kind in OPTIMIZERS.items()},
        what="optimizer",
        words=("auto",),
        load_default="auto",
    )
    learning_rate = Variant(
        {name: _hyperparameters(kind) for name, kind in SCHEDULES.items() if name != "constant"},
        what="schedule",
        key="schedule",
        words=("auto",),
        number=Number(above=0),
        load_default="auto",
    )
    batch_size = Integer(least=1, load_default=None, allow_none=True)
    sampling = Text(choices=["shuffle", "sequential", "replacement", "subset"], what="sampling", load_default="shuffle")
    steps_per_iteration = Integer(least=1, most=MOST_ITERATIONS, load_default=None, allow_none=True)
    max_iterations = Integer(least=1, most=MOST_ITERATIONS)
    tolerance = fields.Nested(_ToleranceSchema)
    validation = fields.Nested(_ValidationSchema, load_default=None, allow_none=True)
    scaling = Text(choices=["standard", "none"], what="scaling", load_default="standard")
    intercept = Flag(load_default=True)
    missing = Text(choices=["error"], what="way with missing cells", load_default="error")
    initial = ByName(Number(), words=("auto", "zeros", "random"), load_default="auto")
    history = fields.Nested(_HistorySchema, load_default=lambda: {"every": 1})
    seed = Integer(least=0, most=2**64 - 1, load_default=0)
    time_limit = Number(above=0, load_default=3600.0)


def load_settings(document: Any) -> Settings:
    """Read a settings document and fill in the defaults that need no data.

    Raises ``InvalidSettings`` with a JSON pointer for every wrong place.
    """
    if not isinstance(document, dict):
        raise InvalidSettings([FieldError("", "The settings must be a JSON object.", "expected_object")])
    try:
        loaded = _schema().load(document)
    except ValidationError as error:
        raise InvalidSettings(_places(error.messages, "")) from None
    return _checked(Settings(**_with_defaults(loaded)))


@cache
def _schema() -> SettingsSchema:
    """One instance for all documents: making it takes longer than loading one."""
    return SettingsSchema()


def _with_defaults(loaded: dict[str, Any]) -> dict[str, Any]:
    default = FULL_BATCH if loaded["batch_size"] is None else SMALLER_BATCHES
    given = loaded.get("tolerance", {"gradient": 0.0, "parameters": 0.0})
    tolerance = Tolerance(**({"cost": default["tolerance"]} | given))
    return {"max_iterations": default["max_iterations"]} | loaded | {"tolerance": tolerance}


def _checked(settings: Settings) -> Settings:
    """Refuse what no single field can see to be wrong."""
    if settings.steps_per_iteration and settings.sampling not in ("replacement", "subset"):
        sentence = "Needs sampling 'replacement' or 'subset'; a pass in order has as many steps as it has batches."
        raise InvalidSettings([FieldError("/steps_per_iteration", sentence)])
    if settings.steps_per_iteration and settings.batch_size is None:
        raise InvalidSettings([FieldError("/steps_per_iteration", "Needs a batch_size.")])
    return settings


def _places(messages: Any, pointer: str) -> Iterator[FieldError]:
    """Marshmallow's nested messages as flat places."""
    if isinstance(messages, dict):
        for name, inner in messages.items():
            if inner == [UNKNOWN]:
                yield FieldError(pointer + pointer_step(name), _unknown(name, top=not pointer), "unknown_field")
            else:
                yield from _places(inner, pointer if name == "_schema" else pointer + pointer_step(name))
    else:
        for message in messages:
            yield _place(message, pointer)


def _unknown(name: str, *, top: bool) -> str:
    near = get_close_matches(name[:MAX_ECHO], _schema().fields, n=1) if top else []
    return f"There is no field {echo(name)} here." + (f" Did you mean {near[0]!r}?" if near else "")


def _place(message: str, pointer: str) -> FieldError:
    """One message, in our words and with a code where it is one of marshmallow's own."""
    own = {
        "Missing data for required field.": ("missing_field", "Is required."),
        "Field may not be null.": ("wrong_type", "Must not be null."),
        "Invalid input type.": ("wrong_type", "Must be an object."),
        "Not a valid list.": ("wrong_type", "Must be a list."),
    }
    code, sentence = own.get(message, (getattr(message, "code", None), message))
    return FieldError(pointer, str(sentence), code)
