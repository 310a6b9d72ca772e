"""The settings of a job: what they are when nobody says, and what they cannot mean together.

What each may be stands in ``contract/settings_schema.py``. ``load_settings`` reads a JSON document;
``contract/columns.py`` then holds it against a dataset's columns.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

import orjson

from contract.choices import CLASSIFIERS, FITTING_LOSSES, PROXIMAL, of_kind
from contract.errors import FieldError, InputCorrupt, InvalidSettings
from contract.places import loaded
from contract.settings_schema import SettingsSchema
from engine.optimizers import FULL_BATCH_ONLY, OPTIMIZERS
from engine.penalties import PENALTIES, shares

FULL_BATCH = {"max_iterations": 10_000, "tolerance": 1e-9}
SMALLER_BATCHES = {"max_iterations": 1_000, "tolerance": 1e-4}
NETWORK_ITERATIONS = 50
BY_TARGET = {"name": "by_target"}
"""The loss of a network before the dataset is known, where nobody has said which."""


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
    weight_column: str | None
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
    early_stopping: dict[str, Any] | None
    validation: dict[str, Any] | None
    scaling: str | dict[str, float]
    intercept: bool
    missing: str
    initial: str | dict[str, float]
    class_weight: str | dict[str, float] | None
    gradient_clip: float | None
    averaging: bool
    history: dict[str, Any]
    seed: int
    time_limit: float

    @property
    def is_network(self) -> bool:
        """Whether the model has layers."""
        return bool(self.model["name"] == "network")

    @property
    def is_formula(self) -> bool:
        """Whether the model is an expression of columns and parameters."""
        return bool(self.model["name"] == "formula")

    @property
    def predicts_classes(self) -> bool:
        """Whether the target is a class."""
        return self.model["name"] in CLASSIFIERS or (self.is_network and self.loss["name"] == "log_loss")

    @property
    def held_out_column(self) -> str | None:
        """The column whose cells say which rows are held out."""
        return (self.validation or {}).get("column")

    @property
    def held_out_dataset(self) -> str | None:
        """The id of the dataset whose rows are held out."""
        return (self.validation or {}).get("dataset")

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


def load_settings(document: Any) -> Settings:
    """Read a settings document and fill in the defaults that need no data.

    Raises ``InvalidSettings`` with a JSON pointer for every wrong place.
    """
    if not isinstance(document, dict):
        raise InvalidSettings([FieldError("", "The settings must be a JSON object.", "expected_object")])
    return _checked(Settings(**_with_defaults(loaded(_schema(), document))))


@cache
def _schema() -> SettingsSchema:
    """One instance for all documents: making it takes longer than loading one."""
    return SettingsSchema()


def _with_defaults(asked: dict[str, Any]) -> dict[str, Any]:
    default = FULL_BATCH if asked["batch_size"] is None else SMALLER_BATCHES
    given = asked.get("tolerance", {"gradient": 0.0, "parameters": 0.0})
    tolerance = Tolerance(**({"cost": default["tolerance"]} | given))
    model = asked["model"]["name"]
    defaults: dict[str, Any] = {
        "max_iterations": NETWORK_ITERATIONS if model == "network" else default["max_iterations"],
        "loss": BY_TARGET if model == "network" else {"name": FITTING_LOSSES[model][0]},
    }
    return defaults | asked | {"tolerance": tolerance}


def _checked(settings: Settings) -> Settings:
    """Refuse what no single field can see to be wrong."""
    errors = [
        *_wrong_steps(settings),
        *_wrong_restart(settings),
        *_wrong_batches(settings),
        *_wrong_loss(settings),
        *_wrong_penalty(settings),
        *_wrong_start(settings),
        *_wrong_for_network(settings),
        *_wrong_for_formula(settings),
    ]
    if settings.early_stopping and settings.validation is None:
        sentence = 'It watches the cost on held-out rows: say which with validation, such as {"fraction": 0.2}.'
        errors.append(FieldError("/early_stopping", sentence))
    if errors:
        raise InvalidSettings(errors)
    return settings


def _wrong_steps(settings: Settings) -> Iterator[FieldError]:
    if settings.steps_per_iteration and settings.sampling not in ("replacement", "subset"):
        sentence = "Needs sampling 'replacement' or 'subset'; a pass in order has as many steps as it has batches."
        yield FieldError("/steps_per_iteration", sentence)
    elif settings.steps_per_iteration and settings.batch_size is None:
        yield FieldError("/steps_per_iteration", "Needs a batch_size.")


def _wrong_restart(settings: Settings) -> Iterator[FieldError]:
    optimizer = settings.optimizer
    if not isinstance(optimizer, dict) or not optimizer.get("restart"):
        return
    if settings.batch_size is not None:
        yield FieldError("/optimizer/restart", "Needs the full batch: the slope of a few rows does not say uphill.")
    elif not optimizer["nesterov"]:
        yield FieldError("/optimizer/restart", "Needs nesterov true.")
    elif shares(of_kind(PENALTIES, settings.penalty)).l1:
        yield FieldError("/optimizer/restart", "Cannot go with an l1 part, whose zeros are exact at constant beta.")


def _wrong_batches(settings: Settings) -> Iterator[FieldError]:
    name = settings.optimizer["name"] if isinstance(settings.optimizer, dict) else None
    if name is not None and OPTIMIZERS[name] in FULL_BATCH_ONLY and settings.batch_size is not None:
        yield FieldError("/optimizer", f"{name} needs the full batch: leave out batch_size, or take another optimizer.")


def _wrong_loss(settings: Settings) -> Iterator[FieldError]:
    model, loss = settings.model["name"], settings.loss["name"]
    if settings.loss != BY_TARGET and loss not in FITTING_LOSSES[model]:
        fitting = ", ".join(FITTING_LOSSES[model])
        yield FieldError("/loss", f"The loss {loss!r} does not fit the model {model!r}, which takes: {fitting}.")


def _wrong_penalty(settings: Settings) -> Iterator[FieldError]:
    """What an l1 part cannot go with, since the descent would end beside its optimum."""
    if shares(of_kind(PENALTIES, settings.penalty)).l1 == 0.0:
        return
    optimizer = settings.optimizer if isinstance(settings.optimizer, str) else settings.optimizer["name"]
    if optimizer not in ("auto", *PROXIMAL):
        fitting = ", ".join(map(repr, ("auto", *PROXIMAL)))
        sentence = f"An l1 part needs one learning rate for all coefficients: optimizer {fitting}, not {optimizer!r}."
        yield FieldError("/penalty", sentence)
    if settings.gradient_clip is not None:
        yield FieldError("/gradient_clip", "Cannot go with an l1 part, which it would weaken: leave one of them out.")


def _wrong_start(settings: Settings) -> Iterator[FieldError]:
    if settings.initial == "constant" and (settings.model["name"] != "linear" or not settings.intercept):
        yield FieldError("/initial", "'constant' is an intercept that fits a target of numbers: take 'zeros' here.")


def _wrong_for_network(settings: Settings) -> Iterator[FieldError]:
    if not settings.is_network:
        return
    if not settings.intercept:
        yield FieldError("/intercept", "A network has a bias at every unit; leave intercept true.")
    if isinstance(settings.initial, dict):
        yield FieldError("/initial", "A network starts from 'auto' or at 'random', not from given parameters.")
    if settings.initial == "zeros" and settings.model["hidden"]:
        sentence = "From zeros all units of a layer stay alike for ever, so nothing is learnt; take 'auto' or 'random'."
        yield FieldError("/initial", sentence)


def _wrong_for_formula(settings: Settings) -> Iterator[FieldError]:
    if not settings.is_formula:
        return
    if not settings.intercept:
        yield FieldError("/intercept", "A formula has the intercept that its expression says; leave intercept true.")
    if settings.scaling not in ("standard", "none"):
        sentence = "The columns of a formula enter as they are: leave scaling out, or take 'none' for its parameters."
        yield FieldError("/scaling", sentence)
    if isinstance(settings.initial, str):
        sentence = (
            "A formula needs a number for each of its parameters, which are the names that no column has, to begin "
            'with, such as {"a": 1, "b": 0.1}.'
        )
        yield FieldError("/initial", sentence, "missing_field")
