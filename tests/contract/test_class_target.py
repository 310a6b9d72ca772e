"""Targets of numbers: classes where the cells are whole and few, and the model wants classes."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from contract.class_target import with_classes
from contract.dataset import Dataset
from contract.dataset_file import path_of
from contract.errors import InputCorrupt
from contract.settings import load_settings
from tests.support.columns import dataset, number, text
from tests.support.datasets import write_dataset

NAN = float("nan")


def classes(folder: Path, cells: Any, model: str = "softmax") -> tuple[str, tuple[str, ...]]:
    """Type and levels of the target as the checks see it."""
    given = described(folder, cells)
    found = with_classes(given, load_settings({"target": "y", "model": model}), folder).columns[1]
    assert found.missing == given.columns[1].missing
    return found.type, found.categories


def described(folder: Path, cells: Any) -> Dataset:
    values = np.array(cells, dtype=np.float64)
    written = write_dataset(folder, {"x": values, "y": values})
    missing = int(np.isnan(values).sum())
    return dataset(number("x"), number("y", missing=missing), rows=values.size, id=written)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([0, 1, 1, 0], ("0", "1")),
        ([2, 10, -1], ("-1", "10", "2")),
        ([1, NAN, 0], ("0", "1")),
        (range(1000), tuple(sorted(map(str, range(1000))))),
    ],
    ids=["two", "order", "missing", "1000"],
)
def test_few_whole_numbers_are_classes(tmp_path: Path, cells: Any, expected: tuple[str, ...]) -> None:
    """Their names are in code-point order, as those of texts are."""
    assert classes(tmp_path, cells) == ("category", expected)


@pytest.mark.parametrize(
    "cells",
    [[0, 0.5, 1], [3, 3, 3], range(1001), np.arange(200_000) / 7, [NAN, NAN]],
    ids=["fraction", "one", "1001", "many", "missing"],
)
def test_other_numbers_stay_numbers(tmp_path: Path, cells: Any) -> None:
    assert classes(tmp_path, cells) == ("number", ())


def test_a_model_of_numbers_looks_at_no_cell(tmp_path: Path) -> None:
    given = described(tmp_path, [0, 1])
    path_of(tmp_path, given.id).unlink()
    assert with_classes(given, load_settings({"target": "y"}), tmp_path) is given


def test_texts_need_no_look(tmp_path: Path) -> None:
    given = dataset(number("x"), text("y", "a", "b"))
    assert with_classes(given, load_settings({"target": "y", "model": "logistic"}), tmp_path) == given


def test_a_file_that_is_gone_is_said(tmp_path: Path) -> None:
    given = described(tmp_path, [0, 1])
    path_of(tmp_path, given.id).unlink()
    with pytest.raises(InputCorrupt):
        with_classes(given, load_settings({"target": "y", "model": "logistic"}), tmp_path)
