"""The types of the columns from every cell: for files whose first lines were no good guide to the rest.

A column is a number where half or more of its cells that are not missing are numbers; any other cell is an error then.
"""

from collections.abc import Iterator
from itertools import islice
from typing import IO, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv

from contract.dataset import ColumnType
from contract.errors import MAX_PLACES, CellError, InvalidCsv
from service.csv_blocks import Block, block_size, cut, lines_above
from service.csv_cells import has_long_exponent, is_grouped, is_number, other_decimal
from service.csv_check import Place, check, texts_among_numbers, unreadable
from service.csv_header import as_category
from service.csv_options import CsvPlan
from service.csv_parse import convert_options, read
from service.csv_texts import is_known, is_numeric

Counts = NDArray[np.int64]


class BlockCounts(NamedTuple):
    """Of one block: its rows, and for each column (d,) the cells that are not missing and those that are numbers."""

    rows: int
    known: Counts
    numbers: Counts


def survey(source: IO[bytes], plan: CsvPlan) -> CsvPlan:
    """The plan with types that hold for the whole file; raises ``InvalidCsv`` with code ``not_a_number``."""
    tallies = list(_tallies(source, plan))
    known = np.sum([tally.known for tally in tallies], axis=0)
    numbers = np.sum([tally.numbers for tally in tallies], axis=0)
    types = tuple(
        old if name in plan.forced else _type(count, of)
        for name, old, count, of in zip(plan.names, plan.types, numbers, known, strict=True)
    )
    wrong = [k for k, kind in enumerate(types) if kind == "number" and numbers[k] < known[k]]
    if wrong:
        places = list(islice(_places(source, plan, tallies, wrong), MAX_PLACES))
        raise _not_a_number(places, plan, known, numbers, wrong)
    return plan._replace(types=types)


def _type(numbers: int, known: int) -> ColumnType:
    return "number" if 2 * numbers >= known else "category"


def _tallies(source: IO[bytes], plan: CsvPlan) -> Iterator[BlockCounts]:
    numbers: list[ColumnType] = ["number"] * len(plan.names)
    texts = plan._replace(types=tuple(numbers))
    convert, rows = convert_options(texts, as_text=True), 0
    for block in cut(source, plan, block_size(len(plan.names))):
        try:
            tally = _tally(block, texts, convert)
        except pa.ArrowInvalid as error:
            place = Place(rows, lines_above(source, block.offset, plan.newline))
            check(block, place, plan, numbers=False)
            raise unreadable(place) from error
        yield tally
        rows += tally.rows


def _tally(block: Block, plan: CsvPlan, convert: csv.ConvertOptions) -> BlockCounts:
    columns = read(block.data, plan, convert)
    cells, shape = pa.concat_arrays(columns), (len(columns), len(columns[0]))
    known = is_known(cells, plan)
    numbers = is_numeric(cells, plan) & known
    return BlockCounts(shape[1], known.reshape(shape).sum(axis=1), numbers.reshape(shape).sum(axis=1))


def _places(source: IO[bytes], plan: CsvPlan, tallies: list[BlockCounts], wrong: list[int]) -> Iterator[CellError]:
    """The cells of the wrong columns that are no numbers, from top to bottom."""
    rows = 0
    for block, tally in zip(cut(source, plan, block_size(len(plan.names))), tallies, strict=True):
        if (tally.numbers[wrong] < tally.known[wrong]).any():
            place = Place(rows, lines_above(source, block.offset, plan.newline))
            yield from texts_among_numbers(block, place, plan, wrong)
        rows += tally.rows


def _not_a_number(
    places: list[CellError], plan: CsvPlan, known: Counts, numbers: Counts, wrong: list[int]
) -> InvalidCsv:
    first = places[0]
    column = plan.names.index(first.column or "")
    bad, more = known[column] - numbers[column], int((known - numbers)[wrong].sum()) - len(places)
    alike = f"{bad} of the column's {known[column]} cells are none" if bad > 1 else "all others of the column are"
    rest = f" {more} more such cells are not listed." if more > 0 else ""
    return InvalidCsv("not_a_number", f"{first.detail[:-1]}; {alike}. {_cure(first, plan)}{rest}", places)


def _cure(place: CellError, plan: CsvPlan) -> str:
    value, other = place.value or "", other_decimal(plan.dialect.decimal)
    if place.row == 1 and not plan.dialect.header:
        return "Does the first line hold the names of the columns? Then send header=true, or leave header out."
    if is_number(value, other):
        return f"Is {value!r} a number with a decimal {'comma' if other == ',' else 'point'}? Try decimal={other!r}."
    if has_long_exponent(value):
        return "An exponent has at most three digits."
    if is_grouped(value):
        return f"Write numbers without thousands separators; the decimal sign is {plan.dialect.decimal!r}."
    if place.column in plan.forced:
        return "Correct the cells, or name such values in missing_values."
    option = as_category(place.column or "")
    return f"Correct the cells, name such values in missing_values, or send {option} to read the column as categories."
