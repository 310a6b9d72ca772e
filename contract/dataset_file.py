"""The cells of a dataset: one Arrow IPC file, written once while the CSV is read and memory-mapped by the workers.

Numbers are float64 with NaN for a missing cell, without a validity bitmap. Categories are int32 codes in order of
first appearance with -1 for a missing cell. An Arrow file refuses dictionaries that grow, and the levels are known only
at the end: they are the metadata of a last, empty record batch, so that cells and levels appear under the dataset's
name at the same moment.
"""

import fcntl
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from io import BufferedWriter
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from contract.dataset import KEPT_LEVELS, ColumnType
from contract.errors import InputCorrupt
from contract.folders import older, place_of
from engine.pieces import Pieces, pieces
from engine.table import CategoryColumn, Column, NumberColumn

LEVELS = b"thalweg.levels"
WRITTEN = b"thalweg.written"
PART = ".part"
NEWBORN = 60.0
BUFFER = 1 << 18
TYPES: Mapping[ColumnType, pa.DataType] = {"number": pa.float64(), "category": pa.int32()}


class DatasetWriter:
    """A dataset file while it is written: under a temporary name, and locked so that who tidies up knows that it lives.

    As a context manager it leaves no file behind unless ``finish`` was called, which is the last thing to do with it.
    """

    def __init__(self, path: Path, columns: Mapping[str, ColumnType]) -> None:
        self._path, self._part = path, path.with_name(path.name + PART)
        self._kinds = tuple(columns.values())
        self._schema = pa.schema([pa.field(name, TYPES[kind], nullable=False) for name, kind in columns.items()])
        self._file = _opened(self._part)
        fcntl.flock(self._file, fcntl.LOCK_EX)
        # A file of many columns is written in many small pieces.
        self._sink = pa.BufferedOutputStream(pa.PythonFile(self._file, "w"), BUFFER)
        self._writer = pa.ipc.new_file(self._sink, self._schema)
        self._finished = False

    def write(self, numbers: NDArray[np.float64], codes: Sequence[NDArray[np.int32]]) -> None:
        """Append rows: the number columns (k, n), and an array (n,) for each category, in the order of the columns."""
        # A slice of an Arrow array costs half as much as an array of its own.
        cells, rows = pa.array(numbers.ravel()), numbers.shape[1]
        floats, categories = (cells.slice(k * rows, rows) for k in range(len(numbers))), map(pa.array, codes)
        columns = [next(floats if kind == "number" else categories) for kind in self._kinds]
        self._writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=self._schema))

    def finish(self, levels: Mapping[str, Sequence[str] | None], written: Mapping[str, Any] | None = None) -> None:
        """Add the levels of the categories, None where they are too many to be kept, and put the file in its place.

        written: the dialect of the CSV with its missing values, for programs that are to read such files again.
        """
        empty = {kind: pa.array([], kind) for kind in TYPES.values()}
        none = pa.RecordBatch.from_arrays([empty[kind] for kind in self._schema.types], schema=self._schema)
        text = json.dumps(levels, ensure_ascii=False).encode()
        self._writer.write_batch(none, custom_metadata={LEVELS: text, WRITTEN: json.dumps(written).encode()})
        self._writer.close()
        self._sink.flush()  # pyarrow's bytes to Python's file
        self._file.flush()  # and those to the system
        # Before the lock goes: who tidies up would take an unlocked file for a dead one.
        self._part.rename(self._path)
        self._finished = True

    def __enter__(self) -> "DatasetWriter":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        try:
            for opened in (self._sink, self._file):
                with suppress(OSError):  # on a full disk closing fails like writing did
                    opened.close()
        finally:
            if not self._finished:
                self._part.unlink(missing_ok=True)


def _opened(path: Path) -> BufferedWriter:
    try:
        return path.open("wb")
    except FileNotFoundError:  # most folders are there already
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("wb")


class MappedColumns(Mapping[str, Column]):
    """Columns of a memory-mapped dataset file, in the pieces in which the file holds them: nothing is copied.

    written: how the CSV was, None where nobody said it.
    """

    def __init__(self, path: Path, names: Sequence[str]) -> None:
        # One buffer over the whole map: read as a file, each piece would take a turn in pyarrow's thread pool.
        reader = pa.ipc.open_file(pa.BufferReader(pa.memory_map(str(path)).read_buffer()))
        count = reader.num_record_batches - 1
        told = reader.get_batch_with_custom_metadata(count).custom_metadata
        self._levels = json.loads(told[LEVELS])
        self.written: dict[str, Any] | None = json.loads(told.get(WRITTEN, b"null"))
        self._batches = [reader.get_batch(k) for k in range(count)]
        self._places = {name: reader.schema.get_field_index(name) for name in names}
        if -1 in self._places.values():
            raise KeyError(f"no column {[name for name, at in self._places.items() if at < 0]}")

    def pieces(self, name: str) -> Iterator[NDArray[Any]]:
        """The cells of a column as the file holds them, piece by piece, each without a copy."""
        return (batch.column(self._places[name]).to_numpy() for batch in self._batches)

    def __getitem__(self, name: str) -> Column:
        found = list(self.pieces(name))
        cells = found[0] if len(found) == 1 else pieces(found)
        return _category(name, cells, self._levels[name]) if name in self._levels else NumberColumn(cells)

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


def path_of(folder: Path, dataset_id: str) -> Path:
    """Where the cells of a dataset are."""
    return place_of(folder, f"{dataset_id}.arrow")


def read_columns(folder: Path, dataset_id: str, names: Sequence[str]) -> MappedColumns:
    """Columns by name; the levels of categories are in order of first appearance.

    Raises ``InputCorrupt`` when the file is gone or damaged or holds no such columns.
    """
    try:
        return MappedColumns(path_of(folder, dataset_id), names)
    except KeyError as error:
        raise InputCorrupt(f"The file of dataset {dataset_id} has {error.args[0]}; upload it again.") from error
    except (OSError, pa.ArrowException, TypeError, ValueError) as error:
        # Their texts say where the file is, which is nobody's business who asks from outside.
        raise InputCorrupt(f"The file of dataset {dataset_id} cannot be read; upload it again.") from error


def remove(folder: Path, dataset_id: str) -> None:
    """Delete the cells; workers that have the file mapped keep reading it."""
    path_of(folder, dataset_id).unlink(missing_ok=True)


def tidy_dead(folder: Path) -> list[Path]:
    """Delete half-written files whose writer has died; answers which. One younger than a minute may be unlocked yet."""
    return [path for path in older(folder, f"*/*{PART}", NEWBORN) if _delete_if_dead(path)]


def old_datasets(folder: Path, age: float) -> list[str]:
    """Ids of the dataset files that were written more than ``age`` seconds ago."""
    return [path.stem for path in older(folder, "*/*.arrow", age)]


def _delete_if_dead(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()
    except (BlockingIOError, FileNotFoundError):  # its writer lives, or has put it in its place meanwhile
        return False
    return True


def _category(name: str, codes: NDArray[np.int32] | Pieces[np.int32], levels: Sequence[str] | None) -> CategoryColumn:
    if levels is None:
        raise InputCorrupt(f"Column {name!r} has more than {KEPT_LEVELS} categories; they are not kept. Leave it out.")
    return CategoryColumn(codes, tuple(levels))
