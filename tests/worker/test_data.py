"""From a dataset's columns to the two sides of a fit: which rows are used, held out, weighted and filled."""

from math import isnan, nan
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from contract.errors import InputCorrupt
from contract.settings import load_settings
from engine.errors import DataError, SplitError
from tests.support.datasets import write_dataset
from worker.data import Data, read_data

COLUMNS: dict[str, Any] = {
    "a": [1.0, nan, 3.0, 4.0, 5.0, 6.0],
    "colour": ["red", "red", "blue", "red", "blue", "red"],
    "w": [1.0, 1.0, nan, 2.0, 3.0, 2.0],
    "fold": ["x", "x", "x", "x", "y", "y"],
    "y": [10.0, 20.0, 30.0, nan, 50.0, 60.0],
    "z": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
}


def read(folder: Path, columns: dict[str, Any] | None = None, **given: Any) -> Data:
    dataset = write_dataset(folder, columns or COLUMNS)
    document = {"target": "y", "features": ["a", "colour"], "dataset": dataset, "scaling": "none", **given}
    return read_data(load_settings(document), folder)


@pytest.mark.parametrize(
    ("given", "targets"),
    [
        ({"features": ["z"]}, [10, 20, 30, 50, 60]),
        ({"features": ["z"], "weight_column": "w"}, [10, 20, 50, 60]),
        ({"missing": "drop"}, [10, 30, 50, 60]),
        ({"missing": "drop", "weight_column": "w"}, [10, 50, 60]),
        ({"missing": "mean"}, [10, 20, 30, 50, 60]),
    ],
    ids=["target", "weight", "drop", "drop-weight", "mean"],
)
def test_rows_with_missing_cells(tmp_path: Path, given: dict[str, Any], targets: list[float]) -> None:
    """Rows without a target or a weight always go; those without a feature go, or are filled."""
    assert read(tmp_path, **given).train.y.tolist() == targets


def test_levels_are_those_of_the_rows_that_are_left(tmp_path: Path) -> None:
    """A level that stands only in rows without a target has no column, and no row of its own to fit it."""
    data = read(tmp_path, COLUMNS | {"colour": ["red", "red", "blue", "green", "blue", "red"]}, missing="mean")
    assert (data.preparation.names, data.preparation.constant) == (("a", "colour=red"), ())


def test_the_split_is_of_the_rows_that_are_left(tmp_path: Path) -> None:
    """The last half of the used rows, not of the file."""
    data = read(tmp_path, missing="drop", validation={"fraction": 0.5, "method": "last"})
    assert data.held_out is not None
    assert (data.train.y.tolist(), data.held_out.y.tolist()) == ([10, 30], [50, 60])


def test_fills_are_those_of_the_training_rows(tmp_path: Path) -> None:
    """The weighted mean of a, (1·1 + 3·5 + 2·6)/6, without the rows that have no target or no weight."""
    data = read(tmp_path, missing="mean", weight_column="w", features=["a", "z"])
    assert data.train.X[:, 0].tolist() == [1.0, pytest.approx(28 / 6), 5.0, 6.0]
    assert data.train.weights is not None
    assert (data.train.weights * data.train.unit).tolist() == pytest.approx([1, 1, 3, 2])


def test_a_column_says_which_rows_are_held_out(tmp_path: Path) -> None:
    data = read(tmp_path, features=["z"], validation={"column": "fold", "value": "y"})
    assert data.held_out is not None
    assert (data.train.y.tolist(), data.held_out.y.tolist()) == ([10, 20, 30], [50, 60])


@pytest.mark.parametrize("missing", ["drop", "mean"])
def test_rows_of_which_nothing_says_on_which_side_they_stand_are_left_out(tmp_path: Path, missing: str) -> None:
    data = read(tmp_path, features=["z"], validation={"column": "a", "value": 1.0}, missing=missing)
    assert data.held_out is not None
    sides = data.train.y.tolist() + data.held_out.y.tolist()
    known = [y for a, y in zip(COLUMNS["a"], COLUMNS["y"], strict=True) if not isnan(a) and not isnan(y)]
    assert sorted(sides) == known


MANY = {"a": [0.1 * k for k in range(150_000)], "y": [float(k % 9) for k in range(150_000)]}


@pytest.mark.parametrize(
    ("given", "held"),
    [({}, False), ({"batch_size": 10}, True), ({"target": "y", "model": "softmax"}, True)],
    ids=["full-batch", "batches", "classes"],
)
def test_rows_that_are_read_once_are_no_matrix(tmp_path: Path, given: dict[str, Any], held: bool) -> None:
    """Least squares in full batch makes blocks of its rows from the file; others hold them."""
    data = read(tmp_path, MANY, features=["a"], validation={"fraction": 0.5}, **given)
    few = read(tmp_path, features=["z"], **given | {"model": "linear"})
    assert data.held_out is not None
    assert [isinstance(side.X, np.ndarray) for side in (data.train, few.train)] == [held, True]


def other(folder: Path, **columns: Any) -> dict[str, Any]:
    """Validation by a second dataset, without the columns that only training needs."""
    given = {"a": [2.0, 8.0], "colour": ["blue", "red"], "y": [1.0, nan], "z": [0.0, 0.0], "w": [5.0, 5.0]}
    return {"dataset": write_dataset(folder, {**given, **columns})}


def test_another_dataset_is_held_out(tmp_path: Path) -> None:
    """All its rows that have a target, in the units that the training rows fixed."""
    data = read(tmp_path, missing="drop", scaling="minmax", validation=other(tmp_path))
    assert data.held_out is not None
    assert (data.train.y.tolist(), data.held_out.y.tolist()) == ([10, 30, 50, 60], [1])
    assert data.held_out.X.tolist() == [[pytest.approx(0.2), 0.0]]


def test_another_dataset_may_have_levels_that_training_did_not(tmp_path: Path) -> None:
    """They are refused, or with missing "mean" count as the most frequent level: red."""
    validation = other(tmp_path, colour=["green", "red"])
    with pytest.raises(DataError, match="green"):
        read(tmp_path, missing="drop", validation=validation)
    data = read(tmp_path, missing="mean", validation=validation)
    assert data.held_out is not None
    assert data.held_out.X.tolist() == [[2.0, 1.0]]


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"features": ["z"], "validation": {"column": "fold", "value": "none"}}, SplitError),
        ({"features": ["z"], "weight_column": "a", "target": "w", "validation": {"fraction": 0.9}}, SplitError),
        ({"features": ["z"], "weight_column": "fold"}, DataError),
        ({"features": ["z"], "validation": {"dataset": "ds_gone"}}, InputCorrupt),
        ({"features": ["a"]}, DataError),
    ],
    ids=["no-such-value", "nothing-left", "text-weights", "gone", "missing-cell"],
)
def test_what_cannot_be_read_is_refused(tmp_path: Path, given: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        read(tmp_path, **given)


@pytest.mark.parametrize("model", ["logistic", "softmax"])
@pytest.mark.parametrize(
    ("target", "classes", "numbers"),
    [("colour", ("blue", "red"), [1, 1, 0, 1, 0, 1]), ("n", ("10", "9"), [1, 0, 0, 1, 1, 1])],
    ids=["text", "whole-numbers"],
)
def test_classes_are_in_code_point_order(
    tmp_path: Path, model: str, target: str, classes: tuple[str, ...], numbers: list[float]
) -> None:
    """Targets are places among the classes; whole numbers are classes under their decimal names."""
    data = read(tmp_path, COLUMNS | {"n": [9.0, 10.0, 10.0, 9.0, 9.0, 9.0]}, features=["z"], target=target, model=model)
    assert data.classes == classes
    assert data.train.y.tolist() == numbers
