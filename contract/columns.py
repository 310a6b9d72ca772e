"""Settings held against the columns of a dataset: before a job is accepted, nothing in it is left to luck."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from itertools import chain, islice
from typing import Any, NamedTuple

from contract.choices import CLASSIFIERS
from contract.dataset import MAX_LEVELS as MOST_COUNTED
from contract.dataset import ColumnSummary, Dataset
from contract.errors import MAX_PLACES, FieldError, InvalidSettings
from contract.fields import MAX_ECHO, echo, pointer_step
from contract.settings import Settings
from engine.encoding import parameter_names
from engine.split import held_out_rows

MAX_LEVELS = 50
LISTED = 50
MOST_DRAWN = 10_000_000

Columns = Mapping[str, ColumnSummary]


class Checked(NamedTuple):
    """Effective settings (features by name) and what the user should know, as ``{code, detail, pointer}``."""

    settings: Settings
    warnings: list[dict[str, Any]]


def check_columns(settings: Settings, dataset: Dataset) -> Checked:
    """Settings that can run on this dataset; raises ``InvalidSettings`` with every wrong place."""
    columns = {column.name: column for column in dataset.columns}
    _refuse(_unknown_names(settings, columns), _wrong_target(settings, columns))
    left_out = {} if settings.features is not None else _unusable(settings, columns, dataset.rows)
    features = settings.features
    if features is None:
        others = {settings.target, *settings.exclude, *left_out}
        features = [name for name in columns if name not in others]
    effective = settings._replace(features=features, dataset=dataset.id)
    _refuse(
        _wrong_features(effective, columns, dataset.rows),
        _missing_cells(effective, columns),
        _wrong_sizes(effective, dataset.rows),
        _shared_names(effective, columns),
        _wrong_initial(effective, columns),
    )
    warnings = [_left_out_warning(left_out)] if left_out else []
    return Checked(effective, warnings)


def coefficient_names(settings: Settings, columns: Columns) -> list[str]:
    """The names that a model's parameters have: those of the engine's matrix columns, after the intercept."""
    chosen = {name: columns[name] for name in settings.features or []}
    levels = {name: None if column.type == "number" else column.categories for name, column in chosen.items()}
    return list(parameter_names(levels, intercept=settings.intercept))


def _refuse(*checks: Iterable[FieldError]) -> None:
    # No further than what is shown: settings may hold a million wrong names, and each costs a search.
    errors = list(islice(chain(*checks), MAX_PLACES))
    if errors:
        raise InvalidSettings(errors)


def _unknown_names(settings: Settings, columns: Columns) -> Iterator[FieldError]:
    named = [("/target", settings.target)]
    named += [(f"/features/{place}", name) for place, name in enumerate(settings.features or [])]
    named += [(f"/exclude/{place}", name) for place, name in enumerate(settings.exclude)]
    for pointer, name in named:
        if name not in columns:
            yield FieldError(pointer, _no_column(name, columns), "unknown_column")


def _no_column(name: str, columns: Columns) -> str:
    near = get_close_matches(name[:MAX_ECHO], columns, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    more = f" and {len(columns) - LISTED} more" if len(columns) > LISTED else ""
    return f"There is no column {echo(name)}; there are: {', '.join(list(columns)[:LISTED])}{more}.{hint}"


def _wrong_target(settings: Settings, columns: Columns) -> Iterator[FieldError]:
    target = columns.get(settings.target)
    if target and target.type != "number" and settings.model["name"] not in CLASSIFIERS:
        yield FieldError("/target", f"Column {settings.target!r} holds text; linear regression needs a numeric target.")
    if settings.target in settings.exclude:
        yield FieldError("/exclude", f"{settings.target!r} is the target; it is never among the features.")


def _unusable(settings: Settings, columns: Columns, rows: int) -> dict[str, str]:
    """Text columns that would make no good features, with the reason."""
    others = {settings.target, *settings.exclude}
    chosen = (column for name, column in columns.items() if name not in others)
    return {column.name: reason for column in chosen if (reason := _why_unusable(column, rows))}


def _why_unusable(column: ColumnSummary, rows: int) -> str | None:
    if column.type == "number":
        return None
    return "the same text everywhere" if column.levels < 2 else _too_many_levels(column, rows)


def _too_many_levels(column: ColumnSummary, rows: int) -> str | None:
    if column.levels > MAX_LEVELS:
        return f"{column.levels if column.levels <= MOST_COUNTED else f'more than {MOST_COUNTED}'} different texts"
    return "a different text in every row" if 1 < column.levels == rows - column.missing else None


def _left_out_warning(left_out: dict[str, str]) -> dict[str, Any]:
    listed = "; ".join(f"{name!r} ({reason})" for name, reason in left_out.items())
    detail = f"Left out of the features: {listed}. Name them in features, or in exclude to silence this."
    return {"code": "columns_left_out", "detail": detail, "pointer": "/features"}


def _wrong_features(settings: Settings, columns: Columns, rows: int) -> Iterator[FieldError]:
    features, seen = settings.features or [], set()
    if not features and not settings.intercept:
        yield FieldError(
            "/features", "There is no feature and no intercept, so there is nothing to fit.", "insufficient_data"
        )
    for place, name in enumerate(features):
        pointer = f"/features/{place}"
        if name == settings.target:
            yield FieldError(pointer, f"{name!r} is the target and cannot be a feature too.")
        elif name in seen:
            yield FieldError(pointer, f"{name!r} stands twice among the features.")
        elif reason := _too_many_levels(columns[name], rows):
            yield FieldError(pointer, f"{name!r} holds {reason}; as categories that is too many.")
        seen.add(name)


def _missing_cells(settings: Settings, columns: Columns) -> Iterator[FieldError]:
    for name in [settings.target, *(settings.features or [])]:
        if columns[name].missing:
            detail = f"Column {name!r} has {columns[name].missing} missing cells; fill them or leave the column out."
            yield FieldError("/missing", detail, "missing_cells")


def training_rows(settings: Settings, rows: int) -> int:
    """How many rows are left to train on."""
    fraction = (settings.validation or {}).get("fraction")
    return rows - held_out_rows(rows, fraction) if fraction else rows


def _shared_names(settings: Settings, columns: Columns) -> Iterator[FieldError]:
    """Two parameters of one name, such as a column ``river=yes`` beside a column ``river`` with the level ``yes``."""
    features = list(dict.fromkeys(settings.features or []))  # the same feature twice is said elsewhere
    names = coefficient_names(settings._replace(features=features), columns)
    for name in [name for name, count in Counter(names).items() if count > 1]:
        detail = f"Two parameters would be called {echo(name)}; exclude or rename one of their columns."
        yield FieldError("/features", detail, "ambiguous_name")


def _wrong_sizes(settings: Settings, rows: int) -> Iterator[FieldError]:
    training = training_rows(settings, rows)
    if "fraction" in (settings.validation or {}) and not 0 < training < rows:
        detail = f"Of {rows} rows this leaves {training} to train on and {rows - training} to validate; both need one."
        yield FieldError("/validation/fraction", detail, "out_of_range")
    elif settings.batch_size and settings.batch_size > training:
        yield FieldError("/batch_size", f"Must be at most the number of training rows, {training}.", "out_of_range")
    elif (settings.steps_per_iteration or 0) * (settings.batch_size or 1) > max(training, MOST_DRAWN):
        detail = f"Steps times batch_size must be at most {MOST_DRAWN}: the rows of an iteration are drawn at once."
        yield FieldError("/steps_per_iteration", detail, "out_of_range")


def _wrong_initial(settings: Settings, columns: Columns) -> Iterator[FieldError]:
    if isinstance(settings.initial, str):
        return
    expected = coefficient_names(settings, columns)
    known = set(expected)
    listed = ", ".join(expected[:LISTED]) + (f" and {len(expected) - LISTED} more" if len(expected) > LISTED else "")
    for name in settings.initial:
        if name not in known:
            detail = f"There is no parameter {echo(name)}; there are: {listed}."
            yield FieldError("/initial" + pointer_step(name), detail, "unknown_parameter")
    missing = [name for name in expected if name not in settings.initial]
    if missing:
        yield FieldError(
            "/initial",
            f"No value for {', '.join(missing[:LISTED])}; give one for each of: {listed}.",
            "missing_parameter",
        )
