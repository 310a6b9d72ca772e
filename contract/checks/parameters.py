"""The model's parameters: their names, whether ``initial`` gives each a value, and whether they are too many."""

from collections import Counter
from collections.abc import Iterator

from contract.checks.case import Case, listed_names
from contract.checks.formula import formula_parameters
from contract.errors import FieldError
from contract.fields import echo, pointer_step
from engine.encoding import parameter_names


def coefficient_names(case: Case) -> list[str]:
    """The names that a model's parameters have: those of the engine's matrix columns, after the intercept.

    A formula's are the names in its expression that no column has. A network's are the matrix columns alone, with one
    for every level.
    """
    if case.settings.is_formula:
        return list(formula_parameters(case))
    chosen = {name: case.columns[name] for name in case.settings.features or []}
    levels = {name: None if column.type == "number" else column.categories for name, column in chosen.items()}
    return list(parameter_names(levels, intercept=case.settings.intercept and not case.settings.is_network))


def shared_names(names: list[str]) -> Iterator[FieldError]:
    """Two parameters of one name, such as a column ``river=yes`` beside a column ``river`` with the level ``yes``."""
    for name in [name for name, count in Counter(names).items() if count > 1]:
        detail = f"Two parameters would be called {echo(name)}; exclude or rename one of their columns."
        yield FieldError("/features", detail, "ambiguous_name")


def wrong_initial(case: Case, names: list[str]) -> Iterator[FieldError]:
    """Initial values of parameters that there are not, and parameters without an initial value."""
    initial = case.settings.initial
    if isinstance(initial, str):
        return
    if case.settings.model["name"] == "softmax":
        yield FieldError("/initial", "A softmax model has parameters for each class: take 'zeros' or 'random'.")
        return
    known, expected = set(names), listed_names(names)
    for name in initial:
        if name not in known:
            detail = f"There is no parameter {echo(name)}; there are: {expected}."
            yield FieldError("/initial" + pointer_step(name), detail, "unknown_parameter")
    if missing := [name for name in names if name not in initial]:
        detail = f"No value for {listed_names(missing)}; give one for each of: {expected}."
        yield FieldError("/initial", detail, "missing_parameter")
