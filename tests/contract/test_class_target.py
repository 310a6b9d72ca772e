"""Targets of numbers: classes where the cells are whole and few, and the model wants classes."""

import tracemalloc
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import pytest

from contract.class_target import with_classes
from contract.columns import check_columns
from contract.dataset import Dataset
from contract.dataset_file import DatasetWriter, path_of
from contract.errors import InputCorrupt, InvalidSettings
from contract.settings import load_settings
from engine.classes import number_classes
from engine.errors import DataError
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
        ([3, 3, 3], ("3",)),
        ([NAN, NAN], ()),
    ],
    ids=["two", "order", "missing", "1000", "one", "none"],
)
def test_few_whole_numbers_are_classes(tmp_path: Path, cells: Any, expected: tuple[str, ...]) -> None:
    """Their names are in code-point order, as those of texts are; whether they are enough is not asked here."""
    assert classes(tmp_path, cells) == ("category", expected)


@pytest.mark.parametrize(
    "cells",
    [[0, 0.5, 1], range(1001), np.arange(200_000) / 7],
    ids=["fraction", "1001", "many"],
)
def test_other_numbers_stay_numbers(tmp_path: Path, cells: Any) -> None:
    assert classes(tmp_path, cells) == ("number", ())


@pytest.mark.parametrize("model", ["logistic", "softmax"])
@pytest.mark.parametrize("cells", [[1, 1], [0, NAN]], ids=["second", "first"])
def test_held_out_rows_may_all_be_of_one_class(tmp_path: Path, model: str, cells: Any) -> None:
    """Two classes are needed to train, and none of their names is needed to validate."""
    document = {"target": "y", "model": model, "missing": "drop", "validation": {"dataset": "ds_other"}}
    settings = load_settings(document)
    trained = with_classes(described(tmp_path, [0, 1, 1, 0]), settings, tmp_path)
    held_out = with_classes(described(tmp_path, cells), settings, tmp_path)
    assert check_columns(settings, trained, held_out).settings.target == "y"
    with pytest.raises(InvalidSettings, match="needs two"):
        check_columns(settings._replace(validation=None), held_out)


def test_held_out_numbers_that_are_no_classes_are_called_so(tmp_path: Path) -> None:
    settings = load_settings({"target": "y", "model": "softmax", "validation": {"dataset": "ds_other"}})
    trained, held_out = (with_classes(described(tmp_path, ys), settings, tmp_path) for ys in ([0, 1, 1], [0, 0.5]))
    with pytest.raises(InvalidSettings, match="numbers that are no classes"):
        check_columns(settings, trained, held_out)


def test_cells_are_looked_at_in_turn_and_piece_by_piece(tmp_path: Path) -> None:
    """Eight megabytes of zeros and ones are never in memory at once, and whoever looks holds its turn."""
    turn, piece = Lock(), np.tile([0.0, 1.0], 5_000)
    given = dataset(number("y"), rows=100 * piece.size, id="ds_long")
    with DatasetWriter(path_of(tmp_path, given.id), {"y": "number"}) as writer:
        for _ in range(100):
            writer.write(np.asarray([piece]), [])
        writer.finish({})
    settings = load_settings({"target": "y", "model": "logistic"})
    tracemalloc.start()
    with turn, ThreadPoolExecutor(1) as pool:
        looking = pool.submit(with_classes, given, settings, tmp_path, turn)
        assert wait([looking], timeout=0.2).not_done
        turn.release()
        assert looking.result().columns[0].categories == ("0", "1")
        turn.acquire()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2_000_000


def test_numbers_are_read_no_further_than_to_what_is_no_class() -> None:
    """The second piece has the 1,001st number; fractions are seen in the first."""
    for first, read in ((0.0, 2), (0.5, 1)):
        pieces = (np.arange(600.0) + 600 * k + first for k in range(9))
        with pytest.raises(DataError):
            number_classes(pieces, "y")
        assert len(list(pieces)) == 9 - read


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
