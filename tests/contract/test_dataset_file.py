"""The file of a dataset: whole or not there, and read back cell by cell."""

import os

import numpy as np
import pytest

from contract.dataset_file import DatasetWriter, path_of, read_columns, remove, tidy_dead
from contract.errors import InputCorrupt

COLUMNS = {"x": "number", "word": "category"}


def write(folder, batches=1, levels=("z", "a")):
    """Rows x = 0, 1, 2 with the words z, missing, a; once for each batch."""
    with DatasetWriter(path_of(folder, "ds_1"), COLUMNS) as writer:
        for _ in range(batches):
            writer.write(np.array([[0.0, 1.0, 2.0]]), [np.array([0, -1, 1], np.int32)])
        writer.finish({"word": levels})


@pytest.mark.parametrize("batches", [1, 3], ids=["one batch", "three batches"])
def test_cells_come_back(tmp_path, batches):
    """In the order in which they were written, in however many batches."""
    write(tmp_path, batches)
    table = read_columns(tmp_path, "ds_1", ["word", "x"])
    assert list(table) == ["word", "x"]
    assert table["x"].values[:].tolist() == [0, 1, 2] * batches
    assert table["word"].levels == ("z", "a")
    assert table["word"].codes[:].tolist() == [0, -1, 1] * batches


@pytest.mark.parametrize("batches", [1, 3], ids=["one batch", "three batches"])
def test_numbers_of_one_batch_are_not_copied(tmp_path, batches):
    """The values are the mapped file itself."""
    write(tmp_path, batches)
    table = read_columns(tmp_path, "ds_1", ["x"])
    first, second = table["x"].values[0:2], table["x"].values[1:3]
    assert first is not second
    assert np.shares_memory(first, second)


def test_columns_outlive_the_file(tmp_path):
    """A worker that has begun goes on when the dataset is deleted."""
    write(tmp_path, batches=2)
    table = read_columns(tmp_path, "ds_1", ["x"])
    remove(tmp_path, "ds_1")
    remove(tmp_path, "ds_1")
    assert list(tmp_path.rglob("*.arrow*")) == []
    assert table["x"].values[:].sum() == 6


def test_the_file_is_whole_once_it_has_its_name(tmp_path):
    """Who maps it at that moment sees all of it, and nothing is written after."""
    path = path_of(tmp_path, "ds_1")
    with DatasetWriter(path, {"x": "number"}) as writer:
        writer.write(np.arange(100.0)[None], [])
        assert not path.exists()
        writer.finish({})
        whole = path.read_bytes()
        assert read_columns(tmp_path, "ds_1", ["x"])["x"].values[:].sum() == 4950
    assert path.read_bytes() == whole


def test_a_writer_that_fails_leaves_no_file(tmp_path):
    """Neither under the temporary name nor under the dataset's."""
    with pytest.raises(KeyError):
        _fail_half_way(path_of(tmp_path, "ds_1"))
    assert list(tmp_path.rglob("*.arrow*")) == []


def _fail_half_way(path):
    with DatasetWriter(path, COLUMNS) as writer:
        writer.write(np.zeros((1, 3)), [np.zeros(3, np.int32)])
        raise KeyError


DAMAGE = {
    "gone": lambda path: path.unlink(),
    "empty": lambda path: path.write_bytes(b""),
    "cut off": lambda path: path.write_bytes(path.read_bytes()[:-100]),
    "something else": lambda path: path.write_bytes(b"a,b\n1,2\n"),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_file_is_named_as_such(tmp_path, damage):
    """The worker can tell a bad file from an error of its own."""
    write(tmp_path)
    damage(path_of(tmp_path, "ds_1"))
    with pytest.raises(InputCorrupt, match="ds_1") as caught:
        read_columns(tmp_path, "ds_1", ["x"])
    assert caught.value.code == "input_corrupt"
    assert str(tmp_path) not in caught.value.detail


def test_a_column_that_is_not_there_is_corrupt_input(tmp_path):
    """The record and the file disagree."""
    write(tmp_path)
    with pytest.raises(InputCorrupt, match="nope"):
        read_columns(tmp_path, "ds_1", ["nope"])


def test_levels_that_were_not_kept_cannot_be_read(tmp_path):
    """Codes without levels would be a column of lies."""
    write(tmp_path, levels=None)
    with pytest.raises(InputCorrupt, match="more than"):
        read_columns(tmp_path, "ds_1", ["word"])["word"]


def half_written(folder):
    """The file that a writer left when it died."""
    path = path_of(folder, "ds_2")
    path.parent.mkdir()
    part = path.with_name(f"{path.name}.part")
    part.touch()
    return part


def test_the_sweeper_takes_dead_files_only(tmp_path):
    """A living writer's file stays however old it is, and so does a finished dataset."""
    write(tmp_path)
    dead = half_written(tmp_path)
    with DatasetWriter(path_of(tmp_path, "ds_3"), COLUMNS):
        for path in tmp_path.rglob("*.arrow*"):
            os.utime(path, (0, 0))
        assert tidy_dead(tmp_path) == [dead]
        assert sorted(path.name for path in tmp_path.rglob("*.arrow*")) == ["ds_1.arrow", "ds_3.arrow.part"]


def test_a_newborn_file_is_left_alone(tmp_path):
    """Between its creation and its lock a file looks dead."""
    half_written(tmp_path)
    assert tidy_dead(tmp_path) == []
