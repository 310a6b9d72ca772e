"""Targets of counts: how many cells are below zero is counted where the loss takes none, and only there."""

from pathlib import Path

import numpy as np
import pytest

from contract.columns import check_columns
from contract.count_target import with_negative
from contract.dataset import Dataset
from contract.dataset_file import path_of
from contract.errors import InputCorrupt, InvalidSettings
from contract.settings import load_settings
from tests.support.columns import dataset, number, text
from tests.support.datasets import write_dataset

CELLS = np.array([3.0, -1.0, 0.0, np.nan, -2.5, -0.0])
POISSON = load_settings({"target": "y", "loss": "poisson", "missing": "drop"})


def described(folder: Path, least: float | None = -2.5) -> Dataset:
    written = write_dataset(folder, {"x": CELLS, "y": CELLS})
    return dataset(number("x", -2.5), number("y", least, 3.0, missing=1), rows=CELLS.size, id=written)


def test_the_refusal_says_how_many_cells_are_negative(tmp_path: Path) -> None:
    """Neither the missing one nor zero, whatever its sign, is."""
    with pytest.raises(InvalidSettings, match=r"holds -2.5 \(2 of its cells are negative\)") as caught:
        check_columns(POISSON, with_negative(described(tmp_path), POISSON, tmp_path))
    assert [place.pointer for place in caught.value.errors] == ["/target"]


@pytest.mark.parametrize(
    ("least", "settings"),
    [(0.0, POISSON), (None, POISSON), (-2.5, load_settings({"target": "y"})), (-2.5, POISSON._replace(target="z"))],
    ids=["counts", "empty", "squared", "no-target"],
)
def test_where_nothing_is_wrong_no_cell_is_read(tmp_path: Path, least: float | None, settings) -> None:
    given = described(tmp_path, least)
    path_of(tmp_path, given.id).unlink()
    assert with_negative(given, settings, tmp_path) is given


def test_a_target_of_text_is_left_to_the_checks(tmp_path: Path) -> None:
    given = dataset(number("x"), text("y", "a", "b"))
    assert with_negative(given, POISSON, tmp_path) is given


def test_a_file_that_is_gone_is_said(tmp_path: Path) -> None:
    given = described(tmp_path)
    path_of(tmp_path, given.id).unlink()
    with pytest.raises(InputCorrupt):
        with_negative(given, POISSON, tmp_path)
