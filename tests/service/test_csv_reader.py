"""A CSV becomes a dataset file whose cells are those of the CSV, or is refused with the place and the cure."""

import csv
import io
import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.dataset import Dialect
from contract.dataset_file import path_of, read_columns
from contract.errors import InvalidCsv, UnsupportedMedia
from engine.table import CategoryColumn, NumberColumn
from service import csv_blocks, csv_flat
from service.csv_options import MISSING_VALUES, CsvLimits, CsvOptions
from service.csv_reader import ParsedCsv, read_csv
from tests.support.bad_csv import BAD
from tests.support.processes import ROOT

LIMITS = CsvLimits(rows=1_000_000, columns=1000, line=4 << 20, cell=4096)


@pytest.fixture(params=["as a table", "flat"])
def either_way(request, monkeypatch):
    """Both ways of reading blocks; by themselves only large ones are read as a table."""
    if request.param == "as a table":
        read_tables(monkeypatch)


def read_tables(patch: pytest.MonkeyPatch) -> None:
    """Leave blocks of any size to pyarrow's reader."""
    patch.setattr(csv_flat, "SMALL", 0)


def read(folder: Path, data: bytes, limits: CsvLimits = LIMITS, **options: object) -> ParsedCsv:
    return read_csv(io.BytesIO(data), CsvOptions(**options), limits, path_of(folder, "ds"))


def cells(folder: Path, parsed: ParsedCsv) -> dict[str, list[object]]:
    """Every column as a list; None for a missing cell."""
    table = read_columns(folder, "ds", [column.name for column in parsed.columns])
    return {name: _listed(column) for name, column in table.items()}


def _listed(column: NumberColumn | CategoryColumn) -> list[object]:
    if isinstance(column, NumberColumn):
        return [None if np.isnan(x) else x for x in column.values[:].tolist()]
    return [None if code < 0 else column.levels[code] for code in column.codes[:]]


GOOD = {
    "comma": (b"a,b\n1,x\n2,y\n", {"a": [1, 2], "b": ["x", "y"]}),
    "semicolon and decimal comma": (b"a;b\n1,5;x\n-2,25;y\n", {"a": [1.5, -2.25], "b": ["x", "y"]}),
    "semicolon, decimal comma, no header": (b"1,5;2,5\n3,5;4,5\n", {"c1": [1.5, 3.5], "c2": [2.5, 4.5]}),
    "semicolon and decimal point": (b"a;b\n1.5;2\n", {"a": [1.5], "b": [2]}),
    "tab": (b"a\tb\n1\t2\n", {"a": [1], "b": [2]}),
    "bar": (b"a|b\n1|2,5\n", {"a": [1], "b": [2.5]}),
    "no header": (b"1,2\n3,4\n", {"c1": [1, 3], "c2": [2, 4]}),
    "BOM": (b"\xef\xbb\xbfa,b\n1,2\n", {"a": [1], "b": [2]}),
    "CRLF": (b"a,b\r\n1,x\r\n", {"a": [1], "b": ["x"]}),
    "CR": (b"a,b\r1,x\r2,y\r", {"a": [1, 2], "b": ["x", "y"]}),
    "mixed line ends": (b"a,b\r\n1,x\n2,y\r\n", {"a": [1, 2], "b": ["x", "y"]}),
    "no line end at the end": (b"a,b\n1,2", {"a": [1], "b": [2]}),
    "blank lines at the end": (b"a,b\n1,2\n\n\r\n\n", {"a": [1], "b": [2]}),
    "quoted header": (b'"a ""x""","c, d"\n1,2\n', {'a "x"': [1], "c, d": [2]}),
    "missing categories with blanks around": (b"a, b\n1, NA\n 2 ,  \n3, x\n", {"b": [None, None, " x"]}),
    "quoted line end": (b'a,b\n1,"x\ny"\n2,z\n', {"a": [1, 2], "b": ["x\ny", "z"]}),
    "doubled quotes": (b'a,b\n1,"x ""y"""\n2,z\n', {"a": [1, 2], "b": ['x "y"', "z"]}),
    "stray quotes": (b'a,b\n1,5" pipe\n2,z\n3,6" pipe\n4,7" pipe\n', {"b": ['5" pipe', "z", '6" pipe', '7" pipe']}),
    "missing numbers": (b"a,b\n,1\nNA,2\nN/A,3\nNaN,4\nnan,5\nnull,6\n#N/A,7\n8,8\n", {"a": [*[None] * 7, 8]}),
    "missing categories": (b"a,b\nx,1\n,2\nNA,3\n", {"a": ["x", None, None]}),
    "missing with blanks around": (b"a,b\n1, NA\n 2 ,  \n3, 4\n", {"a": [1, 2, 3], "b": [None, None, 4]}),
    "all missing": (b"a,b\n,1\n,2\n", {"a": [None, None]}),
    "forms of numbers": (b"a,b\n+1,1\n.5,1\n1.,1\n1E+5,1\n-1e-3,1\n", {"a": [1, 0.5, 1, 1e5, -1e-3]}),
    "underflow": (b"a,b\n1e-400,1\n", {"a": [0]}),
    "one column with a gap": (b"a\n1\n\n3\n", {"a": [1, None, 3]}),
    "few numbers are categories": (b"a,b\nx,1\n1,2\ny,3\n", {"a": ["x", "1", "y"]}),
    "hash is no comment": (b"a,b\n#3,4\n", {"a": ["#3"], "b": [4]}),
    "formula is text": (b"a,b\n=cmd|'/C calc'!A0,4\n", {"a": ["=cmd|'/C calc'!A0"]}),
    "nul is a name like any other": (b"a,null\n1,2\n", {"null": [2]}),
}


@pytest.mark.usefixtures("either_way")
@pytest.mark.parametrize(("data", "expected"), GOOD.values(), ids=GOOD)
def test_good_input_keeps_its_cells(tmp_path, data, expected):
    """What a person would read in the file is what the workers read."""
    found = cells(tmp_path, read(tmp_path, data))
    assert {name: found[name] for name in expected} == expected


@pytest.mark.parametrize("columns", [2, 300])
def test_a_line_that_never_ends_is_too_long(tmp_path, columns):
    """Also where neither a delimiter nor a line end is left to count cells by."""
    data = ",".join(f"c{k}" for k in range(columns)).encode() + b"\n" + b"x" * 60_000
    with pytest.raises(InvalidCsv) as caught:
        read(tmp_path, data, LIMITS._replace(line=20_000))
    assert caught.value.code == "line_too_long"
    assert list(tmp_path.rglob("*.arrow*")) == []


EMPTY = {
    "0 bytes": (b"", "empty_dataset"),
    "only BOM": (b"\xef\xbb\xbf", "empty_dataset"),
    "only line ends": (b"\n\n", "empty_dataset"),
    "only header": (b"a,b\n", "empty_dataset"),
}


@pytest.mark.usefixtures("either_way")
@pytest.mark.parametrize(("data", "code"), [*EMPTY.values(), *BAD.values()], ids=[*EMPTY, *BAD])
def test_bad_input_is_refused_and_leaves_no_file(tmp_path, data, code):
    """Each kind of bad file has its code, and nothing of it stays in the folder."""
    with pytest.raises(InvalidCsv) as caught:
        read(tmp_path, data)
    assert caught.value.code == code
    assert list(tmp_path.rglob("*.arrow*")) == []


@pytest.mark.parametrize("magic", [b"PK\x03\x04", b"%PDF-1.7", b"\x1f\x8b"], ids=["zip", "pdf", "gzip"])
def test_other_formats_are_no_csv(tmp_path, magic):
    """A workbook that is called .csv is refused for what it is."""
    with pytest.raises(UnsupportedMedia) as caught:
        read(tmp_path, magic + bytes(100))
    assert caught.value.code == "not_csv"


@pytest.mark.parametrize("header", [True, False], ids=["names", "no names"])
@pytest.mark.parametrize("decimal", [".", ","], ids=["point", "comma"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_options_say_what_is_found_without_them(tmp_path, delimiter, decimal, header):
    """Each option alone and all together; only decimal commas beside commas between the cells have to be said."""
    rows = [["a", "b"]] * header + [["1.5", "20"], ["-2.25", "10"]]
    quote = '"' if delimiter == decimal else ""
    lines = [delimiter.join(quote + cell.replace(".", decimal) + quote for cell in row) for row in rows]
    said = {"delimiter": delimiter, "decimal": decimal, "header": header}
    for some in (names for count in range(4) for names in combinations(said, count)):
        if quote and "decimal" not in some:
            continue
        parsed = read(tmp_path, "\n".join(lines).encode(), **{name: said[name] for name in some})
        assert parsed.dialect == Dialect(delimiter, decimal, header)
        assert list(cells(tmp_path, parsed).values()) == [[1.5, -2.25], [20, 10]]


def test_options_override_what_the_file_looks_like(tmp_path):
    """Types, header and missing values do as they are told."""
    parsed = read(tmp_path, b"1,x\n-,y\n", header=False, types={"c1": "category"}, missing_values=("-",))
    assert cells(tmp_path, parsed) == {"c1": ["1", None], "c2": ["x", "y"]}


def test_errors_carry_row_line_column_and_value(tmp_path):
    """Row 1 is the first below the header; lines count quoted line ends too."""
    data = b'a,b\n"x\ny",1\nz,2\nz,12 EUR\nz,3\n'
    with pytest.raises(InvalidCsv) as caught:
        read(tmp_path, data)
    (error,) = caught.value.errors
    assert (error.row, error.line, error.column, error.value) == (3, 5, "b", "12 EUR")


def test_the_first_twenty_wrong_cells_are_listed_and_the_others_counted(tmp_path):
    """A person sees where to look and how bad it is, and is told of decimal commas."""
    data = b"a;b\n" + b"1;2.5\n" * 60 + b"1;2,5\n" * 30
    with pytest.raises(InvalidCsv, match=r"30 of the column's 90 cells.*decimal=','.*10 more") as caught:
        read(tmp_path, data)
    assert [error.row for error in caught.value.errors] == list(range(61, 81))


def test_a_late_text_in_a_numeric_column_is_found_in_the_last_block(tmp_path, monkeypatch):
    """Types hold for the whole file: the row is right though the cell is many blocks away from the first."""
    monkeypatch.setattr(csv_blocks, "BLOCK", 1000)
    data = b"a,b\n" + b"1,2\n" * 5000 + b"x,2\n"
    with pytest.raises(InvalidCsv) as caught:
        read(tmp_path, data)
    assert (caught.value.errors[0].row, caught.value.errors[0].line) == (5001, 5002)


LATE = {
    "texts after numbers": (b"1,2\n" * 200 + b"x,2\n" * 300, "category"),
    "numbers after texts": (b"x,2\n" * 100 + b"1,2\n" * 50, "category"),
    "no cell at first": (b",2\n" * 200 + b"x,2\n", "category"),
}


@pytest.mark.parametrize(("rows", "kind"), LATE.values(), ids=LATE)
def test_the_type_comes_from_every_cell_and_not_from_the_first_block(tmp_path, monkeypatch, rows, kind):
    """A column with fewer numbers than half is a category wherever its texts stand."""
    monkeypatch.setattr(csv_blocks, "BLOCK", 100)
    parsed = read(tmp_path, b"a,b\n" + rows)
    assert parsed.columns[0].type == kind
    assert cells(tmp_path, parsed)["a"] == [row.split(b",")[0].decode() or None for row in rows.split()]


def test_a_category_that_turns_out_to_be_mostly_numbers_is_refused(tmp_path, monkeypatch):
    """Half of the cells or more are numbers: the texts at the top are the errors."""
    monkeypatch.setattr(csv_blocks, "BLOCK", 100)
    with pytest.raises(InvalidCsv) as caught:
        read(tmp_path, b"a,b\n" + b"x,2\n" * 100 + b"1,2\n" * 200)
    assert caught.value.code == "not_a_number"
    assert caught.value.errors[0].row == 1


def test_a_stray_quote_does_not_hide_the_records_below_it(tmp_path, monkeypatch):
    """After an odd quote no line end has an even number of quotes before it; every row is read all the same."""
    monkeypatch.setattr(csv_blocks, "BLOCK", 1000)
    parsed = read(tmp_path, b'a,b\n5" pipe,0\n' + b'"x, y",1\n' * 9000)
    assert parsed.rows == 9001
    assert parsed.columns[0].categories == ('5" pipe', "x, y")


def test_summaries_are_those_of_all_cells(tmp_path, monkeypatch):
    """Moments joined over many blocks equal NumPy's of the whole column."""
    monkeypatch.setattr(csv_blocks, "BLOCK", 500)
    values = np.random.default_rng(0).normal(1e6, 1.0, (1000, 2)).round(3)
    values[::7, 1] = np.nan
    lines = [",".join("" if np.isnan(x) else repr(x) for x in row) for row in values.tolist()]
    parsed = read(tmp_path, "\n".join(["a,b", *lines]).encode())
    for column, expected in zip(parsed.columns, values.T, strict=True):
        assert column.missing == np.isnan(expected).sum()
        figures = [np.nanmin(expected), np.nanmax(expected), np.nanmean(expected), np.nanstd(expected)]
        assert [column.min, column.max, column.mean, column.std] == pytest.approx(figures, rel=1e-9)


def test_figures_that_overflow_are_left_out(tmp_path):
    """Cells of 1e308 are numbers; their sum is none, and JSON has no infinity."""
    parsed = read(tmp_path, b"a,b\n1e308,1\n1e308,2\n1e308,3\n")
    assert (parsed.columns[0].max, parsed.columns[0].mean) == (1e308, None)


def test_categories_are_in_code_point_order(tmp_path):
    """The order of appearance in the file does not matter."""
    parsed = read(tmp_path, "a,b\nz,1\nä,2\nA,3\nz,4\n".encode())
    assert parsed.columns[0].categories == ("A", "z", "ä")
    assert cells(tmp_path, parsed)["a"] == ["z", "ä", "A", "z"]


def test_a_column_of_ids_is_counted_and_not_kept(tmp_path):
    """Memory stays flat with as many levels as rows; the other columns can be used."""
    parsed = read(tmp_path, b"id,b\n" + b"".join(b"id%d,%d\n" % (k, k) for k in range(3000)))
    assert (parsed.columns[0].categories, parsed.columns[0].levels) == ((), 1001)
    assert [warning["code"] for warning in parsed.warnings] == ["many_categories"]
    assert read_columns(tmp_path, "ds", ["b"])["b"].values[:][-1] == 2999


STYLES = [
    {"lineterminator": "\n", "quoting": csv.QUOTE_MINIMAL},
    {"lineterminator": "\r\n", "quoting": csv.QUOTE_MINIMAL},
    {"lineterminator": "\n", "quoting": csv.QUOTE_ALL},
    {"lineterminator": "\r", "quoting": csv.QUOTE_ALL},
]


@st.composite
def tables(draw):
    """Rows of number and text cells, with everything in the texts that needs quotes."""
    text = st.text(st.sampled_from('ab ,;"\n\t|é'), min_size=1, max_size=5).map(lambda word: f"w{word}")
    number = st.floats(allow_nan=False, allow_infinity=False).map(repr)
    return draw(st.lists(st.tuples(number, text, st.one_of(number, st.just(""))), min_size=1, max_size=30))


@settings(deadline=None)
@given(rows=tables(), style=st.sampled_from(STYLES), block=st.integers(30, 300), table=st.booleans())
def test_what_the_standard_library_writes_is_read_back(tmp_path_factory, rows, style, block, table):
    """Whatever stands in the cells and wherever blocks are cut, the cells come back."""
    folder, out = tmp_path_factory.mktemp("csv"), io.StringIO(newline="")
    csv.writer(out, **style).writerows([("x", "word", "y"), *rows])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_blocks, "BLOCK", block)
        if table:
            read_tables(patch)
        parsed = read(
            folder, out.getvalue().encode(), delimiter=",", types={"x": "number", "y": "number", "word": "category"}
        )
    found = cells(folder, parsed)
    assert found["x"] == [float(x) for x, _, _ in rows]
    assert found["word"] == [word for _, word, _ in rows]
    assert found["y"] == [float(y) if y else None for _, _, y in rows]


@settings(deadline=None)
@given(data=st.binary(max_size=60) | st.text(st.sampled_from('a1.,;"\n\r\t -e'), max_size=60).map(str.encode))
def test_any_bytes_are_read_or_refused(tmp_path_factory, data):
    """Nothing but an error of our own tree comes out, with a code and a sentence."""
    folder = tmp_path_factory.mktemp("any")
    refusal, parsed = _outcome(folder, data)
    if refusal:
        assert re.fullmatch(r"[a-z_0-9]+", refusal.code)
        assert refusal.detail.endswith((".", "?"))
        assert list(folder.rglob("*.arrow*")) == []
    else:
        assert {len(column) for column in cells(folder, parsed).values()} == {parsed.rows}


CELL = st.sampled_from(
    [
        "1",
        "-2.5",
        " 3 ",
        "+4e5",
        "1e400",
        "1e-400",
        "1e-1000",
        "inf",
        "nan",
        "NA",
        " NA",
        "",
        "-9",
        "x",
        "é",
        "1,5",
        "1.5",
        "0x1",
    ]
)


@settings(deadline=None)
@given(
    rows=st.lists(st.lists(CELL, min_size=1, max_size=3), min_size=1, max_size=12),
    delimiter=st.sampled_from(",;\t"),
    end=st.sampled_from(["\n", "\r\n"]),
    options=st.sampled_from([{}, {"decimal": ","}, {"missing_values": ("-9", "")}, {"types": {"a": "category"}}]),
)
def test_both_ways_of_reading_agree(tmp_path_factory, rows, delimiter, end, options):
    """The same cells, warnings and refusals, whether a block is read flat or as a table."""
    text = end.join(delimiter.join(row) for row in [["a", "b", "c"][: len(rows[0])], *rows])
    found = []
    for way in ("flat", "table"):
        folder = tmp_path_factory.mktemp(way)
        with pytest.MonkeyPatch.context() as patch:
            if way == "table":
                read_tables(patch)
            refusal, parsed = _outcome(folder, text.encode(), header=True, **options)
        found.append((refusal and (refusal.code, refusal.detail), parsed, parsed and cells(folder, parsed)))
    assert repr(found[0]) == repr(found[1])


def test_both_ways_sum_alike(tmp_path, monkeypatch):
    """To the last digit of every mean and spread: a table does not look otherwise where its file is longer."""
    data = (ROOT / "examples" / "data" / "cars.csv").read_bytes()
    flat = read(tmp_path, data)
    read_tables(monkeypatch)
    assert read(tmp_path, data) == flat


@st.composite
def scrawls(draw):
    """Rows of two cells that nobody has quoted as they should be, with whatever line ends."""
    cell = st.sampled_from(
        ["", "1", "-2.5", "a", 'a"b', '"a"', '"a""b"', '"a,b"', '"a\nb"', ' "a"', '"a" b', '"', "NA", " 1 "]
    )
    rows = draw(st.lists(st.tuples(cell, cell, st.sampled_from(["\n", "\n", "\r\n", "\r"])), min_size=1, max_size=15))
    return "a,b\n" + "".join(f"{first},{second}{end}" for first, second, end in rows)


@settings(deadline=None)
@given(text=scrawls(), block=st.integers(5, 60), table=st.booleans())
def test_cells_are_those_of_the_standard_library_or_refused(tmp_path_factory, text, block, table):
    """However the quotes and line ends of a file are mixed up, and wherever blocks are cut."""
    folder = tmp_path_factory.mktemp("same")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_blocks, "BLOCK", block)
        if table:
            read_tables(patch)
        refusal, parsed = _outcome(folder, text.encode(), delimiter=",")
    if refusal:
        return
    rows = list(csv.reader(io.StringIO(text, newline="")))
    while not rows[-1]:
        rows.pop()
    rows = [row or [""] for row in rows[parsed.dialect.header :]]
    kinds = [column.type for column in parsed.columns]
    expected = [[_read(cell, kind) for cell, kind in zip(row, kinds, strict=True)] for row in rows]
    assert [list(row) for row in zip(*cells(folder, parsed).values(), strict=True)] == expected


def _read(cell, kind):
    bare = cell.strip(" \t")
    if bare in MISSING_VALUES:
        return None
    return float(bare) if kind == "number" else cell


def _outcome(folder, data, **options):
    try:
        return None, read(folder, data, **options)
    except (InvalidCsv, UnsupportedMedia) as error:
        return error, None
