"""Which columns make features: those that are taken by default, and whether those that are named can be."""

from collections.abc import Iterator

from contract.checks.case import Case
from contract.dataset import ColumnSummary
from contract.errors import FieldError

FEATURE_LEVELS = 50
"""The most levels of a category that is a feature: each is a column of the matrix."""

FEATURE_CURE = f"a feature has at most {FEATURE_LEVELS}, and fewer than rows. Group them, or leave the column out."


def left_out(case: Case) -> dict[str, str]:
    """The columns that are no features by default, with the reason, although nothing in the settings names them."""
    if case.settings.features is not None:
        return {}
    spoken_for = _spoken_for(case)
    chosen = (column for name, column in case.columns.items() if name not in spoken_for)
    return {column.name: reason for column in chosen if (reason := _why_unusable(column, case.rows))}


def default_features(case: Case) -> list[str]:
    """The columns that are features where the settings name none."""
    others = _spoken_for(case) | left_out(case).keys()
    return [name for name in case.columns if name not in others]


def wrong_features(case: Case) -> Iterator[FieldError]:
    """Features that are something else already, stand twice, or have too many levels."""
    taken = dict.fromkeys(case.settings.exclude, "is excluded too; say one or the other.")
    taken[case.settings.target] = "is the target and cannot be a feature too."
    for place, name in enumerate(case.settings.features or []):
        reason = _too_many_levels(case.columns[name], case.rows)
        if sentence := taken.get(name) or (reason and f"holds {reason}; {FEATURE_CURE}"):
            yield FieldError(f"/features/{place}", f"{name!r} {sentence}")
        taken[name] = "stands twice among the features."


def nothing_to_fit(case: Case) -> Iterator[FieldError]:
    """No intercept, and no feature whose cells differ."""
    if case.settings.intercept or any(not is_constant(case.columns[name]) for name in case.settings.features or []):
        return
    detail = "There is no intercept and no feature whose cells differ, so there is nothing to fit."
    yield FieldError("/features", detail, "insufficient_data")


def is_constant(column: ColumnSummary) -> bool:
    """Whether all cells that are not missing are the same."""
    return column.levels < 2 if column.type == "category" else column.min == column.max


def _spoken_for(case: Case) -> set[str]:
    settings = case.settings
    named = (settings.weight_column, settings.held_out_column)
    return {settings.target, *settings.exclude, *(name for name in named if name is not None)}


def _why_unusable(column: ColumnSummary, rows: int) -> str | None:
    if column.missing == rows:
        return "every cell is missing"
    if column.type == "number":
        return None
    return "the same text everywhere" if column.levels < 2 else _too_many_levels(column, rows)


def _too_many_levels(column: ColumnSummary, rows: int) -> str | None:
    if column.levels > FEATURE_LEVELS:
        return f"{column.told_levels} different texts"
    return "a different text in every row" if 1 < column.levels == rows - column.missing else None
