"""CSV files that are no good: rows 46 to 64 of the catalogue, each raw and in a form."""

import json
from typing import Any

import pytest

from tests.bad_input.cases import Case, check, dataset, form, job, table, ways
from tests.support.jobs import ended
from tests.support.processes import Stack


def both(name: str, csv: str | bytes, status: int, code: str, **options: str) -> list[Case]:
    """The CSV as the body of a request, with the options in its query, and in a form that has them as fields."""
    fields = [(option, (None, value)) for option, value in options.items()]
    sends = {"raw": dataset(csv, **options), "form": form(("file", ("data.csv", csv)), *fields)}
    return ways(name, sends, status, code)


CASES = [
    *both("48-short", "a,b\n1,2\n3\n", 422, "ragged_row"),
]


@table(CASES)
def test_csv(running: Stack, case: Case) -> None:
    check(running, case)


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
