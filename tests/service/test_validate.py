"""POST /v1/jobs/validate: the verdict of POST /v1/jobs, with nothing run and nothing kept."""

import json
from typing import Any

import pytest
import requests

from contract.store_keys import JOB
from tests.support.jobs import line_csv, post
from tests.support.problems import left_behind, nothing_left_behind, nothing_new, problem
from tests.support.processes import Stack

CSV = "a,street,y\n" + "".join(f"{k},street {k},{2 * k + k % 2}\n" for k in range(20))


def validate(base: str, settings: Any, csv: str = CSV, **options: str) -> requests.Response:
    parts: dict[str, Any] = {"file": ("data.csv", csv), "settings": (None, json.dumps(settings))}
    parts |= {name: (None, value) for name, value in options.items()}
    return requests.post(f"{base}/v1/jobs/validate", files=parts, timeout=30)


def upload(base: str, csv: str = CSV) -> str:
    answer = requests.post(f"{base}/v1/datasets", data=csv, headers={"Content-Type": "text/csv"}, timeout=30)
    return str(answer.json()["id"])


def test_a_form_gets_the_settings_that_its_job_would_have(running: Stack) -> None:
    """Defaults filled in, features by name, the same warnings; and neither a record nor a file stays."""
    before = left_behind(running)
    answer = validate(running.base, {"target": "y", "batch_size": 5})
    assert nothing_new(running, before)
    assert answer.status_code == 200, answer.text
    verdict = answer.json()
    job = post(running.base, {"target": "y", "batch_size": 5}, CSV, wait=30).json()
    assert verdict["valid"] is True
    assert verdict["settings"] == job["settings"] | {"dataset": None}
    assert verdict["settings"]["features"] == ["a"]
    assert verdict["warnings"] == job["warnings"]
    assert [warning["code"] for warning in verdict["warnings"]] == ["columns_left_out"]


def test_the_file_is_described_as_it_was_read(running: Stack) -> None:
    """Types and dialect are what one wants to see before a job is sent; an id would be of nothing."""
    file = validate(running.base, {"target": "y"}, name="streets", types='{"a": "category"}').json()["dataset"]
    assert (file["name"], file["rows"], file["dialect"]["delimiter"]) == ("streets", 20, ",")
    assert [column["type"] for column in file["columns"]] == ["category", "category", "number"]
    assert "id" not in file


def test_a_dataset_stays_as_it_was(running: Stack) -> None:
    dataset = upload(running.base)
    before = left_behind(running)
    answer = requests.post(f"{running.base}/v1/jobs/validate", json={"dataset": dataset, "target": "y"}, timeout=30)
    assert (answer.status_code, answer.json()["settings"]["dataset"]) == (200, dataset)
    assert nothing_new(running, before)
    assert requests.get(f"{running.base}/v1/datasets/{dataset}", timeout=5).status_code == 200


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({}, "missing_field"),
        ([], "expected_object"),
        ({"target": "why"}, "unknown_column"),
        ({"target": "y", "learnig_rate": 1}, "unknown_field"),
        ({"target": "y", "dataset": "ds_x"}, "invalid_settings"),
        ({"target": "street"}, "invalid_settings"),
        ({"target": "y", "validation": {"dataset": "ds_x"}}, "unknown_dataset"),
    ],
    ids=str,
)
def test_what_a_job_would_be_refused_for_is_refused(running: Stack, settings: Any, code: str) -> None:
    with nothing_left_behind(running):
        refusal = problem(validate(running.base, settings), 422, code)
    job = problem(post(running.base, settings, CSV), 422, code)
    assert refusal | {"request_id": ""} == job | {"request_id": ""}


def test_a_missing_target_is_answered_with_the_columns(base: str) -> None:
    """Whether the columns come in a file or are those of a dataset; what else is wrong is said too."""
    given = {"dataset": upload(base), "seed": -1}
    for route in ("/v1/jobs/validate", "/v1/jobs"):
        document = problem(requests.post(base + route, json=given, timeout=30), 422)
        details = {place["pointer"]: place["detail"] for place in document["errors"]}
        assert details.keys() == {"/target", "/seed"}
        assert details["/target"] == "Is required: the column to predict, one of a, street, y."


@pytest.mark.parametrize(
    ("settings", "code"),
    [({"target": "y", "seed": -1}, "out_of_range"), ({"target": "y"}, "ragged_row"), ({}, "ragged_row")],
    ids=str,
)
def test_settings_that_no_file_can_mend_are_refused_before_it_is_read(base: str, settings: Any, code: str) -> None:
    """Reading takes seconds; a missing target is only said when the columns are known."""
    problem(validate(base, settings, "a,y\n1,2\n3\n"), 422, code)


@pytest.mark.parametrize("dataset", ["ds_x", "", "\ud800", "a\nb", "x" * 2000], ids=ascii)
def test_an_id_of_no_dataset_is_said_where_it_stands(base: str, dataset: str) -> None:
    text = json.dumps({"dataset": dataset, "target": "y"})
    headers = {"Content-Type": "application/json"}
    answer = requests.post(f"{base}/v1/jobs/validate", data=text, headers=headers, timeout=30)
    document = problem(answer, 422)
    assert [place["pointer"] for place in document["errors"]] == ["/dataset"]


def test_rows_of_another_dataset_are_checked(running: Stack) -> None:
    """They may be named beside a file; what differs is said at validation.dataset."""
    good, other = upload(running.base, line_csv(seed=1)), upload(running.base)
    settings = {"target": "y", "features": ["a", "b"], "validation": {"dataset": good}}
    assert validate(running.base, settings, line_csv()).status_code == 200
    document = problem(validate(running.base, settings | {"validation": {"dataset": other}}, line_csv()), 422)
    assert document["errors"] == [
        {"pointer": "/validation/dataset", "detail": "Has no column 'b', which the job uses."}
    ]


def test_a_job_holds_on_to_the_dataset_that_validates_it(running: Stack) -> None:
    """The store keeps a dataset from going while it stands in ``uses`` of a live job."""
    other = upload(running.base, line_csv(seed=1))
    job = post(running.base, {"target": "y", "validation": {"dataset": other}}, line_csv()).json()
    assert running.store.client.hget(JOB + job["id"], "uses") == other.encode()
