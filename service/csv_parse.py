"""One block of a CSV to columns, by pyarrow with explicit types.

pyarrow accepts more than a dataset may hold: ``inf``, blank lines (as rows of missing cells), quotes that never close,
control characters, cells and lines of any length. Each of these leaves a trace that is cheap to look for; a block with
such a trace is ``doubtful`` and goes through the careful pass (``csv_check``), which may still find it good.
"""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from engine.arrays import FloatArray
from service.csv_blocks import Block
from service.csv_flat import RawColumns, read_flat
from service.csv_moments import Moments, moments
from service.csv_options import CsvPlan
from service.csv_quotes import regular
from service.csv_texts import Array, Texts, read_texts, trimmed

LONG_EXPONENT = re.compile(rb"[eE][+-]?[0-9]{4}")
BLANK_LINE = re.compile(rb"(?:\A|\n)[\r\n]|\r\r")


class Parsed(NamedTuple):
    """The rows of a block: number columns (k, n) with NaN for missing cells, their moments, and category columns.

    ``doubtful`` says whether records or texts need a careful look, ``exact`` whether every number is finite and none is
    a zero made of an exponent beyond the grammar.
    """

    rows: int
    numbers: FloatArray
    moments: Moments
    texts: list[Texts]
    doubtful: bool
    exact: bool


def convert_options(plan: CsvPlan, *, as_text: bool = False) -> csv.ConvertOptions:
    """Explicit types for every column; made once for a file. ``as_text`` reads the numbers as they stand."""
    kinds = {"number": pa.string() if as_text else pa.float64(), "category": pa.dictionary(pa.int32(), pa.string())}
    return csv.ConvertOptions(
        column_types={name: kinds[kind] for name, kind in zip(plan.names, plan.types, strict=True)},
        null_values=list(plan.missing),
        strings_can_be_null=True,
        decimal_point=plan.dialect.decimal,
    )


def parse(block: Block, plan: CsvPlan, convert: csv.ConvertOptions) -> Parsed | None:
    """The columns of a block; None where rows have another width or cells are of another type."""
    try:
        flat = read_flat(block.data, plan)
        return _parsed(block, flat, plan) if flat else _parse_table(block, plan, convert)
    except pa.ArrowInvalid:
        return None


def parse_patiently(block: Block, plan: CsvPlan, convert: csv.ConvertOptions) -> Parsed | None:
    """As ``parse``, also where blanks stand around a missing value, as in ``1, NA, 3``: text for pyarrow."""
    try:
        return parse(block, plan, convert) or _parse_table(block, plan, convert_options(plan, as_text=True))
    except pa.ArrowInvalid:
        return None


def _parse_table(block: Block, plan: CsvPlan, convert: csv.ConvertOptions) -> Parsed:
    columns = [_cast(column, plan) for column in read(block.data, plan, convert)]
    numbers, missing = _numbers(
        [c for c, kind in zip(columns, plan.types, strict=True) if kind == "number"], len(columns[0])
    )
    texts = [c for c, kind in zip(columns, plan.types, strict=True) if kind == "category"]
    found = _parsed(block, RawColumns(numbers, missing, texts), plan)
    return found._replace(doubtful=True) if _blank_line(block.data, columns) else found


def _parsed(block: Block, cells: RawColumns, plan: CsvPlan) -> Parsed:
    numbers, missing, _ = cells
    texts, strange = read_texts(cells.texts, plan)
    found = moments(numbers)
    doubtful = strange or not regular(block.data, plan.dialect.delimiter) or too_long(block.data, plan)
    # NaN beyond the missing cells was written as such.
    finite = found.finite() and int(found.cells.sum()) == numbers.size - missing
    exact = finite and not ((numbers == 0).any() and _long_exponent(block.data))
    # Of a wide block, moments are quicker row by row, and the dataset file wants columns.
    return Parsed(numbers.shape[1], np.ascontiguousarray(numbers), found, texts, doubtful, exact)


def read(data: bytes, plan: CsvPlan, convert: csv.ConvertOptions) -> list[Array]:
    """The columns of some records, each in one piece; raises ``pyarrow.ArrowInvalid``."""
    table = csv.read_csv(
        cast("Any", pa.BufferReader(data)),
        read_options=csv.ReadOptions(column_names=list(plan.names), use_threads=False, block_size=len(data) + 1),
        parse_options=csv.ParseOptions(delimiter=plan.dialect.delimiter, ignore_empty_lines=False),
        convert_options=convert,
    )
    return [column.chunk(0) for column in cast("list[Any]", table.columns)]


def too_long(data: bytes, plan: CsvPlan) -> bool:
    """Whether a line or a cell may be longer than allowed: leaps of that length must find an end to stand on."""
    ends = (plan.dialect.delimiter.encode(), plan.newline)
    return leaps_fail(data, plan.limits.line, ends[1:]) or leaps_fail(data, plan.limits.cell, ends)


def leaps_fail(data: bytes, length: int, ends: Sequence[bytes]) -> bool:
    """Whether more than ``length`` bytes may stand between two ends; where it is False, none do."""
    at = 0
    while len(data) - at > length:
        found = next((place for end in ends if (place := data.rfind(end, at, at + length + 1)) >= 0), None)
        if found is None:
            return True
        at = found + 1
    return False


def _long_exponent(data: bytes) -> bool:
    """Whether there may be a number such as 1e-1000, which pyarrow reads as zero."""
    return (b"e" in data or b"E" in data) and LONG_EXPONENT.search(data) is not None


def _blank_line(data: bytes, columns: Sequence[Array]) -> bool:
    """Whether there may be a blank line, which pyarrow reads as a row of missing cells."""
    if len(columns) == 1 or not all(column.null_count for column in columns) or not BLANK_LINE.search(data):
        return False
    empty = np.ones(len(columns[0]), np.bool_)
    for column in columns:
        empty &= column.is_null().to_numpy(zero_copy_only=False)
    return bool(empty.any())


def _cast(column: Array, plan: CsvPlan) -> Array:
    """Numbers that were read as text; raises ``pyarrow.ArrowInvalid``."""
    if column.type != pa.string():
        return column
    bare = cast("pa.StringArray", trimmed(column, plan))
    return cast("Array", pc.replace_substring(bare, plan.dialect.decimal, ".").cast(pa.float64()))


def _numbers(columns: Sequence[Array], rows: int) -> tuple[FloatArray, int]:
    """Number columns as (k, n) and how many of their cells are missing."""
    values = np.empty((len(columns), rows))
    for k, column in enumerate(columns):
        values[k] = column.to_numpy(zero_copy_only=False)
    return values, sum(column.null_count for column in columns)
