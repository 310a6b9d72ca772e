"""Exports of a model: run as they are, they predict what the API predicts, whatever the names are."""

import csv
import io
import json
import math
import re
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import requests

from service.export_sql import sql_of
from tests.support.jobs import submit
from tests.support.predictions import WAYS, ask
from tests.support.problems import problem
from tests.support.sql import with_functions

RANDOM = np.random.default_rng(9)
INJECTED = "x'); DROP TABLE data; --"
PYTHON = "''' + str(__import__('os').abort()) + '''"
NAMES = [
    'a"b',
    "it's",
    "select",
    "100 % {name} %s",
    "naïve ☃",
    "a`b",
    INJECTED,
    "ends with \\",
    '"""',
    PYTHON,
    "{}",
    "row",
]
LEVELS = ["o'neil", 'say "yes"', "two\nlines", INJECTED, PYTHON, "\\", "100%", "ü☃"]
ROWS = 64


def text_of(columns: dict[str, list[Any]]) -> str:
    written = io.StringIO()
    csv.writer(written).writerows([columns, *zip(*columns.values(), strict=True)])
    return written.getvalue()


def hostile(target: list[Any]) -> str:
    """Numbers and texts under names that would break out of quotes, were they not quoted."""
    columns: dict[str, list[Any]] = {name: RANDOM.normal(size=ROWS).round(6).tolist() for name in NAMES}
    columns["level; SELECT 1"] = [LEVELS[k % len(LEVELS)] for k in range(ROWS)]
    return text_of(columns | {"the 'target'": target})


CLASSES = [LEVELS[(k * k) % 5 % 3] for k in range(ROWS)]
CASES: dict[str, tuple[str, dict[str, Any]]] = {
    **WAYS,
    "sigmoids": (WAYS["softmax"][0], {"model": {"name": "network", "hidden": [4, 3], "activation": "sigmoid"}}),
    "tanh": (WAYS["linear"][0], {"model": {"name": "network", "hidden": [4], "activation": "tanh"}}),
    "no-intercepts": (WAYS["softmax"][0], {"model": "softmax", "intercept": False}),
    "minmax": (WAYS["linear"][0], {"scaling": "minmax", "intercept": False}),
    "hostile-numbers": (hostile(RANDOM.normal(size=ROWS).tolist()), {"target": "the 'target'"}),
    "hostile-two": (hostile([LEVELS[k % 3 % 2] for k in range(ROWS)]), {"target": "the 'target'", "model": "logistic"}),
    "hostile-classes": (hostile(CLASSES), {"target": "the 'target'", "model": "softmax", "missing": "mean"}),
    "hostile-network": (hostile(CLASSES), {"target": "the 'target'", "model": {"name": "network", "hidden": [3]}}),
}
FORMULA = {"name": "formula", "expression": "a1*exp(-abs(layers)*b**2) + minimum(a, classes) - -sqrt(2)/pi"}
GAPS = {"name": "formula", "expression": "p/(1 + exp(-900*a)) + q*cos(b)**2 + maximum(a, b)*log(2)"}
OF_ODD_NAMES = "p*" + " + q*".join("`" + name.replace("`", "``") + "`" for name in NAMES if name != PYTHON)
FORMULAS = {
    "formula-of-odd-names": (
        hostile(RANDOM.normal(size=ROWS).tolist()),
        {
            "target": "the 'target'",
            "model": {"name": "formula", "expression": OF_ODD_NAMES + f" + r*`{PYTHON}`"},
            "initial": {"p": 1, "q": 1, "r": 1},
        },
    ),
    "formula": (WAYS["linear"][0], {"model": FORMULA, "initial": {"a1": 1, "layers": 0.5, "classes": 1}}),
    "formula-with-gaps": (WAYS["drop"][0], {"model": GAPS, "initial": {"p": 1, "q": 1}, "missing": "drop"}),
    "formula-with-filled-gaps": (WAYS["mean"][0], {"model": GAPS, "initial": {"p": 1, "q": 1}, "missing": "mean"}),
    "formula-of-poisson": (
        WAYS["poisson"][0],
        {
            "model": {"name": "formula", "expression": "c0 + c1*tanh(a)"},
            "loss": "poisson",
            "initial": {"c0": 1, "c1": 1},
        },
    ),
}


@pytest.fixture(scope="module")
def fitted(base: str) -> dict[str, str]:
    """The ids of the jobs of all cases."""
    found = {}
    for case, (text, settings) in (CASES | FORMULAS).items():
        job = submit(base, {"max_iterations": 40, **settings}, text, wait=30)
        assert job["state"] == "succeeded", job["error"]
        found[case] = job["id"]
    return found


def lines_of(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def export(base: str, job_id: str, kind: str, **query: str) -> requests.Response:
    found = requests.get(f"{base}/v1/jobs/{job_id}/model", params={"format": kind, **query}, timeout=20)
    assert found.status_code == 200, found.text
    end = {"python": "py", "sql": "sql"}[kind]
    assert found.headers["Content-Disposition"] == f'attachment; filename="{job_id}.{end}"'
    return found


def same(found: list[list[Any]], expected: list[list[str]]) -> None:
    """Texts are equal, and numbers to 1e-9."""
    assert len(found) == len(expected)
    for ours, theirs in zip(found, expected, strict=True):
        assert len(ours) == len(theirs)
        for one, other in zip(ours, theirs, strict=True):
            told = "" if one is None else one
            assert told == other or math.isclose(float(told), float(other), rel_tol=1e-9, abs_tol=1e-9)


@pytest.mark.parametrize("case", CASES | FORMULAS)
def test_the_program_predicts_what_the_api_predicts(
    base: str, fitted: dict[str, str], case: str, tmp_path: Path
) -> None:
    rows = (CASES | FORMULAS)[case][0]
    ended = filtered(base, fitted[case], rows.encode(), tmp_path)
    assert ended.returncode == 0, ended.stderr.decode()
    same(lines_of(ended.stdout.decode()), lines_of(ask(base, fitted[case], rows, "text/csv").text))


@pytest.mark.parametrize("case", ["softmax", "digits", "drop", "hostile-classes"])
def test_the_program_quotes_what_the_api_quotes(base: str, fitted: dict[str, str], case: str, tmp_path: Path) -> None:
    """Texts, be they digits, and neither numbers nor what is not there."""
    ended = filtered(base, fitted[case], CASES[case][0].encode(), tmp_path)
    asked = ask(base, fitted[case], CASES[case][0], "text/csv")
    found, expected = (re.sub(r"(?<=,)-?[0-9][0-9.e+-]*", "0", one) for one in (ended.stdout.decode(), asked.text))
    assert found == expected


ODD_FILES = {
    "tabs": b"a\tb\tcolour\n1\t2\tred\n",
    "semicolons": b"a;b;colour\n1.5;2;red\n1;2.5;blue\n",
    "decimal-commas": b"a;b;colour\n1,5;-2,5e1;red\n1;2;blue\n",
    "bars-in-another-order": b"b|colour|other|a\n1|red|x|.5\n+2|blue||1.\n",
    "byte-order-mark": b"\xef\xbb\xbfa,b,colour\r\n1,2,red\r\n",
    "blanks": b" a , b, colour\n 1 ,\t2,red\n",
    "quoted": b'"a","b","colour"\n"1","2","red"\n',
    "blank-lines-at-the-end": b"a,b,colour\n1,2,red\n\n\r\n\n",
    "no-line-end": b"a,b,colour\n1,2,red",
    "blank-line-amid": b"a,b,colour\n1,2,red\n\n1,2,red\n",
    "underscore": b"a,b,colour\n1_000,2,red\n",
    "infinite": b"a,b,colour\n1,2,red\ninf,2,red\n",
    "beyond-float64": b"a,b,colour\n1e999,2,red\n",
    "long-exponent": b"a,b,colour\n1e-1000,2,red\n",
    "other-digits": "a,b,colour\n\u0661,2,red\n".encode(),
    "hexadecimal": b"a,b,colour\n0x10,2,red\n",
    "thousands": b'a,b,colour\n"1,000",2,red\n',
    "two-decimal-signs": b"a;b;colour\n1,5;2;red\n1,5;2.5;red\n",
    "missing": b"a,b,colour\n1,NA,red\n",
    "unseen": b"a,b,colour\n1,2,mauve\n",
    "blanks-around-a-level": b"a,b,colour\n1,2, red\n",
    "empty": b"",
    "blank": b"\n\n",
    "names-only": b"a,b,colour\n",
    "lacks": b"a,colour\n1,red\n",
    "twice": b"a,b,colour,a\n1,2,red,1\n",
    "short-row": b"a,b,colour\n1,2\n",
    "open-quote": b'a,b,colour\n1,2,"red\n',
    "latin-1": "a,b,colour\n1,2,vert é\n".encode("latin-1"),
}
"""Files as they come; what is in them is for both sides to say alike."""


@pytest.mark.parametrize("case", ODD_FILES)
def test_the_program_takes_the_files_that_the_api_takes(
    base: str, fitted: dict[str, str], case: str, tmp_path: Path
) -> None:
    """What one refuses the other refuses: the program in a line, before it has written anything."""
    asked = ask(base, fitted["linear"], ODD_FILES[case], "text/csv")
    ended = filtered(base, fitted["linear"], ODD_FILES[case], tmp_path)
    said, written = ended.stderr.decode(), ended.stdout.decode()
    assert (ended.returncode == 0) == (asked.status_code == 200), (asked.text, said, written)
    if asked.status_code == 200:
        same(lines_of(written), lines_of(asked.text))
    else:
        assert (written, said.count("\n"), "Error" in said) == ("", 1, False)


def test_cells_that_were_missing_in_training_are_missing(base: str, tmp_path: Path) -> None:
    """And a file without names has them as training had: they stand in the model's document."""
    options = {"missing_values": '["-"]', "types": '{"c3":"category"}'}
    text = "".join(f"{k};{'-' if k % 5 == 2 else k * k};0{k % 2}\n" for k in range(20)).replace("16;", "1,5;")
    settings = {"target": "c3", "model": "logistic", "missing": "mean", "max_iterations": 5}
    form = {"file": ("rows.csv", text), "settings": (None, json.dumps(settings))}
    form |= {name: (None, value) for name, value in options.items()}
    job = requests.post(f"{base}/v1/jobs", params={"wait": 30}, files=form, timeout=40).json()
    document = requests.get(f"{base}/v1/jobs/{job['id']}/model", timeout=5).json()
    assert (document["dialect"]["delimiter"], document["dialect"]["missing_values"]) == (";", ["-"])
    assert document["target_type"] == "category"
    asked = ask(base, job["id"], text, "text/csv")
    ended = filtered(base, job["id"], text.encode(), tmp_path)
    same(lines_of(ended.stdout.decode()), lines_of(asked.text))
    metrics = ask(base, job["id"], text).json()["metrics"]
    assert metrics["accuracy"] == pytest.approx(job["result"]["metrics"]["train"]["accuracy"])


def test_the_program_counts_rows_from_the_first_of_the_file(base: str, fitted: dict[str, str], tmp_path: Path) -> None:
    """It reads them in blocks."""
    rows = b"a,b,colour\n" + b"1,2,red\n" * 2500 + b"1,x,red\n"
    ended = filtered(base, fitted["linear"], rows, tmp_path)
    assert (ended.returncode, ended.stderr) == (1, b"Row 2501, column b: 'x' is no finite number.\n")


LACKING = {"quoted": b'"a","colour"\n"1","red"\n', "semicolons": b"a;colour\n1;red\n", "only-b": b"a\tb,c\tcolour\n"}


@pytest.mark.parametrize("case", LACKING)
def test_the_program_names_only_columns_that_are_not_there(
    base: str, fitted: dict[str, str], case: str, tmp_path: Path
) -> None:
    ended = filtered(base, fitted["linear"], LACKING[case], tmp_path)
    assert (ended.returncode, ended.stderr) == (1, b"The model reads columns that are not there: b.\n")


def filtered(base: str, job_id: str, rows: bytes, folder: Path) -> subprocess.CompletedProcess[bytes]:
    """The program run over a file, where nothing of ours is: a file of its own, isolated from this folder."""
    program = folder / "model.py"
    program.write_bytes(export(base, job_id, "python").content)
    words = [sys.executable, "-I", "-W", "error", str(program)]
    return subprocess.run(words, input=rows, capture_output=True, cwd=folder, check=False)


@pytest.mark.parametrize("case", CASES | FORMULAS)
def test_the_select_answers_what_the_api_predicts(base: str, fitted: dict[str, str], case: str) -> None:
    rows = (CASES | FORMULAS)[case][0]
    select = export(base, fitted[case], "sql", key="row number", table="main.data").text
    expected = lines_of(ask(base, fitted[case], rows, "text/csv").text)
    with sqlite3.connect(":memory:") as database:
        fill(database, rows)
        answered = database.execute(f"SELECT * FROM ({select}) ORDER BY 1")  # noqa: S608 - what is tested
        names = [column[0] for column in answered.description]
        found = answered.fetchall()
        assert database.execute("SELECT count(*) FROM data").fetchone() == (len(expected) - 1,)
    assert names == ["row number", *expected[0][1:]]
    same([[str(row[0]), *row[1:]] for row in found], expected[1:])


def fill(database: sqlite3.Connection, rows: str) -> None:
    """A table of the rows: numbers where a column holds them, NULL for an empty cell."""
    names, *lines = lines_of(rows)
    with_functions(database)
    columns = ", ".join('"' + name.replace('"', '""') + '"' for name in ["row number", *names])
    database.execute(f"CREATE TABLE data ({columns})")
    cells = [[k, *(None if cell == "" else _number_or_text(cell) for cell in line)] for k, line in enumerate(lines, 1)]
    database.executemany(f"INSERT INTO data VALUES ({', '.join('?' * (len(names) + 1))})", cells)  # noqa: S608 - marks


def _number_or_text(cell: str) -> float | str:
    return float(cell) if re.fullmatch(r"-?[\d.]+(e-?\d+)?", cell) else cell


def test_a_mean_beyond_float64_is_no_prediction(base: str, fitted: dict[str, str]) -> None:
    """Not the largest number that there is."""
    rows = "a,b,colour\n" + "".join(f"{a},0,red\n" for a in (1, 600, 800, 1000, 1e4, -1e4))
    answered = [line[1:] for line in lines_of(ask(base, fitted["poisson"], rows, "text/csv").text)[1:]]
    with sqlite3.connect(":memory:") as database:
        fill(database, rows)
        found = database.execute(export(base, fitted["poisson"], "sql").text).fetchall()
    assert {cell == "" for (cell,) in answered} == {True, False}
    for (ours,), (theirs,) in zip(found, answered, strict=True):
        assert (ours is None) == (theirs == "")
        assert ours is None or math.isclose(ours, float(theirs), rel_tol=1e-9)


@pytest.mark.parametrize("case", ["linear", "logistic", "hinge", "softmax", "network", "network-of-classes"])
def test_scores_beyond_float64_are_no_prediction(base: str, fitted: dict[str, str], case: str, tmp_path: Path) -> None:
    """Nor a certain class: neither it nor a probability is answered, by the API, the program or the SELECT."""
    far = ["1.7e308", "-1.7e308", "1e300", "1"]
    rows = "a,b,colour\n" + "".join(f"{a},1,red\n1,{a},red\n" for a in far)
    expected = lines_of(ask(base, fitted[case], rows, "text/csv").text)
    assert {line[1] == "" for line in expected[1:]} == {True, False}
    ended = filtered(base, fitted[case], rows.encode(), tmp_path)
    same(lines_of(ended.stdout.decode()), expected)
    with sqlite3.connect(":memory:") as database:
        fill(database, rows)
        found = database.execute(export(base, fitted[case], "sql").text).fetchall()
    same([list(row) for row in found], [line[1:] for line in expected[1:]])


def test_what_cannot_be_predicted_has_none_in_sql_and_is_an_error_in_python(
    base: str, fitted: dict[str, str], tmp_path: Path
) -> None:
    """A missing cell, and a category that training did not have."""
    rows = "a,b,colour\n1,,red\n1,2,mauve\n1,2,red\n"
    with sqlite3.connect(":memory:") as database:
        fill(database, rows)
        found = database.execute(export(base, fitted["logistic"], "sql").text).fetchall()
    assert [row[0] is None for row in found] == [True, True, False]
    program = tmp_path / "model.py"
    program.write_bytes(export(base, fitted["logistic"], "python").content)
    for row, words in (
        ({"a": 1, "b": None, "colour": "red"}, "is missing"),
        ({"a": 1, "b": 2, "colour": "x"}, "no cat"),
    ):
        code = f"from model import predict; predict([{row!r}])"
        ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=False)
        assert f"ValueError: Row 1, column {'b' if row['b'] is None else 'colour'}" in ended.stderr
        assert words in ended.stderr


@pytest.mark.parametrize("missing", ["error", "mean"])
def test_a_category_of_held_out_rows_alone_is_unknown_to_all(base: str, tmp_path: Path, missing: str) -> None:
    """Also the first in order, which would be the base: refused, or filled with the most frequent one."""
    text = "c,y\n" + "".join(f"{level},{k}\n" for k, level in enumerate("bcccdbcccdbcccdcaz"))
    settings = {"missing": missing, "validation": {"fraction": 0.12, "method": "last"}}
    job = submit(base, settings, text, wait=30)
    assert [one["detail"][:17] for one in job["warnings"] if one["code"] == "untrained_categories"] == [
        "2 held-out rows h"
    ]
    rows = "c\nc\na\nz\n"
    asked = ask(base, job["id"], rows, "text/csv")
    ended = filtered(base, job["id"], rows.encode(), tmp_path)
    with sqlite3.connect(":memory:") as database:
        fill(database, rows)
        found = [value for (value,) in database.execute(export(base, job["id"], "sql").text)]
    if missing == "error":
        assert problem(asked, 422, "unknown_category")["detail"].endswith(
            "Training had no category 'a'; it had: b, c, d. Training with missing mean fills such."
        )
        assert ended.stderr == b"Row 2, column c: training had no category 'a'.\n"
        assert found == [pytest.approx(found[0]), None, None]
    else:
        assert [line[1] for line in lines_of(asked.text)[1:]] == [lines_of(asked.text)[1][1]] * 3
        same(lines_of(ended.stdout.decode()), lines_of(asked.text))
        assert found == [pytest.approx(float(lines_of(asked.text)[1][1]))] * 3


def test_the_program_says_what_it_is(base: str, fitted: dict[str, str]) -> None:
    """Id, version, target and metrics, in text that stays a comment; a confusion matrix may be longer than the rest."""
    case = "hostile-classes"
    job = requests.get(f"{base}/v1/jobs/{fitted[case]}", timeout=5).json()
    metrics = job["result"]["metrics"]
    assert metrics["train"].pop("confusion")
    source = export(base, fitted[case], "python").text
    said: str = compile(source, "model.py", "exec").co_consts[0]
    assert all(part in said for part in (fitted[case], job["version"], json.dumps(metrics)))
    assert source.isascii()


def test_a_failed_job_is_shown_and_not_exported(base: str) -> None:
    """The document says what it is; a program or a SELECT would be taken for a model that predicts."""
    failed = submit(base, {"optimizer": "sgd", "learning_rate": 100}, wait=30)
    path = f"{base}/v1/jobs/{failed['id']}/model"
    assert (failed["state"], requests.get(path, timeout=5).json()["state"]) == ("failed", "failed")
    for kind in ("python", "sql"):
        problem(requests.get(path, params={"format": kind}, timeout=10), 409, "conflict")


def test_cells_that_are_texts_are_numbers_in_sql_and_empty_ones_are_missing(base: str, fitted: dict[str, str]) -> None:
    """As a CSV comes into a table without types."""
    select = export(base, fitted["mean"], "sql", key="row number").text
    names, *lines = lines_of(CASES["mean"][0])
    with sqlite3.connect(":memory:") as database:
        fill(database, CASES["mean"][0])
        expected = database.execute(f"SELECT * FROM ({select}) ORDER BY 1").fetchall()  # noqa: S608 - what is tested
        database.execute("DROP TABLE data")
        database.execute(f"CREATE TABLE data ('row number', {', '.join(names)})")
        for k, line in enumerate(lines, 1):
            database.execute("INSERT INTO data VALUES (?, ?, ?, ?, ?)", [k, *line])
        found = database.execute(f"SELECT * FROM ({select}) ORDER BY 1").fetchall()  # noqa: S608 - what is tested
    assert found == expected


NO_NUMBERS = [
    "abc",
    ".",
    "-",
    "+",
    "e5",
    "1e",
    "1e1.5",
    "1.2.3",
    "1-2",
    "2026-01-05",
    "--1",
    "+-1",
    "1e-+5",
    "1e+-5",
    "1e5e5",
    "0x10",
    "1_000",
    "inf",
    "Infinity",
    "1e999",
]
TEXTS = {
    "points": (".", [], ["3.7", " 3.7 ", "-.5", "+2.", "1E+2", "1.5e-3", "12"], ["3,7", *NO_NUMBERS, "NA", ""]),
    "commas": (",", ["NA", "-999"], ["3,7", "-,5", "3.7", "1,5e-3", "12"], ["1.2,3", *NO_NUMBERS]),
}
"""By the dialect of training: its decimal sign, its missing values, texts that are numbers, and texts that are none."""


@pytest.mark.parametrize("fill", [None, 0.25], ids=["refused", "filled"])
@pytest.mark.parametrize("case", TEXTS)
def test_texts_are_numbers_in_sql_as_training_wrote_them(case: str, fill: float | None) -> None:
    """What is no number has no prediction, and is not filled either; a missing value is filled, and SQL's own too."""
    decimal, missing, numbers, others = TEXTS[case]
    features = [{"name": "x", "columns": ["x"], "levels": None, "fill": fill}]
    model = {"model": {"name": "linear"}, "loss": {"name": "squared"}, "features": features, "columns": ["x"]}
    model |= {"parameters": {"coefficients": {"x": 1.0}, "intercept": 0.0}}
    model |= {"dialect": {"decimal": decimal, "missing_values": missing}}
    gaps: list[Any] = [None, "", "  ", *missing, *([-999.0, -999] if "-999" in missing else [])]
    typed = [0.1 + 0.2, 7, -1e300]
    others = [one for one in others if one not in ("", *missing)] + [math.inf]
    with sqlite3.connect(":memory:") as database:
        with_functions(database)
        database.execute("CREATE TABLE data (id, x)")
        cells = [*numbers, *typed, *gaps, *others]
        database.executemany("INSERT INTO data VALUES (?, ?)", enumerate(cells))
        found = [value for _, value in database.execute(sql_of(model, "data", "id"))]
    expected = [float(one.replace(",", ".")) for one in numbers] + typed
    for cell, value, wanted in zip(cells, found, expected + [fill] * len(gaps) + [None] * len(others), strict=True):
        assert value == wanted, cell


@pytest.mark.parametrize("key", ["prediction", "probability=yes"])
def test_a_key_with_the_name_of_an_answer_is_refused(base: str, fitted: dict[str, str], key: str) -> None:
    """Two columns of one name are none to a view or a reader by names."""
    path = f"{base}/v1/jobs/{fitted['logistic']}/model"
    answer = requests.get(path, params={"format": "sql", "key": key}, timeout=10)
    assert repr(key) in problem(answer, 400, "invalid_parameter")["detail"]


def test_large_models_have_no_sql(base: str) -> None:
    """10,000 parameters are too long a text; the program takes any model. Names go with SQL only."""
    wide = "y," + ",".join(f"x{k}" for k in range(300)) + "\n"
    wide += "".join(",".join(f"{v:.3f}" for v in RANDOM.normal(size=301)) + "\n" for _ in range(20))
    large = submit(base, {"model": {"name": "network", "hidden": [40]}, "max_iterations": 2}, wide, wait=30)["id"]
    path = f"{base}/v1/jobs/{large}/model"
    problem(requests.get(path, params={"format": "sql"}, timeout=10), 422, "model_too_large")
    assert len(export(base, large, "python").text) > 200_000
    many = "y," + ",".join(f"x{k}" for k in range(900)) + "\n"
    many += "".join(",".join(f"{v:.3f}" for v in RANDOM.normal(size=901)) + "\n" for _ in range(20))
    linear = submit(base, {"max_iterations": 2}, many, wait=30)["id"]
    with sqlite3.connect(":memory:") as database:
        fill(database, many)
        found = database.execute(export(base, linear, "sql").text).fetchall()
    same([list(row) for row in found], [line[1:] for line in lines_of(ask(base, linear, many, "text/csv").text)[1:]])
    layer = {"name": "network", "hidden": [1601]}
    broad = submit(base, {"model": layer, "features": ["x0"], "max_iterations": 1}, wide, wait=30)["id"]
    problem(requests.get(f"{base}/v1/jobs/{broad}/model", params={"format": "sql"}, timeout=10), 422, "model_too_large")
    small = submit(base, {"features": ["x0"], "max_iterations": 1}, wide, wait=30)["id"]
    for table in (".", "a..b", ".a", "a."):
        answer = requests.get(f"{base}/v1/jobs/{small}/model", params={"format": "sql", "table": table}, timeout=10)
        problem(answer, 400, "invalid_parameter")
    for query in (
        {"format": "pmml"},
        {"table": "x"},
        {"format": "python", "key": "x"},
        {"format": "sql", "table": "a\x00"},
    ):
        problem(requests.get(path, params=query, timeout=5), 400, "invalid_parameter")


LEVEL_CELLS: dict[str, tuple[list[str], list[Any], list[str | None]]] = {
    "whole-numbers": (
        ["3", "8", "10"],
        [8, 8.0, "8", " 8\t", "8.0", "8.00", 10.0, 7, 80],
        [*["8"] * 6, "10", None, None],
    ),
    "with-points": (["3.0", "8.0"], [8, 8.0, "8.0", 3, "8", 80], ["8.0", "8.0", "8.0", "3.0", "8.0", None]),
    "both-ways": (["8", "8.0"], [8, "8", "8.0", "8.00"], ["8", "8", "8.0", "8"]),
    "fractions": (["8.50", "9"], [8.5, "8.50", 9, 8], ["8.50", "8.50", "9", None]),
    "leading-zeros": (["01", "1", "007", "0010", "010"], ["01", 1, 7, 10, "010"], ["01", "1", "007", None, "010"]),
    "among-texts": (
        ["8", "v1", "1.2"],
        [8, "v1", "v1.0", "1.2", 1.2, "1.2.0", None],
        ["8", "v1", None, "1.2", "1.2", None, None],
    ),
    "texts": (["a", "b"], ["a", " b ", "c", "", None, 1], ["a", "b", None, None, None, None]),
}
"""Categories of training, cells, and the category that each is."""


@pytest.mark.parametrize("filled", [False, True], ids=["refused", "filled"])
@pytest.mark.parametrize("case", LEVEL_CELLS)
def test_a_category_is_found_however_a_column_has_it(case: str, filled: bool) -> None:
    """A number is the text of it, and what training did not have is no category or the one that fills it."""
    levels, cells, expected = LEVEL_CELLS[case]
    weights = {f"x={level}": float(k) for k, level in enumerate(levels, 1)}
    fill = levels[-1] if filled else None
    features = [{"name": "x", "columns": list(weights), "levels": levels, "fill": fill}]
    model = {"model": {"name": "linear"}, "loss": {"name": "squared"}, "features": features, "columns": list(weights)}
    model |= {"parameters": {"coefficients": weights, "intercept": 0.0}}
    with sqlite3.connect(":memory:") as database:
        database.execute("CREATE TABLE data (id, x)")
        database.executemany("INSERT INTO data VALUES (?, ?)", enumerate(cells))
        found = [value for _, value in database.execute(sql_of(model, "data", "id"))]
    for cell, value, level in zip(cells, found, expected, strict=True):
        known = fill if level is None else level
        assert value == (None if known is None else weights[f"x={known}"]), cell
