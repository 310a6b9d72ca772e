"""POST /v1/sweeps/validate: the verdict of POST /v1/sweeps, with nothing run and nothing kept."""

import json
from typing import Any

import pytest
import requests

from tests.support.jobs import line_csv, post_sweep, show, submit_sweep
from tests.support.problems import left_behind, nothing_left_behind, nothing_new, problem
from tests.support.processes import Stack

RATES = {"learning_rate": [0.01, 0.1]}
GOOD = {"target": "y"}


def validate(base: str, document: Any) -> requests.Response:
    parts = {"file": ("data.csv", line_csv()), "settings": (None, json.dumps(document))}
    return requests.post(f"{base}/v1/sweeps/validate", files=parts, timeout=30)


def test_each_job_gets_the_settings_that_it_would_have(running: Stack) -> None:
    """In the order of the request, with the warnings that it would have; and neither a record nor a file stays."""
    document = {"base": {**GOOD, "batch_size": 5}, "vary": {**RATES, "max_iterations": [5, 10]}}
    before = left_behind(running)
    verdict = validate(running.base, document).json()
    assert nothing_new(running, before)
    made = submit_sweep(running.base, document, wait=30)["jobs"]
    jobs = [show(running.base, job["id"]) for job in made]
    assert (verdict["valid"], verdict["total"], verdict["dataset"]["rows"]) == (True, 4, 200)
    assert [one["varied"] for one in verdict["jobs"]] == [job["varied"] for job in made]
    assert [one["settings"] for one in verdict["jobs"]] == [job["settings"] | {"dataset": None} for job in jobs]


def test_a_dataset_stays_as_it_was(running: Stack) -> None:
    headers = {"Content-Type": "text/csv"}
    dataset = requests.post(f"{running.base}/v1/datasets", data=line_csv(), headers=headers, timeout=30).json()["id"]
    before, document = left_behind(running), {"base": {**GOOD, "dataset": dataset}, "vary": RATES}
    answer = requests.post(f"{running.base}/v1/sweeps/validate", json=document, timeout=30)
    assert [one["settings"]["dataset"] for one in answer.json()["jobs"]] == [dataset] * 2
    assert nothing_new(running, before)


def test_a_function_has_no_file(running: Stack) -> None:
    document = {"base": {"function": "ackley"}, "vary": RATES}
    with nothing_left_behind(running):
        found = requests.post(f"{running.base}/v1/sweeps/validate", json=document, timeout=30).json()
    assert (found["dataset"], [one["varied"] for one in found["jobs"]]) == (
        None,
        [{"learning_rate": 0.01}, {"learning_rate": 0.1}],
    )


@pytest.mark.parametrize(
    "document",
    [
        [],
        {},
        {"base": GOOD},
        {"base": GOOD, "vary": {}},
        {"base": GOOD, "vary": {"seed": [1, 2]}},
        {"base": GOOD, "vary": {"max_iterations": [*range(1, 66)]}},
        {"base": GOOD, "vary": {"learning_rate": [0.1, -1]}},
        {"base": GOOD, "vary": {"learning_rate": [0.1, 0.1]}},
        {"base": {**GOOD, "dataset": "ds_x"}, "vary": RATES},
        {"base": {"target": "z"}, "vary": RATES},
    ],
    ids=lambda document: json.dumps(document)[:80],
)
def test_what_a_sweep_would_be_refused_for_is_refused(running: Stack, document: Any) -> None:
    with nothing_left_behind(running):
        refusal = problem(validate(running.base, document), 422)
        sweep = problem(post_sweep(running.base, document), 422)
    assert refusal | {"request_id": ""} == sweep | {"request_id": ""}
