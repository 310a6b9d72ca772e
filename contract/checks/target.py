"""Whether the target is something that the model can predict."""

from collections.abc import Iterator

from contract.checks.case import Case
from contract.choices import CLASSIFIERS
from contract.dataset import KEPT_LEVELS, ColumnSummary
from contract.errors import FieldError
from contract.settings import Settings
from engine.classes import MOST_CLASSES


def wrong_target(case: Case) -> Iterator[FieldError]:
    """A target of the wrong type or with classes that do not fit the model, each with the cure."""
    settings, target = case.settings, case.columns.get(case.settings.target)
    if target:
        classes = settings.model["name"] in CLASSIFIERS
        sentence = _wrong_classes(target, settings.model["name"]) if classes else _wrong_number(target, settings)
        if sentence:
            yield FieldError("/target", f"Column {settings.target!r} {sentence}")
    if settings.target in settings.exclude:
        yield FieldError("/exclude", f"{settings.target!r} is the target; it is never among the features.")


def below_zero(target: ColumnSummary, settings: Settings) -> str | None:
    """What is wrong with numbers below zero where the loss takes none."""
    if settings.loss["name"] == "poisson" and target.min is not None and target.min < 0:
        rows = "" if target.negative is None else f" ({target.negative} of its cells are negative)"
        return f"holds {target.min:g}{rows}; the loss 'poisson' takes counts, which are at least 0."
    return None


def _wrong_number(target: ColumnSummary, settings: Settings) -> str | None:
    if target.type == "number":
        return below_zero(target, settings)
    if target.levels < 2:
        return "holds the same text everywhere; choose a column whose cells differ."
    cure = "'logistic'" if target.levels == 2 else "'softmax'"
    return f"holds text ({_count(target)} classes); the model 'linear' predicts numbers: for classes take model {cure}."


def _wrong_classes(target: ColumnSummary, model: str) -> str | None:
    if target.type == "number":
        types = f'types={{"{target.name}": "category"}}'
        return (
            f"holds numbers that are no classes: those are whole, and at most {MOST_CLASSES} different ones. "
            f"Take model 'linear', or upload the CSV with the option {types}."
        )
    if target.levels > KEPT_LEVELS:
        return f"holds {_count(target)} different texts; that is too many for classes."
    if target.levels < 2:
        return f"holds {target.levels or 'no'} class; the model {model!r} tells classes apart and needs two."
    if model == "logistic" and target.levels > 2:
        return f"holds {target.levels} classes; the model 'logistic' tells two apart: for more take model 'softmax'."
    return None


def _count(column: ColumnSummary) -> str:
    return str(column.levels) if column.levels <= KEPT_LEVELS else f"more than {KEPT_LEVELS}"
