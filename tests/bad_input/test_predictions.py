"""Rows that a model cannot predict: rows 101 to 110 of the catalogue, as JSON and as CSV."""

import json
from typing import Any

import pytest
import requests

from tests.support.jobs import LONG, ended, submit
from tests.support.predictions import GOOD, JSON, Job, ask
from tests.support.problems import nothing_left_behind, problem
from tests.support.processes import Stack

WRONG: dict[str, tuple[str, Any, str, str]] = {
    "101-no-object": ("linear", [1], "invalid_rows", ""),
    "101-no-rows": ("linear", {}, "invalid_rows", "/rows"),
    "101-rows-no-list": ("linear", {"rows": {}}, "invalid_rows", "/rows"),
    "101-other-member": ("linear", {"rows": [], "x": 1}, "invalid_rows", "/x"),
    "101-row-no-object": ("linear", {"rows": [GOOD, 5]}, "invalid_rows", "/rows/1"),
    "102-many": ("linear", {"rows": [{}] * 10_001}, "too_many_rows", "/rows"),
    "103-lacks": ("linear", {"rows": [GOOD, {"a": 1, "colour": "red"}]}, "missing_column", "/rows/1/b"),
    "104-text": ("linear", {"rows": [{**GOOD, "a": "0.5"}]}, "wrong_type", "/rows/0/a"),
    "104-boolean": ("linear", {"rows": [{**GOOD, "a": True}]}, "wrong_type", "/rows/0/a"),
    "105-huge": ("linear", {"rows": [{**GOOD, "a": 10**400}]}, "wrong_type", "/rows/0/a"),
    "104-list": ("linear", {"rows": [{**GOOD, "colour": ["red"]}]}, "wrong_type", "/rows/0/colour"),
    "104-number-for-text": ("linear", {"rows": [{**GOOD, "colour": 1}]}, "wrong_type", "/rows/0/colour"),
    "106-missing": ("linear", {"rows": [{**GOOD, "a": None}]}, "missing_cell", "/rows/0/a"),
    "107-unseen": ("linear", {"rows": [{**GOOD, "colour": "mauve"}]}, "unknown_category", "/rows/0/colour"),
    "107-half-a-character": ("linear", {"rows": [{**GOOD, "colour": "\ud800"}]}, "unknown_category", "/rows/0/colour"),
    "107-unseen-dropped": (
        "drop",
        {"rows": [{**GOOD, "colour": "mauve"}]},
        "unknown_category",
        "/rows/0/colour",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_rows_are_named_by_their_place(base: str, job: Job, case: str) -> None:
    way, body, code, pointer = WRONG[case]
    found = problem(ask(base, job(way)["id"], body), 422, code)
    assert found["errors"][0]["pointer"] == pointer


def test_105_a_number_beyond_float64_is_refused(base: str, job: Job) -> None:
    """1e999 is JSON, and no number of ours."""
    url = f"{base}/v1/jobs/{job('linear')['id']}/predictions"
    body = json.dumps({"rows": [GOOD]}).replace("0.5", "1e999")
    problem(requests.post(url, data=body, headers={"Content-Type": JSON}, timeout=5), 422, "wrong_type")


WRONG_CSV: dict[str, tuple[str, str, str, dict[str, Any]]] = {
    "103-lacks": ("linear", "a,colour\n1,red\n", "missing_column", {}),
    "109-empty": ("linear", "a,b,colour\n", "empty_dataset", {}),
    "104-text": ("linear", "a,b,colour\n1,2,red\n1,x,red\n", "not_a_number", {"row": 2, "column": "b", "value": "x"}),
    "105-infinite": ("linear", "a,b,colour\ninf,2,red\n", "non_finite", {"row": 1, "column": "a"}),
    "106-missing": ("linear", "a,b,colour\n1,2,red\n1,,red\n", "missing_cell", {"row": 2, "column": "b"}),
    "107-unseen": ("linear", "a,b,colour\n1,2,red\n1,2,pink\n", "unknown_category", {"row": 2, "value": "pink"}),
    "109-ragged": ("linear", "a,b,colour\n1,2\n", "ragged_row", {"row": 1}),
}


@pytest.mark.parametrize("case", WRONG_CSV)
def test_wrong_cells_of_a_csv_are_named_by_row_and_column(running: Stack, job: Job, case: str) -> None:
    """Before the first byte of an answer, whatever is to be answered, and without a trace on the disk."""
    way, text, code, place = WRONG_CSV[case]
    one = job(way)["id"]
    for accept in (JSON, "text/csv"):
        with nothing_left_behind(running):
            found = problem(ask(running.base, one, text, accept), 422, code)
        shown = found["errors"][0] if found["errors"] else {}
        assert shown.items() >= place.items()


def test_107_more_categories_than_are_kept(base: str, job: Job) -> None:
    """More than are kept of a column: some are unseen, and none is told from another."""
    text = "a,b,colour\n" + "".join(f"1,2,c{k}\n" for k in range(1500))
    problem(ask(base, job("linear")["id"], text), 422, "unknown_category")


UNMEASURED: dict[str, tuple[str, Any, str]] = {
    "108-target": ("linear", {"rows": [GOOD, {**GOOD, "y": "high"}]}, "/rows/1/y"),
    "108-class": ("digits", {"rows": [GOOD, {**GOOD, "y": 0.5}]}, "/rows/1/y"),
    "108-unknown-class": ("softmax", {"rows": [GOOD, {**GOOD, "y": "huge"}]}, "from row 2 on: huge"),
    "108-csv-target": ("linear", "a,b,colour,y\n1,2,red,1\n1,2,red,?\n", "row 2"),
    "108-csv-infinite": ("linear", "a,b,colour,y\n1,2,red,1\n1,2,red,inf\n", "row 2"),
    "108-csv-unknown-class": ("softmax", "a,b,colour,y\n1,2,red,?\n1,2,red,?\n", "from row 1 on: ?"),
    "108-many": ("softmax", "a,b,colour,y\n" + "".join(f"1,2,red,c{k}\n" for k in range(1500)), "categories"),
}


@pytest.mark.parametrize("case", UNMEASURED)
def test_108_a_target_that_is_none_costs_the_metrics_alone(running: Stack, job: Job, case: str) -> None:
    """No prediction needs it, so it refuses none, whatever is to be answered; a warning says why, and where."""
    way, body, place = UNMEASURED[case]
    one = job(way)["id"]
    with nothing_left_behind(running):
        found = ask(running.base, one, body)
        as_csv = ask(running.base, one, body, "text/csv")
    assert (found.status_code, as_csv.status_code) == (200, 200), found.text
    shown = found.json()
    assert (shown["metrics"], [warning["code"] for warning in shown["warnings"]]) == (None, ["no_metrics"])
    assert place in shown["warnings"][0]["detail"].replace("Row", "row")
    assert len(shown["predictions"]) == len(as_csv.text.splitlines()) - 1


def test_110_a_job_without_a_result(base: str) -> None:
    """404 for no job, 409 while it runs and where it failed, as CSV and as JSON."""
    problem(ask(base, "job_" + "a" * 26, {"rows": []}), 404, "not_found")
    problem(ask(base, "nothing", "a\n1\n"), 404, "not_found")
    running = submit(base, LONG)["id"]
    problem(ask(base, running, {"rows": []}), 409, "conflict")
    requests.post(f"{base}/v1/jobs/{running}/cancel", timeout=5)
    ended(base, running)
    diverged = submit(base, {"optimizer": "sgd", "learning_rate": 100}, wait=30)
    assert diverged["state"] == "failed"
    problem(ask(base, diverged["id"], "a,b\n1,2\n"), 409, "conflict")


BODIES = {
    "101-nothing": (b"", 400, "invalid_json"),
    "101-broken": (b'{"rows": [', 400, "invalid_json"),
    "101-twice": (b'{"rows": [], "rows": []}', 400, "duplicate_key"),
    "101-deep": (b'{"rows": ' + b"[" * 100, 400, "json_too_deep"),
    "105-NaN": (b'{"rows": [{"a": NaN}]}', 400, "invalid_json"),
}


@pytest.mark.parametrize("case", BODIES)
def test_a_body_that_is_no_json(running: Stack, job: Job, case: str) -> None:
    body, status, code = BODIES[case]
    url = f"{running.base}/v1/jobs/{job('linear')['id']}/predictions"
    with nothing_left_behind(running):
        problem(requests.post(url, data=body or b" ", headers={"Content-Type": JSON}, timeout=5), status, code)
