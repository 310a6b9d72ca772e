"""Wide tables: their cells in rows of ``WIDTH`` for pyarrow, whose cost for each column outweighs a few hundred cells.

Where no cell is quoted, every delimiter and every line end closes a cell. So the cells can be counted, the few texts
among them taken out, and the numbers read as if they stood in a narrow table, whose cells are then put back in place.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple, TypeAlias, cast

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv

from engine.arrays import FloatArray
from service.csv_options import CsvPlan

Letters: TypeAlias = NDArray[np.uint8]
# Places (n, d) of the bytes that close the cells of n rows.
Ends: TypeAlias = NDArray[np.int64]

LEAST_COLUMNS = 256
MOST_TEXTS = 1 / 16
WIDTH = 16
NAMES = [str(k) for k in range(WIDTH)]
NEWLINE, ZERO = ord("\n"), ord("0")


class RawColumns(NamedTuple):
    """Number columns (k, n) with NaN for missing cells, how many of them are missing, and the text columns.

    The numbers may lie in memory row by row or column by column.
    """

    numbers: FloatArray
    missing: int
    texts: list[Any]


def is_wide(plan: CsvPlan) -> bool:
    """Whether the columns are so many, and the texts among them so few, that folding is worth its while."""
    return len(plan.types) >= LEAST_COLUMNS and plan.types.count("category") <= MOST_TEXTS * len(plan.types)


def read_wide(data: bytes, plan: CsvPlan) -> RawColumns | None:
    """The columns of a block; None where cells are quoted or rows have another width, which this way cannot read.

    Raises ``pyarrow.ArrowInvalid`` for cells of another type.
    """
    other_end = b"\r" if plan.newline == b"\n" else b"\n"
    if other_end in data:
        data = data.replace(b"\r\n", plan.newline)
    letters = np.frombuffer(data, np.uint8)
    ends = None if b'"' in data or other_end in data else _ends(letters, plan)
    if ends is None:
        return None
    is_text = np.array([kind == "category" for kind in plan.types])
    numbers, missing = _unfolded(_folded(letters, ends, is_text, plan), ends[:, ~is_text].shape, plan)
    return RawColumns(numbers, missing, [_text(data, ends, k) for k in np.flatnonzero(is_text).tolist()])


def _ends(letters: Letters, plan: CsvPlan) -> Ends | None:
    width, lines = len(plan.types), letters == ord(plan.newline)
    ends = np.flatnonzero(lines | (letters == ord(plan.dialect.delimiter)))
    if ends.size % width:
        return None
    table = ends.reshape(-1, width)
    even = lines[table[:, -1]].all() and np.count_nonzero(lines) == len(table)
    return table if even else None


def _folded(letters: Letters, ends: Ends, is_text: NDArray[np.bool_], plan: CsvPlan) -> Letters:
    """The cells of the number columns, one after the other, in lines of ``WIDTH``; zeros fill the last one."""
    delimiter, folded = ord(plan.dialect.delimiter), letters.copy()
    closing = ends[:, ~is_text].ravel()
    folded[closing], folded[closing[WIDTH - 1 :: WIDTH]] = delimiter, NEWLINE
    if is_text.any():
        folded = folded[_outside(letters.size, ends, is_text)]
    lacking = -closing.size % WIDTH
    if lacking:
        filling = np.array([ZERO, delimiter] * lacking, np.uint8)
        filling[-1] = NEWLINE
        folded = np.concatenate([folded, filling])
    return folded


def _outside(size: int, ends: Ends, is_text: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which bytes are not of the text columns."""
    kept = np.ones(size, np.bool_)
    for k in np.flatnonzero(is_text).tolist():
        for start, end in _spans(ends, k):
            kept[start : end + 1] = False
    return kept


def _spans(ends: Ends, column: int) -> Iterator[tuple[int, int]]:
    """Where the cells of a column begin and where they are closed."""
    above = np.concatenate([[-1], ends[:-1, -1]])
    starts = (ends[:, column - 1] if column else above) + 1
    return zip(starts.tolist(), ends[:, column].tolist(), strict=True)


def _text(data: bytes, ends: Ends, column: int) -> Any:
    cells = pa.array([data[start:end] for start, end in _spans(ends, column)], pa.binary())
    return cells.cast(pa.string()).dictionary_encode()


def _unfolded(folded: Letters, shape: tuple[int, ...], plan: CsvPlan) -> tuple[FloatArray, int]:
    """Number columns (k, n) for the shape (n, k), and how many cells are missing."""
    table = csv.read_csv(
        cast("Any", pa.BufferReader(pa.py_buffer(cast("Any", folded)))),
        read_options=csv.ReadOptions(column_names=NAMES, use_threads=False, block_size=folded.size + 1),
        parse_options=csv.ParseOptions(delimiter=plan.dialect.delimiter, ignore_empty_lines=False),
        convert_options=csv.ConvertOptions(
            column_types=dict.fromkeys(NAMES, pa.float64()),
            null_values=list(plan.missing),
            decimal_point=plan.dialect.decimal,
        ),
    )
    cells = np.empty((table.num_rows, WIDTH))
    for k, column in enumerate(table.columns):
        cells[:, k] = column.to_numpy()
    rows, columns = shape
    numbers = cells.ravel()[: rows * columns].reshape(rows, columns).T
    return numbers, sum(column.null_count for column in table.columns)
