"""Datasets over HTTP: a CSV in, raw or in a form, a summary of its columns out, and nothing left of what is refused."""

import hashlib
from datetime import datetime, timedelta
from typing import Any

import pytest
import requests

from tests.support.problems import left_behind, nothing_left_behind, problem
from tests.support.processes import Stack

CSV = "rooms,river,price\n1.5,no,10\n2.5,yes,20\n3.5,no,30\n"
FIELDS = [
    *("id", "name", "rows", "bytes", "sha256", "dialect", "columns", "warnings", "created_at", "expires_at"),
]


def upload(base: str, way: str, csv: str | bytes = CSV, filename: str = "", **options: str) -> requests.Response:
    """POST a dataset as raw text with the options in the query, or as a form with the options as fields."""
    url = f"{base}/v1/datasets"
    if way == "raw":
        return requests.post(url, data=csv, params=options, headers={"Content-Type": "text/csv"}, timeout=10)
    fields: dict[str, Any] = {name: (None, value) for name, value in options.items()}
    return requests.post(url, files={"file": (filename or "data.csv", csv), **fields}, timeout=10)


@pytest.mark.parametrize("way", ["raw", "form"])
def test_a_dataset_is_summed_up(running: Stack, way: str) -> None:
    """201 with a Location under which the same document stands, and one file in the dataset folder."""
    _, files = left_behind(running)
    answer = upload(running.base, way, name="housing.csv")
    assert (answer.status_code, answer.headers["Content-Type"]) == (201, "application/json")
    found = answer.json()
    assert answer.headers["Location"] == f"/v1/datasets/{found['id']}"
    assert requests.get(running.base + answer.headers["Location"], timeout=5).json() == found
    assert sorted(found) == sorted(FIELDS)
    assert (found["name"], found["rows"], found["bytes"]) == ("housing.csv", 3, len(CSV))
    assert found["sha256"] == hashlib.sha256(CSV.encode()).hexdigest()
    assert found["dialect"] == {"delimiter": ",", "decimal": ".", "header": True, "encoding": "utf-8"}
    rooms, river, price = found["columns"]
    assert rooms == {
        "name": "rooms",
        "type": "number",
        "missing": 0,
        "min": 1.5,
        "max": 3.5,
        "mean": 2.5,
        "std": pytest.approx((2 / 3) ** 0.5),
    }
    assert river == {"name": "river", "type": "category", "missing": 0, "categories": ["no", "yes"]}
    assert (price["min"], price["max"]) == (10, 30)
    kept = datetime.fromisoformat(found["expires_at"]) - datetime.fromisoformat(found["created_at"])
    assert kept == timedelta(days=7)
    assert left_behind(running)[1] - files == {f"{found['id']}.arrow"}


def upload_with_a_job(base: str, csv: str, settings: str, **options: str) -> requests.Response:
    """The dataset that a job made whose settings came with the file."""
    fields: dict[str, Any] = {name: (None, value) for name, value in {"settings": settings, **options}.items()}
    job = requests.post(f"{base}/v1/jobs", files={"file": ("data.csv", csv), **fields}, timeout=10).json()
    return requests.get(f"{base}/v1/datasets/{job['settings']['dataset']}", timeout=5)


@pytest.mark.parametrize("way", ["raw", "form", "job"])
def test_options_mean_the_same_in_query_form_and_one_call(base: str, way: str) -> None:
    options = {
        "delimiter": ";",
        "decimal": ",",
        "header": "false",
        "missing_values": '["-"]',
        "types": '{"c2": "category"}',
        "name": "mine",
    }
    csv, settings = "1,5;1\n-;2\n2,5;1\n", '{"target": "c1", "missing": "drop"}'
    answer = upload_with_a_job(base, csv, settings, **options) if way == "job" else upload(base, way, csv, **options)
    found = answer.json()
    assert found["name"] == "mine"
    assert found["dialect"] == {"delimiter": ";", "decimal": ",", "header": False, "encoding": "utf-8"}
    assert [(c["name"], c["type"], c["missing"]) for c in found["columns"]] == [
        ("c1", "number", 1),
        ("c2", "category", 0),
    ]


def test_an_unknown_dataset_is_not_found(base: str) -> None:
    document = problem(requests.get(f"{base}/v1/datasets/ds_x", timeout=5), 404, "not_found")
    assert "Upload the file again" in document["detail"]


REFUSED: list[tuple[str, str | bytes, dict[str, str], int, str]] = [
    ("ragged", "a,b\n1,2\n3\n", {}, 422, "ragged_row"),
    ("utf-16", CSV.encode("utf-16"), {}, 422, "not_utf8"),
    ("infinite", "a\n1\ninf\n", {}, 422, "non_finite"),
    ("columns", ",".join(f"c{k}" for k in range(1001)) + "\n" + "1," * 1000 + "1\n", {}, 422, "too_many_columns"),
    ("delimiter", CSV, {"delimiter": "x"}, 422, "invalid_option"),
    ("decimal", CSV, {"decimal": "'"}, 422, "invalid_option"),
    ("header", CSV, {"header": "True"}, 422, "invalid_option"),
    ("missing-json", CSV, {"missing_values": "["}, 400, "invalid_json"),
    ("missing-type", CSV, {"missing_values": '{"a": "b"}'}, 422, "invalid_option"),
    ("missing-cell", CSV, {"missing_values": "[1]"}, 422, "invalid_option"),
    ("missing-surrogate", CSV, {"missing_values": '["\\ud800"]'}, 422, "invalid_option"),
    ("types-type", CSV, {"types": '["rooms"]'}, 422, "invalid_option"),
    ("types-word", CSV, {"types": '{"rooms": "text"}'}, 422, "invalid_option"),
    ("types-column", CSV, {"types": '{"room": "number"}'}, 422, "unknown_column"),
    ("types-surrogate", CSV, {"types": '{"\\ud800": "number"}'}, 422, "unknown_column"),
    ("types-twice", CSV, {"types": '{"rooms": "number", "rooms": "category"}'}, 400, "duplicate_key"),
]


@pytest.mark.parametrize(
    ("csv", "options", "status", "code"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
@pytest.mark.parametrize("way", ["raw", "form"])
def test_what_is_refused_leaves_nothing_behind(
    running: Stack, way: str, csv: str | bytes, options: dict[str, str], status: int, code: str
) -> None:
    with nothing_left_behind(running):
        problem(upload(running.base, way, csv, **options), status, code)


def test_a_semicolon_that_curl_took_is_told(base: str) -> None:
    """Of ``-F 'delimiter=;'`` nothing arrives."""
    document = problem(upload(base, "form", CSV, delimiter=""), 422, "invalid_option")
    assert document["errors"][0]["detail"].endswith("""-F 'delimiter=";"'.""")


def test_a_wrong_cell_is_named_with_its_place(base: str) -> None:
    document = problem(upload(base, "raw", "a,price\n1,2\n3,4\n5,x12\n"), 422, "not_a_number")
    assert document["errors"][0] | {"detail": ""} == {
        "detail": "",
        "row": 3,
        "line": 4,
        "column": "price",
        "value": "x12",
    }


def test_a_type_with_parameters_is_the_type(base: str) -> None:
    headers = {"Content-Type": "text/csv; charset=utf-8"}
    assert requests.post(f"{base}/v1/datasets", data=CSV, headers=headers, timeout=5).status_code == 201
