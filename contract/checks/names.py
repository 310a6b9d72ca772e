"""Whether the columns that the settings name exist."""

from collections.abc import Iterator

from contract.checks.case import Case, no_column
from contract.errors import FieldError
from contract.settings import Settings


def unknown_names(case: Case) -> Iterator[FieldError]:
    """Every place that names a column that is not there."""
    for pointer, name in _named(case.settings):
        if name not in case.columns:
            yield FieldError(pointer, no_column(name, case.columns), "unknown_column")


def _named(settings: Settings) -> Iterator[tuple[str, str]]:
    yield "/target", settings.target
    if settings.weight_column is not None:
        yield "/weight_column", settings.weight_column
    if settings.held_out_column is not None:
        yield "/validation/column", settings.held_out_column
    yield from ((f"/features/{place}", name) for place, name in enumerate(settings.features or []))
    yield from ((f"/exclude/{place}", name) for place, name in enumerate(settings.exclude))
