"""The settings of a function job: an expression in place of a dataset, target, features and model."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from marshmallow import Schema, fields

from contract.choices import Strict
from contract.errors import FieldError, InvalidSettings
from contract.fields import Flag
from contract.function_field import FunctionField, function_problem
from contract.places import loaded
from contract.settings import FULL_BATCH, Tolerance
from contract.settings_schema import RecordingSchema, SettingsSchema
from contract.starts import StartField, starts, wrong_start
from engine.arrays import FloatArray
from engine.function_problem import FunctionProblem
from engine.named_functions import NAMED_FUNCTIONS

DATA_FIELDS = SettingsSchema._declared_fields
NO_DATA = "Does not go with a function, which has no data: leave it out."


class _PathSchema(RecordingSchema):
    """The history with the path in it, unless nobody wants that."""

    parameters = Flag(load_default=True)


FunctionSettingsSchema: type[Schema] = Strict.from_dict(
    {
        **{name: DATA_FIELDS[name] for name in ("name", "labels")},
        "function": FunctionField(required=True),
        **{name: DATA_FIELDS[name] for name in ("optimizer", "learning_rate", "max_iterations", "tolerance")},
        "initial": StartField(),
        **{name: DATA_FIELDS[name] for name in ("gradient_clip", "averaging")},
        "history": fields.Nested(_PathSchema, load_default=lambda: {"every": 1, "parameters": True}),
        **{name: DATA_FIELDS[name] for name in ("seed", "time_limit")},
    },
    name="FunctionSettingsSchema",
)


class FunctionSettings(NamedTuple):
    """Settings with every default filled in; ``"auto"`` stays until the worker resolves it."""

    name: str | None
    labels: dict[str, str]
    function: dict[str, Any]
    optimizer: str | dict[str, Any]
    learning_rate: float | str | dict[str, Any]
    max_iterations: int
    tolerance: Tolerance
    initial: dict[str, Any]
    gradient_clip: float | None
    averaging: bool
    history: dict[str, Any]
    seed: int
    time_limit: float

    @property
    def problem(self) -> FunctionProblem:
        """What is minimised."""
        return function_problem(self.function)

    @property
    def starts(self) -> FloatArray:
        """Where it begins (count, variables)."""
        return starts(self.initial, self.problem.variables, self.seed)

    def to_json(self) -> dict[str, Any]:
        """The effective settings as the API shows them and the worker reads them."""
        return self._asdict() | {"tolerance": self.tolerance._asdict()}


def load_function_settings(document: Mapping[str, Any]) -> FunctionSettings:
    """Read the settings document of a function job and fill in the defaults.

    Raises ``InvalidSettings`` with a JSON pointer for every wrong place.
    """
    schema = _schema()
    strangers = [name for name in document if name in DATA_FIELDS and name not in schema.fields]
    if strangers:
        raise InvalidSettings(FieldError(f"/{name}", NO_DATA, "unknown_field") for name in strangers)
    settings = FunctionSettings(**_with_defaults(loaded(schema, document)))
    if errors := [*wrong_start(settings.initial, settings.problem), *_wrong_restart(settings)]:
        raise InvalidSettings(errors)
    return settings


@cache
def _schema() -> Schema:
    return FunctionSettingsSchema()


def _with_defaults(asked: dict[str, Any]) -> dict[str, Any]:
    given = {"cost": FULL_BATCH["tolerance"], "gradient": 0.0, "parameters": 0.0} | asked.get("tolerance", {})
    initial = asked["initial"] if "initial" in asked else _usual_box(asked["function"])
    defaults = {"max_iterations": FULL_BATCH["max_iterations"]}
    return defaults | asked | {"tolerance": Tolerance(**given), "initial": initial}


def _usual_box(function: dict[str, Any]) -> dict[str, Any]:
    """One start in the box of a named function; raises ``InvalidSettings`` where nobody says where to begin."""
    if "name" in function:
        box = NAMED_FUNCTIONS[function["name"]].box
        return {"random": {name: list(interval) for name, interval in box.items()}, "count": 1}
    variables = function_problem(function).variables
    point = ", ".join(f'"{name}": 1' for name in variables[:3]) + (", …" if len(variables) > 3 else "")
    cure = f'{{{point}}}, or {{"random": {{"{variables[0]}": [-5, 5]}}, "count": 8}} with all variables'
    raise InvalidSettings(
        [FieldError("/initial", f"Is required: where each variable begins, {cure}.", "missing_field")]
    )


def _wrong_restart(settings: FunctionSettings) -> Iterator[FieldError]:
    optimizer = settings.optimizer
    if isinstance(optimizer, dict) and optimizer.get("restart") and not optimizer["nesterov"]:
        yield FieldError("/optimizer/restart", "Needs nesterov true.")
