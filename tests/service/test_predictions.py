"""Predictions over HTTP: rows as JSON and as CSV, by every kind of model, and what is refused."""

import csv
import gzip
from io import StringIO
from typing import Any

import numpy as np
import orjson
import pytest
import requests

from contract.model import unpack_model
from engine.table import CategoryColumn, NumberColumn
from service.fitted import FittedModels
from service.prediction_answers import MOST_MEASURED, Asked, json_pieces
from tests.support.jobs import LONG, ended, submit
from tests.support.predictions import COLUMN_GAPS, GOOD, NUMBERS, ROWS, THREE, WAYS, Job, ask
from tests.support.problems import nothing_left_behind, problem
from tests.support.processes import Stack, eventually


def answered(base: str, job_id: str, body: Any, **query: str) -> dict[str, Any]:
    found = ask(base, job_id, body, **query)
    assert found.status_code == 200, found.text
    return dict(found.json())


def value_of(cell: str) -> Any:
    """Null for an empty cell, a number where it is one."""
    try:
        return float(cell) if cell else None
    except ValueError:
        return cell


def rows_of(text: str) -> list[dict[str, Any]]:
    """The rows of a CSV as JSON: numbers where they are some, null for an empty cell."""
    return [{name: value_of(cell) for name, cell in row.items()} for row in csv.DictReader(StringIO(text))]


def test_a_linear_model_predicts_as_its_parameters_say(base: str, job: Job) -> None:
    """Columns that it does not read are ignored."""
    parameters = job("linear")["result"]["parameters"]
    w = parameters["coefficients"]
    found = answered(base, job("linear")["id"], {"rows": [{**GOOD, "other": [1]}, {**GOOD, "colour": "blue"}]})
    expected = parameters["intercept"] + 0.5 * w["a"] - w["b"]
    assert found["predictions"] == pytest.approx([expected + w["colour=red"], expected], rel=1e-12)
    assert (found["classes"], found["probabilities"], found["metrics"], found["warnings"]) == (None, None, None, [])


@pytest.mark.parametrize("way", WAYS)
def test_rows_as_json_and_as_csv_are_the_same_to_the_last_digit_but_one(base: str, job: Job, way: str) -> None:
    """And the metrics of the training rows are those of the job."""
    text, one = WAYS[way][0], job(way)
    from_json, from_csv = answered(base, one["id"], {"rows": rows_of(text)}), answered(base, one["id"], text)
    assert from_csv.keys() == from_json.keys()
    for name in ("classes", "warnings"):
        assert from_csv[name] == from_json[name]
    for name, value in one["result"]["metrics"]["train"].items():
        close = pytest.approx(value, rel=1e-5) if isinstance(value, float) else value
        assert from_csv["metrics"][name] == from_json["metrics"][name] == close
    lines = list(csv.reader(StringIO(ask(base, one["id"], text, "text/csv").text)))
    assert len(lines) == ROWS + 1
    assert [line[0] for line in lines] == ["row", *map(str, range(1, ROWS + 1))]
    read = value_of if from_csv["classes"] is None else str
    assert [read(line[1]) for line in lines[1:]] == from_csv["predictions"]
    if from_csv["probabilities"] is None:
        assert lines[0][1:] == ["prediction"]
    else:
        assert lines[0][1:] == ["prediction", *(f"probability={name}" for name in from_csv["classes"])]
        shares = np.array(lines[1:])[:, 2:].astype(float)
        np.testing.assert_allclose(shares, from_csv["probabilities"], rtol=1e-14)
        np.testing.assert_allclose(shares, from_json["probabilities"], rtol=1e-9)
        np.testing.assert_allclose(shares.sum(axis=1), 1.0, rtol=1e-12)
        assert np.array(from_csv["classes"])[shares.argmax(axis=1)].tolist() == from_csv["predictions"]


def test_missing_cells_are_what_they_were_in_training(base: str, job: Job) -> None:
    """Dropped: no prediction, which is said; filled: the mean of training, and an unseen level counts as the usual."""
    rows = {"rows": [GOOD, {**GOOD, "b": None}]}
    dropped = answered(base, job("drop")["id"], rows)
    assert [value is None for value in dropped["predictions"]] == [False, True]
    assert [warning["code"] for warning in dropped["warnings"]] == ["rows_without_prediction"]
    assert dropped["warnings"][0]["detail"].startswith("1 row has no prediction: it has a missing cell")
    known = [float(cell) for cell in COLUMN_GAPS if cell]
    filled = answered(base, job("mean")["id"], {"rows": [*rows["rows"], {**GOOD, "b": np.mean(known)}]})["predictions"]
    assert filled[1] == pytest.approx(filled[2], rel=1e-9)
    unseen = answered(base, job("mean")["id"], {"rows": [{**GOOD, "colour": "mauve"}, GOOD]})["predictions"]
    assert unseen[0] == unseen[1]


def test_many_rows_come_in_pieces_and_are_the_same(base: str, job: Job, running: Stack) -> None:
    """40,000 rows of three classes: more numbers than are answered at once. Nothing of them is left behind."""
    head, *lines = THREE.splitlines(keepends=True)
    times, one = 700, job("softmax")["id"]
    with nothing_left_behind(running):
        found = answered(base, one, head + "".join(lines * times))
        text = ask(base, one, head + "".join(lines * times), "text/csv").text
    few = answered(base, one, THREE)
    assert found["predictions"] == few["predictions"] * times
    np.testing.assert_allclose(found["probabilities"], few["probabilities"] * times, rtol=1e-12)
    assert found["metrics"]["accuracy"] == pytest.approx(few["metrics"]["accuracy"])
    assert [line[1] for line in csv.reader(StringIO(text))][1:] == found["predictions"]


def test_csv_of_another_dialect(base: str, job: Job) -> None:
    """Semicolons, decimal commas, columns in another order, gzip, names of missing cells."""
    one = job("mean")["id"]
    expected = answered(base, one, {"rows": [{**GOOD, "b": -1.5}, {**GOOD, "b": None}]})["predictions"]
    text = "colour;other;b;a\nred;x;-1,5;0,5\nred;;-;0,5\n"
    found = answered(base, one, gzip.compress(text.encode()), missing_values='["-"]')
    assert found["predictions"] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("rows", [3, MOST_MEASURED + 1])
def test_more_than_a_million_rows_have_no_metrics(running: Stack, job: Job, rows: int) -> None:
    """All rows are ordered for some of them; predictions go on, and the answer says it."""
    ones = NumberColumn(np.broadcast_to(1.0, rows))
    colour = CategoryColumn(np.broadcast_to(np.int32(0), rows), ("red",))
    fitted = FittedModels(running.store).of(job("linear")["id"])
    asked = Asked(fitted, {"a": ones, "b": ones, "colour": colour, "y": ones}, rows)
    found = orjson.loads(b"".join(json_pieces(asked, asked.metrics())))
    assert len(found["predictions"]) == rows
    assert (found["metrics"] is None, bool(found["warnings"])) == (rows > MOST_MEASURED, rows > MOST_MEASURED)


def test_rows_times_weights_are_bounded(base: str) -> None:
    """Before anything is predicted; fewer rows of the same model are taken."""
    model = {"name": "network", "hidden": [990, 990]}
    large = submit(base, {"model": model, "features": ["a"], "max_iterations": 1}, NUMBERS, wait=60)["id"]
    refused = problem(ask(base, large, "a\n" + "1\n" * 110_000), 422, "too_many_rows")
    assert "Send it in parts" in refused["detail"]
    assert len(answered(base, large, "a\n" + "1\n" * 200)["predictions"]) == 200


def test_rows_without_a_target_have_no_part_in_the_metrics(base: str, job: Job) -> None:
    one = job("linear")["id"]
    found = answered(base, one, {"rows": [{**GOOD, "y": 1}, {**GOOD, "y": None}, GOOD]})
    assert found["metrics"]["mse"] == pytest.approx((found["predictions"][0] - 1) ** 2)


def test_what_goes_with_the_other_kind_of_body(base: str, job: Job) -> None:
    one = job("linear")["id"]
    problem(ask(base, one, {"rows": []}, decimal=","), 400, "invalid_parameter")
    url = f"{base}/v1/jobs/{one}/predictions"
    problem(
        requests.post(url, data="a", headers={"Content-Type": "text/plain"}, timeout=5), 415, "unsupported_media_type"
    )
    assert answered(base, one, {"rows": []})["predictions"] == []


def test_a_cancelled_job_predicts_by_what_it_came_to(base: str) -> None:
    running = submit(base, LONG)["id"]
    url = f"{base}/v1/jobs/{running}"
    eventually(lambda: requests.get(url, timeout=5).json()["progress"]["iteration"] > 0, what="the first pass")
    requests.post(f"{url}/cancel", timeout=5)
    parameters = ended(base, running)["result"]["parameters"]
    w = parameters["coefficients"]
    found = answered(base, running, {"rows": [{"a": 1, "b": 2}]})["predictions"]
    assert found == [pytest.approx(parameters["intercept"] + w["a"] + 2 * w["b"])]


def test_decoded_models_are_kept_within_bounds(running: Stack, job: Job) -> None:
    """The one that was not asked for longest goes; a deleted job is unknown though its model was kept."""
    first, second = job("linear")["id"], submit(running.base, {}, wait=30)["id"]
    models = FittedModels(running.store, most=0)
    assert models.of(first) is not models.of(first)
    models = FittedModels(running.store)
    kept = models.of(first), models.of(second)
    assert (models.of(first), models.of(second)) == kept
    assert models.of(first) is kept[0]
    bounded = FittedModels(
        running.store, most=sum(len(unpack_model(running.store.model(one))) for one in (first, second)) - 1
    )
    again = bounded.of(first)
    bounded.of(second)
    assert bounded.of(first) is not again
    requests.delete(f"{running.base}/v1/jobs/{second}", timeout=5)
    with pytest.raises(Exception, match="may have expired"):
        models.of(second)
