"""Settings held against the columns of a dataset: before a job is accepted, nothing in it is left to luck."""

from collections.abc import Iterable
from itertools import chain, islice
from math import inf
from typing import Any, NamedTuple

from contract.checks.case import Case
from contract.checks.cells import far_initial, unsquarable_cells, unsquarable_quotients
from contract.checks.class_weight import wrong_class_weight
from contract.checks.features import default_features, left_out, nothing_to_fit, wrong_features
from contract.checks.formula import with_formula_columns, wrong_formula
from contract.checks.memory import model_parameters, too_large
from contract.checks.names import unknown_names
from contract.checks.parameters import coefficient_names, shared_names, wrong_initial
from contract.checks.recorded import too_many_recorded
from contract.checks.remarks import remarks
from contract.checks.rows import missing_cells, wrong_sizes
from contract.checks.target import with_default_loss, wrong_target
from contract.checks.validation import other_dataset, wrong_validation_column
from contract.checks.weights import wrong_weights
from contract.dataset import Dataset
from contract.errors import MAX_PLACES, FieldError, InvalidSettings
from contract.settings import Settings

AS_ASKED = (unknown_names, wrong_target, wrong_weights, wrong_validation_column)
EFFECTIVE = (
    wrong_class_weight,
    wrong_features,
    nothing_to_fit,
    missing_cells,
    unsquarable_cells,
    unsquarable_quotients,
)
"""Rules on the settings as they were asked for, and with features by name and what fits the target."""


class Checked(NamedTuple):
    """Effective settings (features by name) and what the user should know, as ``{code, detail, pointer}``.

    ``recorded`` is how many parameters the history keeps.
    """

    settings: Settings
    warnings: list[dict[str, Any]]
    recorded: int


def check_columns(
    settings: Settings, dataset: Dataset, held_out: Dataset | None = None, memory: float = inf
) -> Checked:
    """Settings that can run on this dataset, with ``held_out`` where they name another one for validation.

    ``memory`` is what one worker may use, in bytes.

    Raises ``InvalidSettings`` with every wrong place.
    """
    asked = with_formula_columns(Case(settings, {column.name: column for column in dataset.columns}, dataset.rows))
    _refuse(*(rule(asked) for rule in AS_ASKED), wrong_formula(asked, settings.features))
    case = _effective(asked, dataset)
    _refuse(*(rule(case) for rule in EFFECTIVE), other_dataset(case, held_out), wrong_sizes(case))
    names = coefficient_names(case)
    parameters = model_parameters(case, len(names))
    _refuse(
        shared_names(names),
        wrong_initial(case, names),
        far_initial(case),
        too_large(case, held_out, len(names), memory),
        too_many_recorded(case.settings, parameters),
    )
    recorded = parameters if settings.history["parameters"] else 0
    return Checked(case.settings, remarks(case, left_out(asked), parameters), recorded)


def _effective(asked: Case, dataset: Dataset) -> Case:
    """The case with its features by name, its dataset by id, and a network's loss."""
    asked = with_default_loss(asked)
    features = asked.settings.features
    named = default_features(asked) if features is None else features
    return asked._replace(settings=asked.settings._replace(features=named, dataset=dataset.id))


def _refuse(*checks: Iterable[FieldError]) -> None:
    # No further than what is shown: settings may hold a million wrong names, and each costs a search.
    errors = list(islice(chain(*checks), MAX_PLACES))
    if errors:
        raise InvalidSettings(errors)
