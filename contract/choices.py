"""The parts of the settings that come in kinds: optimizers, schedules, models, losses, penalties, splits, scalings.

Names and defaults of optimizers, schedules, losses and penalties are the engine's; ranges and words are added here.
"""

from typing import Any

from marshmallow import RAISE, Schema, fields

from contract.fields import Cell, Complaint, Flag, Number, Text
from contract.shapes import ByMember, Variant
from engine.losses import LOSSES
from engine.optimizers import OPTIMIZERS
from engine.penalties import PENALTIES, Penalty
from engine.schedules import SCHEDULES

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
    "delta": {"above": 0},
    "quantile": {"above": 0, "below": 1},
    "strength": {"above": 0},
    "l1_ratio": {"least": 0, "most": 1},
}
FITTING_LOSSES = {
    "linear": ("squared", "absolute", "huber", "quantile", "log_cosh", "poisson"),
    "logistic": ("log_loss", "hinge", "squared_hinge"),
    "softmax": ("log_loss",),
}
"""The losses that fit each model, its default first."""
PROXIMAL = ("sgd", "momentum")
"""The optimizers whose step an l1 part fits."""
CLASSIFIERS = ("logistic", "softmax")
"""The models whose target is a class."""


class Strict(Schema):
    """An object that has no members but those listed."""

    def __init__(self, **options: Any) -> None:
        """Have what is no object refused with the members that one would have."""
        super().__init__(**options)
        members = ", ".join(self.fields)
        self.error_messages = self.error_messages | {
            "type": Complaint("wrong_type", f"Must be an object of {members}.")
        }

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


def model() -> fields.Field[Any]:
    """What turns a row into a prediction."""
    return Variant({name: Strict() for name in FITTING_LOSSES}, what="model", load_default=lambda: {"name": "linear"})


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


def penalty_of(given: dict[str, Any]) -> Penalty:
    """The engine's penalty of a setting."""
    return PENALTIES[given["name"]](**{name: value for name, value in given.items() if name != "name"})


def _hyperparameters(kind: type[Any]) -> Schema:
    """A schema from an engine NamedTuple: its fields, its defaults, our ranges."""
    return Strict.from_dict({name: _hyperparameter(kind, name) for name in kind._fields})()


def _hyperparameter(kind: type[Any], name: str) -> fields.Field[Any]:
    default: dict[str, Any] = {"required": True}
    if name in kind._field_defaults:
        default = {"load_default": kind._field_defaults[name]}
    if kind.__annotations__[name] is bool:
        return Flag(**default)
    if name == "per":
        return Text(choices=["step", "iteration"], what="unit", **default)
    return Number(**RANGES[name], **default)
