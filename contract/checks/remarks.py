"""What runs but may not be what was meant: warnings ``{code, detail, pointer}``."""

from collections.abc import Iterator, Mapping
from typing import Any

from contract.checks.case import Case, listed_names
from contract.checks.features import is_constant
from contract.checks.rows import training_rows
from contract.dataset import ColumnSummary
from contract.gaps import needed_columns


def remarks(case: Case, left_out: Mapping[str, str], parameters: int) -> list[dict[str, Any]]:
    """The warnings for settings that can run; ``left_out`` are columns with the reason, ``parameters`` their number."""
    found = [
        *_left_out(left_out),
        *_dropped_rows(case),
        *_constant_target(case),
        *_few_rows(case, parameters),
        *_alike(case),
    ]
    return [{"code": code, "detail": detail, "pointer": pointer} for code, detail, pointer in found]


def _left_out(left_out: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    if left_out:
        reasons = listed_names([f"{name!r} ({reason})" for name, reason in left_out.items()])
        yield (
            "columns_left_out",
            f"Left out of the features: {reasons}. Exclude them to silence this.",
            "/features",
        )


def _dropped_rows(case: Case) -> Iterator[tuple[str, str, str]]:
    """The cells are not read here: as many rows are left out as the emptiest column has gaps, or more."""
    needed = [case.columns[name] for name in needed_columns(case.settings)]
    worst_first = sorted((column for column in needed if column.missing), key=lambda column: -column.missing)
    if worst_first:
        columns = listed_names([f"{column.name!r} ({column.missing})" for column in worst_first])
        detail = f"At least {worst_first[0].missing} of {case.rows} rows are left out for missing cells: {columns}."
        yield "rows_left_out", detail, "/missing"


def _constant_target(case: Case) -> Iterator[tuple[str, str, str]]:
    if is_constant(case.columns[case.settings.target]):
        detail = f"All cells of {case.settings.target!r} are the same, so there is nothing to learn from the features."
        yield "constant_target", detail, "/target"


def _few_rows(case: Case, parameters: int) -> Iterator[tuple[str, str, str]]:
    rows = training_rows(case)
    if rows < parameters and not case.settings.is_network:
        detail = f"{rows} training rows cannot determine {parameters} parameters: many answers fit equally well."
        yield "few_rows", detail, "/features"


def _alike(case: Case) -> Iterator[tuple[str, str, str]]:
    groups: dict[Any, list[str]] = {}
    for column in (case.columns[name] for name in case.settings.features or []):
        if column.type == "number" and not is_constant(column):
            groups.setdefault(_figures(column), []).append(column.name)
    if alike := [" and ".join(repr(name) for name in names[:3]) for names in groups.values() if len(names) > 1]:
        detail = f"The same columns twice, as it seems: {listed_names(alike)}. Their coefficients share one effect."
        yield "duplicate_columns", detail, "/features"


def _figures(column: ColumnSummary) -> tuple[Any, ...]:
    return column.missing, column.min, column.max, column.mean, column.std
