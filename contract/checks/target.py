"""Whether the target is something that the model can predict."""

from collections.abc import Iterator

from contract.checks.case import Case
from contract.dataset import ColumnSummary
from contract.errors import FieldError
from contract.settings import BY_TARGET, Settings
from engine.classes import MOST_CLASSES

DOUBTFUL_NUMBERS = 50
"""So many different whole numbers or fewer may be classes or quantities, and somebody must say which."""


def with_default_loss(case: Case) -> Case:
    """The case with the loss of a network that the target decides: classes for text, else numbers."""
    target = case.columns.get(case.settings.target)
    if case.settings.loss != BY_TARGET or target is None:
        return case
    name = "log_loss" if target.type == "category" else "squared"
    return case._replace(settings=case.settings._replace(loss={"name": name}))


def wrong_target(case: Case) -> Iterator[FieldError]:
    """A target of the wrong type or with classes that do not fit the model, each with the cure."""
    settings, target = case.settings, case.columns.get(case.settings.target)
    if target:
        classes = with_default_loss(case).settings.predicts_classes
        sentence = _wrong_classes(target, settings.model["name"]) if classes else _wrong_number(target, settings)
        if sentence:
            yield FieldError("/target", f"Column {settings.target!r} {sentence}")
        if settings.loss == BY_TARGET and target.type == "number" and 2 <= target.levels <= DOUBTFUL_NUMBERS:
            yield FieldError("/loss", _two_ways(target), "missing_field")
    if settings.target in settings.exclude:
        yield FieldError("/exclude", f"{settings.target!r} is the target; it is never among the features.")


def below_zero(target: ColumnSummary, settings: Settings) -> str | None:
    """What is wrong with numbers below zero where the loss takes none."""
    if settings.loss["name"] == "poisson" and target.min is not None and target.min < 0:
        return f"holds {target.min:g}; the loss 'poisson' takes counts, which are at least 0."
    return None


def _wrong_number(target: ColumnSummary, settings: Settings) -> str | None:
    if target.type == "number":
        return below_zero(target, settings)
    if target.levels < 2:
        return "holds the same text everywhere; choose a column whose cells differ."
    if settings.is_network:
        return f"holds text ({target.told_levels} classes); the loss 'squared' is for numbers: take loss 'log_loss'."
    cure = "'logistic'" if target.levels == 2 else "'softmax'"
    seen = f"holds text ({target.told_levels} classes); the model {settings.model['name']!r} predicts numbers"
    return f"{seen}: for classes take model {cure}."


def _two_ways(target: ColumnSummary) -> str:
    types = f'types={{"{target.name}": "category"}}'
    return (
        f"Column {target.name!r} holds {target.levels} different whole numbers, which may be classes or quantities: "
        f"take loss 'log_loss' for classes (or upload the CSV with the option {types}), 'squared' for quantities."
    )


def _wrong_classes(target: ColumnSummary, model: str) -> str | None:
    if target.type == "number":
        types, other = f'types={{"{target.name}": "category"}}', "model 'linear'"
        if model == "network":
            other = "loss 'squared'"
        return (
            f"holds numbers that are no classes: those are whole, and at most {MOST_CLASSES} different ones. "
            f"Take {other}, or upload the CSV with the option {types}."
        )
    if target.has_too_many_levels:
        return f"holds {target.told_levels} different texts; that is too many for classes."
    if target.levels < 2:
        return f"holds {target.levels or 'no'} class; the model {model!r} tells classes apart and needs two."
    if model == "logistic" and target.levels > 2:
        return f"holds {target.levels} classes; the model 'logistic' tells two apart: for more take model 'softmax'."
    return None
