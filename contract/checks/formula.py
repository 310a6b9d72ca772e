"""Which names of a formula are columns and which are parameters, and whether those columns can be used."""

from collections.abc import Iterator, Sequence

from contract.checks.case import Case, listed_names, no_column
from contract.errors import FieldError
from contract.fields import echo
from engine.expression_text import CONSTANTS
from engine.expressions import Expression, constants, names, parse, quoted

PLACE = "/model/expression"


def with_formula_columns(case: Case) -> Case:
    """The case with the columns of its formula, in order of first use, as its features."""
    if not case.settings.is_formula:
        return case
    columns = [name for name in _names(case) if name in case.columns]
    return case._replace(settings=case.settings._replace(features=columns))


def formula_parameters(case: Case) -> tuple[str, ...]:
    """The names of the expression that no column has."""
    return tuple(name for name in _names(case) if name not in case.columns)


def wrong_formula(case: Case, asked: Sequence[str] | None) -> Iterator[FieldError]:
    """A formula without columns or parameters, of its own target, of text, or with other features ``asked`` for.

    Names in backticks are columns, so each must be there.
    """
    if not case.settings.is_formula:
        return
    columns = case.settings.features or []
    if asked is not None and columns and set(asked) != set(columns):
        detail = f"The columns of a formula are those that it names: {listed_names(columns)}. Leave features out."
        yield FieldError("/features", detail)
    for place, name in enumerate(case.settings.exclude):
        if name in columns:
            yield FieldError(
                f"/exclude/{place}", f"The formula names the column {echo(name)}, so it cannot be left out."
            )
    yield from _wrong_columns(case, columns)
    yield from _ambiguous(case)
    lacking = [one for one in quoted(_expression(case)) if one[0] not in case.columns]
    for name, place in lacking:
        yield FieldError(PLACE, f"At character {place + 1}: {no_column(name, case.columns)}", "unknown_column")
    if not columns and not lacking:
        detail = f"No name in the expression is a column, so it says the same of every row; there are: {_there(case)}."
        yield FieldError(PLACE, detail, "unknown_column")
    if not formula_parameters(case):
        detail = "All its names are columns, so there is nothing to fit: write parameters, as in a*x + b."
        yield FieldError(PLACE, detail)


def _wrong_columns(case: Case, columns: Sequence[str]) -> Iterator[FieldError]:
    for name in columns:
        if name == case.settings.target:
            yield FieldError(PLACE, f"Column {echo(name)} is the target, which the formula is to predict.")
        elif case.columns[name].type != "number":
            yield FieldError(PLACE, f"Column {echo(name)} holds text; a formula counts with numbers.")


def _ambiguous(case: Case) -> Iterator[FieldError]:
    """Columns whose name is that of a constant in the expression, which would be read as the constant."""
    for name, place in constants(_expression(case)):
        if name in case.columns:
            detail = (
                f"At character {place + 1}: {name} is the constant here, and a column too. For the column, write "
                f"`{name}` in backticks; for the constant, {CONSTANTS[name]!r}."
            )
            yield FieldError(PLACE, detail, "ambiguous_name")


def _there(case: Case) -> str:
    return listed_names([name for name in case.columns if name != case.settings.target])


def _names(case: Case) -> tuple[str, ...]:
    return names(_expression(case))


def _expression(case: Case) -> Expression:
    return parse(case.settings.model["expression"])
