"""Blocks whose cells are counted and read in one go; every cell is where it was."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.dataset import Dialect
from service.csv_flat import FEW_TEXTS, LEAST_COLUMNS, SMALL, is_wide, read_flat
from service.csv_options import MISSING_VALUES, CsvLimits, CsvPlan


def plan_of(kinds: str, newline: bytes = b"\n", delimiter: str = ",", decimal: str = ".") -> CsvPlan:
    """A plan for columns written as letters: n for numbers, c for categories."""
    names = tuple(f"c{k}" for k in range(len(kinds)))
    types = tuple("number" if kind == "n" else "category" for kind in kinds)
    dialect, limits = Dialect(delimiter, decimal), CsvLimits(10**6, 10**4, 10**6, 4096)
    return CsvPlan(dialect, names, types, MISSING_VALUES, newline, 0, frozenset(), limits)


@st.composite
def tables(draw):
    """Kinds of the columns, and rows of cells as they stand in a file."""
    kinds = draw(
        st.text(st.sampled_from("nnnc"), min_size=1, max_size=40).filter(
            lambda text: "n" in text and text.count("c") <= FEW_TEXTS
        )
    )
    cells = {"n": st.sampled_from(["1", "-2.5", "", "NA", " 7e3 "]), "c": st.sampled_from(["", "a", "é b", "1"])}
    row = st.tuples(*(cells[kind] for kind in kinds))
    return kinds, draw(st.lists(row, min_size=1, max_size=20).filter(lambda rows: len(kinds) > 1 or any(rows)))


@settings(deadline=None)
@given(table=tables(), line_end=st.sampled_from(["\n", "\r\n", "\r"]), sign=st.sampled_from([",.", ";,", "\t."]))
def test_every_cell_is_where_it_was(table, line_end, sign):
    """Whatever the number of columns and rows, wherever the texts stand."""
    kinds, rows = table
    delimiter, decimal = sign
    written = [[cell.replace(".", decimal) for cell in row] for row in rows]
    data = "".join(delimiter.join(row) + line_end for row in written).encode()
    found = read_flat(data, plan_of(kinds, line_end[-1:].encode(), delimiter, decimal))
    columns = dict(enumerate(zip(*rows, strict=True)))
    numbers = [[_number(cell) for cell in columns[k]] for k, kind in enumerate(kinds) if kind == "n"]
    np.testing.assert_array_equal(found.numbers, numbers)
    assert found.missing == sum(np.isnan(column).sum() for column in numbers)
    assert [text.to_pylist() for text in found.texts] == [list(columns[k]) for k in columns if kinds[k] == "c"]


def _number(cell: str) -> float:
    return float(cell) if cell not in MISSING_VALUES else np.nan


UNREADABLE = {
    "quotes": b'1,"2",3\n',
    "a row too short": b"1,2\n1,2,3\n",
    "a row too long": b"1,2,3,4\n",
    "rows that make up for each other": b"1,2\n1,2,3,4\n",
    "a blank line": b"1,2,3\n\n",
    "another line end": b"1,2,3\r4,5,6\n",
    "neither delimiter nor line end": b"x" * 100,
    "no line end at the end": b"1,2,3\n4,5,6",
}


@pytest.mark.parametrize("data", UNREADABLE.values(), ids=UNREADABLE)
def test_blocks_that_cannot_be_counted_are_left_to_the_ordinary_way(data):
    """Counting needs nothing but delimiters and line ends between cells, as many in each row."""
    assert read_flat(data, plan_of("nnn")) is None


@pytest.mark.parametrize("data", [b"1,x,3\n", b"1,2 3,4\n", b"1,2\x00,3\n", b"1,\xff,3\n", b"1, \xff,3\n"])
def test_cells_that_are_no_numbers_are_refused(data):
    """As pyarrow does with the table as it stands."""
    with pytest.raises(pa.ArrowInvalid):
        read_flat(data, plan_of("nnn"))


def test_a_point_is_no_decimal_comma():
    """Though it would be read as one once the commas are points; in texts it may stand."""
    plan = plan_of("nn", delimiter=";", decimal=",")
    assert read_flat(b"1,5;2\n", plan).numbers.tolist() == [[1.5], [2]]
    with pytest.raises(pa.ArrowInvalid, match="has a point"):
        read_flat(b"1.5;2\n", plan)
    assert read_flat(b"1,5;1.2.2024\n", plan_of("nc", delimiter=";", decimal=",")).numbers.tolist() == [[1.5]]


@pytest.mark.parametrize(
    ("numbers", "texts", "expected"),
    [(LEAST_COLUMNS, 0, True), (LEAST_COLUMNS - 1, 0, False), (1000, 60, True), (1000, 100, False)],
)
def test_only_wide_tables_of_numbers_are_read_flat_whatever_their_size(numbers, texts, expected):
    """Elsewhere it would cost more than it saves."""
    plan = plan_of("n" * numbers + "c" * texts)
    line = b",".join([b"1"] * (numbers + texts)) + b"\n"
    assert is_wide(plan) is expected
    assert (read_flat(line, plan) is not None) is (expected or texts <= FEW_TEXTS)
    assert (read_flat(line * (SMALL // len(line) + 1), plan) is not None) is expected
