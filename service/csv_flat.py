"""Blocks whose cells can be counted: all of them in one Arrow array, made of the block's own bytes.

Each call of pyarrow's CSV reader takes a turn in another thread, and each column of a block a fixed time: more than the
work on a small block, or on a few hundred cells of a column. Where no cell is quoted, every delimiter and every line
end closes a cell: then the cells are cut by NumPy and turned into numbers in one go.
"""

from typing import Any, NamedTuple, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from engine.arrays import FloatArray
from service.csv_cells import BLANKS
from service.csv_options import CsvPlan
from service.csv_texts import Array, Marks

# Blocks up to so many bytes with so few texts, and tables of so many columns, are read quicker this way.
SMALL, FEW_TEXTS = 1 << 16, 8
LEAST_COLUMNS, MOST_TEXTS = 256, 1 / 16


class RawColumns(NamedTuple):
    """Number columns (k, n) with NaN for missing cells, how many of them are missing, and the text columns.

    The numbers may lie in memory row by row or column by column.
    """

    numbers: FloatArray
    missing: int
    texts: list[Any]


def is_wide(plan: CsvPlan) -> bool:
    """Whether the columns are so many, and the texts among them so few, that blocks of any size are read this way."""
    return len(plan.types) >= LEAST_COLUMNS and plan.types.count("category") <= MOST_TEXTS * len(plan.types)


def read_flat(data: bytes, plan: CsvPlan) -> RawColumns | None:
    """The columns of a block; None where this way does not pay, or where its cells cannot be told apart by counting.

    Raises ``pyarrow.ArrowInvalid`` for cells of another type.
    """
    wide = is_wide(plan)
    cells = _cells(data, plan) if wide or _is_small(data, plan) else None
    if cells is None:
        return None
    width, is_text = len(plan.types), np.array([kind == "category" for kind in plan.types])
    places = np.arange(len(cells)).reshape(-1, width) if is_text.any() else None
    numbers = cells if places is None else cells.take(places[:, ~is_text].ravel())
    values, missing = _values(numbers, _has_blanks(data, plan), plan)
    texts = [] if places is None else [_words(cells.take(places[:, k])) for k in np.flatnonzero(is_text)]
    columns = values.reshape(len(cells) // width, -1).T
    # Column by column NumPy adds in pairs, which is more exact; in a wide block the copy would cost more than the sums.
    return RawColumns(columns if wide else np.ascontiguousarray(columns), missing, texts)


def _is_small(data: bytes, plan: CsvPlan) -> bool:
    return len(data) <= SMALL and plan.types.count("category") <= FEW_TEXTS


def _cells(data: bytes, plan: CsvPlan) -> "Array | None":
    """The cells, row after row, as they stand; None where one is quoted, lines end otherwise or have another width."""
    other_end = b"\r" if plan.newline == b"\n" else b"\n"
    if other_end in data:
        data = data.replace(b"\r\n", plan.newline)
    if b'"' in data or other_end in data or not data.endswith(plan.newline):
        return None
    letters, width = np.frombuffer(data, np.uint8), len(plan.types)
    is_line_end = letters == ord(plan.newline)
    closes = is_line_end | (letters == ord(plan.dialect.delimiter))
    ends = np.flatnonzero(closes)
    if ends.size % width or not _even(is_line_end[ends].reshape(-1, width)):
        return None
    offsets = np.zeros(ends.size + 1, np.int32)
    offsets[1:] = ends - np.arange(ends.size)
    buffers = [None, pa.py_buffer(cast("Any", offsets)), pa.py_buffer(cast("Any", letters[~closes]))]
    return cast("Array", pa.Array.from_buffers(pa.string(), ends.size, buffers))


def _even(line_ends: Marks) -> bool:
    """Whether the last cell of each row, and no other, is closed by a line end."""
    return bool(line_ends[:, -1].all()) and int(np.count_nonzero(line_ends)) == len(line_ends)


def _has_blanks(data: bytes, plan: CsvPlan) -> bool:
    return any(blank.encode() in data for blank in BLANKS if blank != plan.dialect.delimiter)


def _values(cells: Array, blanks: bool, plan: CsvPlan) -> tuple[FloatArray, int]:
    """Texts (n,) as numbers, NaN for missing cells, and how many of them are missing."""
    missing = pc.is_in(cells, value_set=pa.array(plan.missing, pa.string()))
    known: Any = pc.if_else(missing, None, cells) if missing.true_count else cells
    if blanks:  # which may stand around numbers, but not around missing values: that takes a second look
        known = pc.ascii_trim(known, BLANKS)
    if plan.dialect.decimal != ".":
        known = _with_points(known, plan.dialect.decimal)
    numbers = known.cast(pa.float64())
    return np.asarray(numbers.to_numpy(zero_copy_only=False), np.float64), numbers.null_count


def _with_points(numbers: Any, decimal: str) -> Any:
    """Numbers with a point for their decimal sign; raises ``pyarrow.ArrowInvalid`` where one has a point already."""
    if pc.any(pc.match_substring(numbers, ".")).as_py():
        raise pa.ArrowInvalid(f"A number has a point where the decimal sign is {decimal!r}.")
    return pc.replace_substring(numbers, decimal, ".")


def _words(cells: Array) -> Any:
    cells.validate(full=True)
    return cells.dictionary_encode()
