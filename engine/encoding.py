"""How a feature becomes columns of the matrix: its numbers, or for each level one where the row has it, zero else."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple


class Feature(NamedTuple):
    """What training fixed of one feature.

    names: the matrix columns that it fills, side by side, "rooms" or "river=yes". levels: those of a category in
    code-point order, None for numbers. fill: the number or the level that a missing cell counts as; None where
    missing cells are refused. held_out: levels that only held-out rows have, of which training learnt nothing: in
    the metrics of a run they count as the base level, and predictions do not know them.
    """

    name: str
    names: tuple[str, ...]
    levels: tuple[str, ...] | None = None
    fill: float | str | None = None
    held_out: tuple[str, ...] = ()


def column_names(feature: str, levels: tuple[str, ...] | None, *, intercept: bool) -> tuple[str, ...]:
    """The matrix columns of a feature: its own name for numbers (levels None), else one feature=level a level.

    Beside an intercept the first level has no column, and the others are differences from it.
    """
    if levels is None:
        return (feature,)
    return tuple(f"{feature}={level}" for level in levels[1 if intercept else 0 :])


def parameter_names(features: Mapping[str, tuple[str, ...] | None], *, intercept: bool) -> Iterator[str]:
    """The names of a linear model's parameters, before constant columns go: the intercept, then the columns."""
    if intercept:
        yield "intercept"
    for feature, levels in features.items():
        yield from column_names(feature, levels, intercept=intercept)
