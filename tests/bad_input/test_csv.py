"""CSV files that are no good: rows 46 to 64 of the catalogue, each raw and in a form; and those that only look so."""

import json
import math
from typing import Any

import pytest

from tests.bad_input.cases import Case, check, dataset, form, job, table, ways
from tests.support.bad_csv import BAD, NUMBERS, OPPOSED
from tests.support.jobs import ended
from tests.support.problems import problem
from tests.support.processes import Stack


def both(name: str, csv: str | bytes, status: int, code: str, **options: str) -> list[Case]:
    """The CSV as the body of a request, with the options in its query, and in a form that has them as fields."""
    fields = [(option, (None, value)) for option, value in options.items()]
    sends = {"raw": dataset(csv, **options), "form": form(("file", ("data.csv", csv)), *fields)}
    return ways(name, sends, status, code)


CASES = [
    *[case for name, (csv, code) in BAD.items() for case in both(name, csv, 422, code)],
    *[case for name, (csv, options, code) in OPPOSED.items() for case in both(name, csv, 422, code, **options)],
    Case("51-in-one-call", job(b'a,price\n1,2\n"3,4\n'), 422, "unterminated_quote"),
    Case("55-in-one-call", job(b"a,price\n1,2\n2,2\nx,3\n"), 422, "not_a_number"),
    Case("54-in-one-call", job(b"a;price\n1;2\n", delimiter=","), 422, "wrong_delimiter"),
]


@table(CASES)
def test_csv(running: Stack, case: Case) -> None:
    check(running, case)


def number(name: str, low: float, high: float, missing: int = 0) -> dict[str, Any]:
    """What a dataset says of a number column, as far as it is looked at here."""
    return {"name": name, "type": "number", "missing": missing, "min": low, "max": high}


def category(name: str, *categories: str, missing: int = 0) -> dict[str, Any]:
    """What a dataset says of a category column."""
    return {"name": name, "type": "category", "missing": missing, "categories": list(categories)}


GOOD: dict[str, tuple[str | bytes, dict[str, str], list[dict[str, Any]]]] = {
    "46-byte-order-mark": (b"\xef\xbb\xbfa,b\n1,2\n", {}, [number("a", 1, 1), number("b", 2, 2)]),
    "52-line-end": ('a,b\n1,"x\ny"\n2,z\n', {}, [number("a", 1, 2), category("b", "x\ny", "z")]),
    "53-cr": ("a,b\r1,x\r2,y\r", {}, [number("a", 1, 2), category("b", "x", "y")]),
    "53-mixed": ("a,b\r\n1,x\n2,y\r3,z\r\n", {}, [number("a", 1, 3), category("b", "x", "y", "z")]),
    "54-semicolon": ("a;b\n1,5;2\n", {}, [number("a", 1.5, 1.5), number("b", 2, 2)]),
    "54-tab": ("a\tb\n1,5\t2\n", {}, [number("a", 1.5, 1.5), number("b", 2, 2)]),
    "54-bar": ("a|b\n1.5|2\n", {}, [number("a", 1.5, 1.5), number("b", 2, 2)]),
    "54-comma-twice": ('a,b\n"1,5",2\n', {"decimal": ","}, [number("a", 1.5, 1.5), number("b", 2, 2)]),
    "55-few-numbers": ("a,b\nx,1\n1,2\ny,3\n", {}, [category("a", "1", "x", "y"), number("b", 1, 3)]),
    "55-types": ("a,b\n1,2\n2,3\n", {"types": '{"a": "category"}'}, [category("a", "1", "2"), number("b", 2, 3)]),
    "55-dates": ("a,b\n2024-01-01,2\n", {}, [category("a", "2024-01-01"), number("b", 2, 2)]),
    "56-missing": ("a,b\n,1\nNA,1\nN/A,1\nNaN,1\nnan,1\nnull,1\n#N/A,1\n8,\n", {}, [{"missing": 7}, {"missing": 1}]),
    "56-named": ("a,b\n-,1\n-9,2\n", {"missing_values": '["-", "-9"]'}, [{"missing": 2}, number("b", 1, 2)]),
    "59-in-a-text": ("a,b\n#3,4\n", {}, [category("a", "#3"), number("b", 4, 4)]),
    "60-cell": ("a,b\n=cmd|'/C calc'!A0,4\n", {}, [category("a", "=cmd|'/C calc'!A0"), number("b", 4, 4)]),
    "60-name": ("=cmd|'/C calc'!A0,b\n3,4\n", {}, [number("=cmd|'/C calc'!A0", 3, 3), number("b", 4, 4)]),
    "61-no-names": ("1,2\n3,4\n", {}, [number("c1", 1, 3), number("c2", 2, 4)]),
    "61-quoted": ('"wind [m/s]","a, b"\n1,2\n', {}, [number("wind [m/s]", 1, 1), number("a, b", 2, 2)]),
    "64-huge": ("a,b\n1e308,1\n1e308,2\n1e308,3\n", {}, [{"max": 1e308, "mean": None, "std": None}, number("b", 1, 3)]),
    "64-tiny": ("a,b\n5e-324,1\n0,2\n", {}, [number("a", 0, 5e-324), number("b", 1, 2)]),
}  # fmt: skip


@pytest.mark.parametrize(("csv", "options", "columns"), GOOD.values(), ids=GOOD)
def test_good(base: str, csv: str | bytes, options: dict[str, str], columns: list[dict[str, Any]]) -> None:
    """Input that looks odd and is none is read as a person would read it."""
    found = dataset(csv, **options)(base).json()["columns"]
    assert [
        {name: column[name] for name in expected} for column, expected in zip(found, columns, strict=True)
    ] == columns


PLACES: dict[str, tuple[str | bytes, str, dict[str, Any]]] = {
    "46-position": (b"a,b\n1,2\n\xff,3\n", "Line 3: b'\\xff' (byte 8 of the file) is not UTF-8; save", {"line": 3}),
    "47-cell": (b"a,b\n1,x\x07\n", "delete it.", {"row": 1, "line": 2, "column": "b", "value": "x\x07"}),
    "48-row": ("a,b\n1,2\n3,4,\n", "Row 2 (line 3) has 3 cells, the first line has 2; delete", {"row": 2, "line": 3}),
    "51-row": ('a,b\n1,2\n"3,4\n', "Row 2 (line 3): a quote is opened and never closed;", {"row": 2, "line": 3}),
    "52-below": ('a,b\n1,"x\ny"\n3\n', "Row 2 (line 4) has 1 cell", {"row": 2, "line": 4}),
    "55-comma": (
        'a;b\n1.5;2\n2;2\n"1,5";3\n',
        "Try decimal=','.",
        {"row": 3, "line": 4, "column": "a", "value": "1,5"},
    ),
    "55-thousands": ('a,b\n1.5,2\n2,2\n"1,000.5",3\n', "without thousands separators", {"row": 3, "value": "1,000.5"}),
    "55-unit": (
        "a,b\n1,2\n2,2\n5 EUR,3\n",
        'send types={"a": "category"}',
        {"row": 3, "column": "a", "value": "5 EUR"},
    ),
    "56-cell": (NUMBERS + b"inf,3\n", "or name it in missing_values.", {"row": 4, "line": 5, "column": "a"}),
}


@pytest.mark.parametrize(("csv", "sentence", "place"), PLACES.values(), ids=PLACES)
def test_places(base: str, csv: str | bytes, sentence: str, place: dict[str, Any]) -> None:
    """The person who gets it reads where it is and what to do; a program finds the same in ``errors``."""
    document = problem(dataset(csv)(base), 422)
    assert sentence in document["detail"]
    assert document["errors"][0] | place == document["errors"][0]


def test_55_the_first_twenty_places(base: str) -> None:
    """A file with many wrong cells names twenty, and says how many there are."""
    document = problem(dataset("a,b\n" + "1,2\n" * 60 + "x,2\n" * 40)(base), 422, "not_a_number")
    assert [error["row"] for error in document["errors"]] == list(range(61, 81))
    assert "40 of the column's 100 cells" in document["detail"]
    assert "20 more" in document["detail"]


def test_54_numbers_that_are_read_as_texts(base: str) -> None:
    """Beside commas between the cells a comma may set thousands apart, so that nothing is guessed, but said."""
    (warning,) = dataset('a,b\n"1,5",2\n"2,5",3\n')(base).json()["warnings"]
    assert (warning["code"], "send decimal=','" in warning["detail"]) == ("texts_like_numbers", True)


ODD = "x,again,flat,y\n" + "".join(f"{k},{k},7,{3 * k + k % 2}\n" for k in range(8))


@pytest.mark.parametrize(
    ("settings", "pointer", "code", "words"),
    [
        pytest.param({}, "/target", "missing_field", "one of x, again, flat, y.", id="62-no-target"),
        pytest.param({"target": "z"}, "/target", "unknown_column", "there are: x, again, flat, y.", id="62-target"),
        pytest.param({"features": ["xx"]}, "/features/0", "unknown_column", "Did you mean 'x'?", id="62-feature"),
        pytest.param({"exclude": ["fat"]}, "/exclude/0", "unknown_column", "Did you mean 'flat'?", id="62-exclude"),
        pytest.param({"features": ["x", "y"]}, "/features/1", "invalid_settings", "is the target", id="62-target-too"),
        pytest.param({"features": ["x", "x"]}, "/features/1", "invalid_settings", "stands twice", id="62-twice"),
        pytest.param(
            {"features": ["flat"], "intercept": False}, "/features", "insufficient_data", "nothing to fit", id="63-flat"
        ),
        pytest.param(
            {"features": [], "intercept": False}, "/features", "insufficient_data", "nothing to fit", id="63-nothing"
        ),
    ],
)
def test_columns_that_do_not_fit(running: Stack, settings: dict[str, Any], pointer: str, code: str, words: str) -> None:
    given = settings if pointer == "/target" else {"target": "y", **settings}
    refusal = json.loads(check(running, Case("", job(ODD, json.dumps(given)), 422, code)).text)
    assert [place["pointer"] for place in refusal["errors"]] == [pointer]
    assert words in refusal["detail"]


@pytest.mark.parametrize(
    ("csv", "codes"),
    [
        pytest.param("x,y\n1,2\n", {"few_rows", "constant_target", "constant_columns"}, id="63-one-row"),
        pytest.param("x,z,y\n1,5,1\n2,4,3\n", {"few_rows"}, id="63-fewer-rows-than-parameters"),
        pytest.param(ODD, {"constant_columns", "duplicate_columns"}, id="63-constant-and-duplicate"),
        pytest.param("x,y\n1,2\n2,2\n5,2\n", {"constant_target"}, id="63-constant-target"),
    ],
)
def test_little_data_runs_with_warnings(running: Stack, csv: str, codes: set[str]) -> None:
    """The answer is as good as the data; what is odd about it is said."""
    accepted = check(running, Case("", job(csv, '{"target": "y"}'), 202))
    ran = ended(running.base, json.loads(accepted.text)["id"])
    assert (ran["state"], ran["error"]) == ("succeeded", None)
    assert {warning["code"] for warning in ran["warnings"]} == codes


EXTREME = {
    "64-huge": ["1e308", "1"],
    "64-negative": ["-1e308", "1"],
    "64-tiny": ["5e-324", "1"],
    "64-denormal": ["-1e-310", "1"],
    "64-all-tiny": ["1e-200", "2e-200"],
    "64-constant-tiny": ["1e-200"],
    "64-constant-huge": ["1e308"],
    "64-constant-large": ["1e200"],
    "64-constant-negative": ["-1e200"],
    "64-all-but-constant": ["1e200", "1.000000000000001e200"],
}


@pytest.mark.parametrize("scaling", ["standard", "minmax", "none"])
@pytest.mark.parametrize("target", ["a", "b"])
@pytest.mark.parametrize("cells", EXTREME.values(), ids=EXTREME)
def test_extreme_cells(running: Stack, cells: list[str], target: str, scaling: str) -> None:
    """As features and as targets: an answer of finite numbers, or a refusal before anything runs.

    The mean of 16 equal cells is exact, so their deviations are 0 however large they are.
    """
    csv = "a,b\n" + "".join(f"{cells[k % len(cells)]},{k}\n" for k in range(16))
    answer = job(csv, json.dumps({"target": target, "scaling": scaling}))(running.base)
    if answer.status_code == 422:
        assert "'a'" in problem(answer, 422, "out_of_range")["detail"]
        return
    ran = ended(running.base, answer.json()["id"])
    assert ran["error"] is None, ran["error"]
    parameters = ran["result"]["parameters"]
    assert ran["state"] == "succeeded"
    assert all(map(math.isfinite, [parameters["intercept"], *parameters["coefficients"].values()]))
