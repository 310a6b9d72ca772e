"""The parts of the settings that come in kinds: optimizers, schedules, models, losses, penalties, splits, scalings.

Names and defaults of optimizers, schedules, losses and penalties are the engine's; ranges and words are added here.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Final, TypeVar

from marshmallow import RAISE, Schema, ValidationError, fields, pre_load, validates_schema

from contract.errors import MAX_PLACES
from contract.expression_field import ExpressionField
from contract.fields import Cell, Complaint, Flag, Integer, Number, Text
from contract.shapes import ByMember, Few, Variant
from engine.activations import ACTIVATIONS
from engine.losses import LOSSES
from engine.network import Network
from engine.optimizers import OPTIMIZERS
from engine.penalties import PENALTIES
from engine.schedules import SCHEDULES, Piecewise

MOST_STEPS: Final = 10**15
"""More than any run has, and exact in float64."""
MOST_MEMBERS: Final = 1000
"""Of a list of numbers."""
MOST_NAMES: Final = 100_000
"""Of columns or parameters in a list or an object."""
RANGES: dict[str, dict[str, float]] = {
    "beta": {"least": 0, "below": 1},
    "dampening": {"least": 0, "below": 1},
    "epsilon": {"above": 0},
    "rho": {"least": 0, "below": 1},
    "beta1": {"least": 0, "below": 1},
    "beta2": {"least": 0, "below": 1},
    "momentum_decay": {"least": 0},
    "weight_decay": {"least": 0},
    "t0": {"above": 0},
    "t1": {"above": 0},
    "initial": {"above": 0},
    "final": {"least": 0},
    "power": {"above": 0},
    "gamma": {"above": 0},
    "steps": {"least": 1, "most": MOST_STEPS},
    "horizon": {"least": 1, "most": MOST_STEPS},
    "warmup": {"least": 0, "most": MOST_STEPS},
    "boundaries": {"least": 1, "most": MOST_STEPS},
    "values": {"above": 0},
    "delta": {"above": 0},
    "quantile": {"above": 0, "below": 1},
    "grow": {"least": 1},
    "shrink": {"above": 0, "below": 1},
    "strength": {"above": 0},
    "l1_ratio": {"least": 0, "most": 1},
}
FITTING_LOSSES = {
    "linear": ("squared", "absolute", "huber", "quantile", "log_cosh", "poisson"),
    "logistic": ("log_loss", "hinge", "squared_hinge"),
    "softmax": ("log_loss",),
    "network": ("squared", "log_loss"),
    "formula": ("squared", "absolute", "huber", "quantile", "log_cosh", "poisson"),
}
"""The losses that fit each model; the first is the default, but of a network, where the target decides."""
PROXIMAL = ("sgd", "momentum")
"""The optimizers whose step an l1 part fits."""
CLASSIFIERS = ("logistic", "softmax")
"""The models whose target is a class, whatever the loss."""
MOST_LAYERS = 10
MOST_UNITS = 10_000


NETWORK = Network._field_defaults
Kind = TypeVar("Kind")


class Strict(Schema):
    """An object that has no members but those listed."""

    def __init__(self, **options: Any) -> None:
        """Have what is no object refused with the members that one would have."""
        super().__init__(**options)
        members = ", ".join(self.fields)
        self.error_messages = self.error_messages | {
            "type": Complaint("wrong_type", f"Must be an object of {members}.")
        }

    @pre_load
    def _few_members(self, data: Any, **_: Any) -> Any:
        """Names that there are not are refused one by one, but not by the million."""
        if isinstance(data, Mapping) and len(data) > len(self.fields) + MAX_PLACES:
            members = ", ".join(self.fields)
            raise ValidationError([Complaint("unknown_field", f"Has {len(data)} members; there are: {members}.")])
        return data

    class Meta:
        """marshmallow's place for options."""

        unknown = RAISE


class _FractionSchema(Strict):
    fraction = Number(above=0, below=1, required=True)
    method = Text(choices=["random", "last"], what="method", load_default="random")


class _ColumnSchema(Strict):
    column = Text(required=True)
    value = Cell(required=True)


class _DatasetSchema(Strict):
    dataset = Text(required=True)


class _DivideSchema(Strict):
    divide_by = Number(above=0, required=True)


class _PiecewiseSchema(Strict):
    @validates_schema
    def _fit(self, data: Mapping[str, Any], **_: Any) -> None:
        """Boundaries rise, and there is a value before, between and after them."""
        boundaries, values = data["boundaries"], data["values"]
        if not all(before < after for before, after in pairwise(boundaries)):
            raise ValidationError([Complaint("invalid_settings", "Must rise from one to the next.")], "boundaries")
        if len(values) != len(boundaries) + 1:
            sentence = f"Must be one more than boundaries: {len(boundaries) + 1}, not {len(values)}."
            raise ValidationError([Complaint("invalid_settings", sentence)], "values")


OWN_SCHEMAS: Mapping[type[Any], type[Strict]] = {Piecewise: _PiecewiseSchema}
"""Kinds whose members must fit each other."""


class _NetworkSchema(Strict):
    hidden = Few(Integer(least=1, most=MOST_UNITS), most=MOST_LAYERS, load_default=lambda: list(NETWORK["hidden"]))
    activation = Text(choices=list(ACTIVATIONS), what="activation", load_default=NETWORK["activation"])
    dtype = Text(choices=["float64", "float32"], what="dtype", load_default=NETWORK["dtype"])


class _FormulaSchema(Strict):
    expression = ExpressionField(columns=True, required=True)


def model() -> fields.Field[Any]:
    """What turns a row into a prediction."""
    schemas = {name: Strict() for name in FITTING_LOSSES} | {"network": _NetworkSchema(), "formula": _FormulaSchema()}
    return Variant(schemas, what="model", load_default=lambda: {"name": "linear"})


def loss() -> fields.Field[Any]:
    """What a prediction costs: a loss of the engine; the default depends on the model."""
    return Variant({name: _hyperparameters(kind) for name, kind in LOSSES.items()}, what="loss")


def penalty() -> fields.Field[Any]:
    """What the size of the coefficients costs: a penalty of the engine."""
    schemas = {name: _hyperparameters(kind) for name, kind in PENALTIES.items()}
    return Variant(schemas, what="penalty", load_default=lambda: {"name": "none"})


def optimizer() -> fields.Field[Any]:
    """How a gradient becomes a step: an optimizer of the engine, or "auto"."""
    schemas = {name: _hyperparameters(kind) for name, kind in OPTIMIZERS.items()}
    return Variant(schemas, what="optimizer", words=("auto",), load_default="auto")


def learning_rate() -> fields.Field[Any]:
    """A number, a schedule of the engine, or "auto"."""
    schemas = {name: _hyperparameters(kind) for name, kind in SCHEDULES.items() if name != "constant"}
    rate = Number(above=0)
    return Variant(schemas, what="schedule", key="schedule", words=("auto",), number=rate, load_default="auto")


def validation() -> fields.Field[Any]:
    """Which rows are held out: a fraction of them, those with a value in a column, or those of another dataset."""
    schemas = {"fraction": _FractionSchema(), "column": _ColumnSchema(), "dataset": _DatasetSchema()}
    return ByMember(schemas, what="validation", load_default=None, allow_none=True)


def scaling() -> fields.Field[Any]:
    """How the features are brought to one size: by a rule, or divided by a number."""
    words = ("standard", "minmax", "none")
    return ByMember({"divide_by": _DivideSchema()}, what="scaling", words=words, load_default="standard")


def of_kind(kinds: Mapping[str, type[Kind]], given: Mapping[str, Any], key: str = "name") -> Kind:
    """The engine's optimizer, schedule, loss or penalty that a setting names under `key`, with its other members."""
    return kinds[given[key]](**{name: value for name, value in given.items() if name != key})


def _hyperparameters(kind: type[Any]) -> Schema:
    """A schema from an engine NamedTuple: its fields, its defaults, our ranges."""
    schema = OWN_SCHEMAS.get(kind, Strict)
    return schema.from_dict({name: _hyperparameter(kind, name) for name in kind._fields})()


def _hyperparameter(kind: type[Any], name: str) -> fields.Field[Any]:
    default: dict[str, Any] = {"required": True}
    if name in kind._field_defaults:
        default = {"load_default": kind._field_defaults[name]}
    annotation = kind.__annotations__[name]
    if annotation is bool:
        return Flag(**default)
    if name == "per":
        return Text(choices=["step", "iteration"], what="unit", **default)
    if annotation in (Sequence[int], Sequence[float]):
        inner = Integer if annotation == Sequence[int] else Number
        return Few(inner(**RANGES[name]), most=MOST_MEMBERS, **default)
    return (Integer if annotation is int else Number)(**RANGES[name], **default)
