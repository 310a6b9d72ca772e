"""Datasets as the store describes them, without any cells, and settings held against them."""

from math import inf
from typing import Any

import pytest

from contract.checks.features import FEATURE_LEVELS
from contract.columns import Checked, check_columns
from contract.dataset import ColumnSummary, Dataset, Dialect
from contract.errors import InvalidSettings
from contract.settings import load_settings

ROWS = 100


def number(name: str, low: float | None = 0.0, high: float | None = 1.0, missing: int = 0) -> ColumnSummary:
    """A number column whose figures are those of no other."""
    return ColumnSummary(name, "number", missing, low, high, 0.5, sum(name.encode()) / 1e4)


def text(name: str, *levels: str, missing: int = 0) -> ColumnSummary:
    return ColumnSummary(name, "category", missing, categories=levels, levels=len(levels))


COLUMNS = (
    number("rooms"),
    number("age", missing=3),
    text("river", "no", "yes"),
    text("street", *(f"s{k}" for k in range(FEATURE_LEVELS + 1))),
    text("city", *(f"c{k}" for k in range(FEATURE_LEVELS))),
    text("country", "CH"),
    ColumnSummary("id", "category", 0, levels=1001),
    number("price"),
)


def dataset(*columns: ColumnSummary, rows: int = ROWS, id: str = "ds_x") -> Dataset:  # noqa: A002 - the field's name
    return Dataset(id, "a.csv", rows, 1, "0", Dialect(), columns or COLUMNS)


def check(
    given: Dataset | None = None, held_out: Dataset | None = None, memory: float = inf, **settings: Any
) -> Checked:
    """Settings that predict ``price`` unless they say otherwise, held against the columns."""
    return check_columns(load_settings({"target": "price", **settings}), given or dataset(), held_out, memory)


def refused(
    given: Dataset | None = None, held_out: Dataset | None = None, memory: float = inf, **settings: Any
) -> InvalidSettings:
    with pytest.raises(InvalidSettings) as caught:
        check(given, held_out, memory, **settings)
    return caught.value
