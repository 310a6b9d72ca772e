"""Pictures over HTTP: which a job has, as what they are sent, and when they are what they were."""

from typing import Any

import numpy as np
import pytest
import requests

from service.plot_drawing import DRAWN
from service.plot_scene import KINDS
from tests.support.jobs import LONG, ended, show, submit
from tests.support.pictures import marked, marks, size, texts, vertices
from tests.support.processes import Stack, eventually


@pytest.fixture(scope="module")
def job(base: str) -> dict[str, Any]:
    return submit(base, {"name": "a <b> & $c$", "validation": {"fraction": 0.2}}, wait=30)


def plot(base: str, job: dict[str, Any], path: str = "plot.svg", **options: Any) -> requests.Response:
    return requests.get(f"{base}/v1/jobs/{job['id']}/{path}", timeout=30, **options)


def test_every_kind_can_be_drawn() -> None:
    assert list(DRAWN) == list(KINDS)


def test_the_cost_is_drawn_by_default(base: str, job: dict[str, Any]) -> None:
    """Training and validation, a vertex for each entry of the history."""
    answer = requests.get(base + job["links"]["plot"], timeout=30)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "image/svg+xml"
    assert {"Cost: a <b> & $c$", "iteration", "cost", "training", "validation"} <= set(texts(answer.content))
    entries = requests.get(base + job["links"]["history"], timeout=30).json()["total"]
    assert [len(vertices(answer.content, name)) for name in marked(answer.content)] == [entries, entries]


def test_without_a_name_the_title_says_model_and_target(base: str) -> None:
    assert "Cost: linear model of y" in texts(plot(base, submit(base, {}, wait=30)).content)


def test_a_png_is_as_large_as_it_says(base: str, job: dict[str, Any]) -> None:
    answer = plot(base, job, "plot.png")
    assert answer.headers["Content-Type"] == "image/png"
    assert size(answer.content) == (800, 500)


def test_the_learning_rate_of_a_schedule_is_drawn(base: str) -> None:
    rate = {"schedule": "step", "initial": 0.1, "gamma": 0.5, "steps": 2}
    found = plot(
        base, submit(base, {"learning_rate": rate, "max_iterations": 6}, wait=30), "plot.svg?kind=learning_rate"
    )
    heights = [y for _, y in vertices(found.content, "curve-0")]
    # The start has no rate; then two steps of each.
    assert len(heights) == 6
    assert len({round(height, 3) for height in heights}) == 3


def test_the_accuracy_of_a_network_is_drawn(base: str) -> None:
    csv = "x,c\n" + "".join(f"{k / 20},{'no' if k < 20 else 'yes'}\n" for k in range(40))
    settings = {"target": "c", "model": "network", "max_iterations": 5, "validation": {"fraction": 0.25}}
    found = plot(base, submit(base, settings, csv, wait=30), "plot.svg?kind=accuracy")
    assert found.status_code == 200, found.text
    assert {"share of rows predicted rightly", "training", "validation"} <= set(texts(found.content))


def test_a_kind_that_the_job_does_not_have_is_refused_with_those_that_it_has(base: str, job: dict[str, Any]) -> None:
    answer = plot(base, job, "plot.svg?kind=accuracy")
    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_to_draw")
    assert "cost, learning_rate" in answer.json()["detail"]
    assert "Retry-After" not in answer.headers


@pytest.mark.parametrize("query", ["kind=costs", "kind=", "knd=cost", "kind=cost&kind=cost"])
def test_a_wrong_query_is_refused(base: str, job: dict[str, Any], query: str) -> None:
    answer = plot(base, job, f"plot.svg?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_parameter")


def test_an_unknown_job_has_no_picture(base: str, job: dict[str, Any]) -> None:
    for path in ("plot.svg", "plot.png"):
        assert plot(base, {"id": "job_" + 26 * "a"}, path).status_code == 404
    assert plot(base, job, "plot.gif").status_code == 404


def test_a_picture_that_is_known_is_not_sent_again(base: str, job: dict[str, Any]) -> None:
    first = plot(base, job)
    again = plot(base, job, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert plot(base, job).content == first.content
    assert plot(base, job, headers={"If-None-Match": '"another"'}).status_code == 200


def test_a_picture_may_be_kept_by_who_asked_but_not_believed_unasked(base: str, job: dict[str, Any]) -> None:
    """It runs and loads nothing where it is opened by itself."""
    headers = plot(base, job).headers
    assert headers["Cache-Control"] == "private, no-cache"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_a_running_job_shows_what_there_is(base: str) -> None:
    """The picture grows, and says when to look again."""
    job = submit(base, LONG | {"max_iterations": 10_000_000})
    eventually(lambda: show(base, job["id"])["progress"]["iteration"] > 1, what="the second iteration")
    first = plot(base, job)
    assert (first.status_code, first.headers["Retry-After"]) == (200, "1")
    assert any(text.startswith("running, ") for text in texts(first.content))
    eventually(lambda: plot(base, job).headers["ETag"] != first.headers["ETag"], what="another picture")
    requests.post(f"{base}/v1/jobs/{job['id']}/cancel", timeout=10)
    ended(base, job["id"])
    assert any(text.startswith("cancelled") for text in texts(plot(base, job).content))


def test_a_job_that_has_not_begun_says_so_and_when_to_come_back(running: Stack) -> None:
    """Who writes it to a file with ``curl --fail`` gets no picture of nothing."""
    base, blocker = running.base, {**LONG, "max_iterations": 10_000_000}
    running_jobs = [submit(base, blocker) for _ in running.workers]
    queued = submit(base, {})
    answer = plot(base, queued)
    for job in running_jobs:
        requests.post(f"{base}/v1/jobs/{job['id']}/cancel", timeout=10)
    assert (answer.status_code, answer.headers["Retry-After"]) == (409, "1")
    assert answer.json()["detail"] == "The job is queued and has no history to draw."
    ended(base, queued["id"])
    assert plot(base, queued).status_code == 200


def test_a_diverged_job_is_drawn_to_where_it_got(base: str) -> None:
    job = submit(base, {"optimizer": "sgd", "learning_rate": 1e6, "max_iterations": 50}, wait=30)
    assert job["stop_reason"] == "diverged"
    found = plot(base, job)
    assert any(text.startswith("failed (diverged)") for text in texts(found.content))
    assert "diverged-0" in marked(found.content)


def test_a_fit_of_one_feature_is_a_line_among_all_rows(base: str) -> None:
    job = submit(base, {"features": ["a"], "validation": {"fraction": 0.2}}, wait=30)
    found = plot(base, job, "plot.svg?kind=fit").content
    assert {"Fit: linear model of y", "a", "y", "rows", "prediction"} <= set(texts(found))
    assert any(text.endswith("; 200 rows") for text in texts(found))
    assert marks(found, "rows-0") == 200
    line = np.array(vertices(found, "fit-0"))
    assert np.ptp(np.diff(line[:, 1]) / np.diff(line[:, 0])) < 1e-2


def test_a_fit_tells_the_cost_of_what_it_draws(base: str) -> None:
    """That of the best parameters, which here are not the last ones, and of which iteration they are."""
    jumping = {"optimizer": "sgd", "batch_size": 1, "learning_rate": 0.3, "max_iterations": 40}
    job = submit(base, jumping | {"features": ["a"], "validation": {"fraction": 0.5}}, wait=30)
    result = job["result"]
    assert (result["which"], result["cost"] != result["other"]["cost"]) == ("best", True)
    (note,) = [text for text in texts(plot(base, job, "plot.svg?kind=fit").content) if text.endswith("; 200 rows")]
    history = requests.get(f"{base}/v1/jobs/{job['id']}/history", timeout=30).json()
    at = history["iterations"][history["validation_cost"].index(result["validation_cost"])]
    assert note.endswith(f", cost {result['cost']:.6g} (best, of iteration {at}); 200 rows")


def test_a_fit_of_several_features_is_predictions_against_targets(base: str, job: dict[str, Any]) -> None:
    found = plot(base, job, "plot.svg?kind=fit").content
    assert {"y", "predicted y", "prediction = target"} <= set(texts(found))
    assert marks(found, "rows-0") == 200


def classes_csv(rows: int = 60) -> str:
    names = ["low", "high", "<odd> & $other$"]
    random = np.random.default_rng(0)
    cells = [(k % 3 + 0.7 * random.normal(), random.normal(), names[k % 3]) for k in range(rows)]
    return "x,z,c\n" + "".join(f"{x:.4f},{z:.4f},{name}\n" for x, z, name in cells)


def test_classes_along_one_feature_have_probabilities(base: str) -> None:
    settings = {"target": "c", "model": "softmax", "features": ["x"]}
    found = plot(base, submit(base, settings, classes_csv(), wait=30), "plot.svg?kind=fit").content
    assert {"x", "probability of c", "low", "high", "<odd> & $other$"} <= set(texts(found))
    assert [marks(found, f"rows-{k}") for k in range(3)] == [20, 20, 20]


@pytest.mark.parametrize("loss", [{}, {"loss": "hinge", "features": ["x"], "model": "logistic"}], ids=["many", "hinge"])
def test_classes_of_several_features_or_without_probabilities_have_a_matrix(base: str, loss: dict[str, Any]) -> None:
    csv = classes_csv().replace("<odd> & $other$", "low") if loss else classes_csv()
    settings = {"target": "c", "model": "softmax", "validation": {"fraction": 0.5}} | loss
    job = submit(base, settings, csv, wait=30)
    found = plot(base, job, "plot.svg?kind=fit").content
    assert {"c", "predicted c", "low", "high"} <= set(texts(found))
    assert any(text.endswith("; validation rows") for text in texts(found))
    counts = job["result"]["metrics"]["validation"]["confusion"]["counts"]
    assert {f"{count:g}" for row in counts for count in row} <= set(texts(found))


def test_rows_with_missing_cells_are_left_out_of_the_fit(base: str) -> None:
    csv = "x,y\n" + "".join(f"{k},{2 * k}\n" for k in range(20)) + ",1\n5,\n"
    job = submit(base, {"target": "y", "missing": "drop"}, csv, wait=30)
    found = plot(base, job, "plot.svg?kind=fit").content
    assert marks(found, "rows-0") == 20
    assert any(text.endswith("; 20 of 22 rows") for text in texts(found))


def test_a_large_dataset_is_sampled(base: str) -> None:
    csv = "x,y\n" + "".join(f"{k},{k % 7}\n" for k in range(30_000))
    found = plot(base, submit(base, {"target": "y"}, csv, wait=30), "plot.svg?kind=fit").content
    assert marks(found, "rows-0") == 2000
    assert any(text.endswith("; 2,000 of 30,000 rows") for text in texts(found))


def test_a_fit_without_its_dataset_is_refused_and_a_matrix_needs_none(base: str) -> None:
    for model, target, expected in (("linear", "z", 409), ("softmax", "c", 200)):
        job = submit(base, {"target": target, "model": model}, classes_csv(), wait=30)
        assert requests.delete(f"{base}/v1/datasets/{job['settings']['dataset']}", timeout=10).status_code == 204
        answer = plot(base, job, "plot.svg?kind=fit")
        assert answer.status_code == expected
        assert expected == 200 or "dataset of this job is gone" in answer.json()["detail"]


def test_a_dataset_whose_file_is_lost_is_told_and_not_where_it_was(running: Stack) -> None:
    job = submit(running.base, {}, wait=30)
    for file in running.folder.glob(f"data/datasets/*/{job['settings']['dataset']}.arrow"):
        file.unlink()
    answer = plot(running.base, job, "plot.svg?kind=fit")
    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_to_draw")
    assert str(running.folder) not in answer.text


def test_what_failed_has_no_fit(base: str) -> None:
    job = submit(base, {"optimizer": "sgd", "learning_rate": 1e6, "max_iterations": 50}, wait=30)
    assert plot(base, job, "plot.svg?kind=fit").status_code == 409


@pytest.mark.parametrize(
    "given", ["1,1", "2,1", "1", "a,b", "nan,1", "0,1e101", "-inf,1", "1,2,3", "1_0,20", "0, 1", ""]
)
def test_a_range_that_is_none_is_refused(base: str, job: dict[str, Any], given: str) -> None:
    answer = plot(base, job, "plot.svg", params={"kind": "path", "range": given})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_parameter")
    assert "-10,10" in answer.json()["detail"]


def test_a_range_goes_with_the_curves_of_functions_only(base: str, job: dict[str, Any]) -> None:
    answer = plot(base, job, "plot.svg", params={"range": "-1,1"})
    assert answer.status_code == 400
    assert answer.json()["detail"] == "range: Goes with kind path and gradient only."
    assert plot(base, job, "plot.svg", params={"kind": "path", "range": "-1,1"}).status_code == 409


def minimise(base: str, **settings: Any) -> dict[str, Any]:
    answer = requests.post(f"{base}/v1/jobs", params={"wait": 30}, json=settings, timeout=70)
    assert answer.status_code == 202, answer.text
    return dict(answer.json())


@pytest.fixture(scope="module")
def parabola(base: str) -> dict[str, Any]:
    function = {"expression": "x**2 + 5*x + 10"}
    return minimise(base, function=function, initial={"x": 5}, learning_rate=0.1, optimizer="sgd", max_iterations=20)


def test_a_function_of_one_variable_has_its_curve_and_the_path_on_it(base: str, parabola: dict[str, Any]) -> None:
    """A vertex for each entry of the history."""
    found = plot(base, parabola, "plot.svg?kind=path").content
    assert {"Path: x**2 + 5*x + 10", "x", "cost", "function", "path", "start", "end"} <= set(texts(found))
    assert len(vertices(found, "path-0")) == 21


def test_the_gradient_of_a_function_has_a_line_of_zero(base: str, parabola: dict[str, Any]) -> None:
    found = plot(base, parabola, "plot.svg", params={"kind": "gradient", "range": "-10,10"}).content
    assert {"Gradient: x**2 + 5*x + 10", "derivative by x", "derivative"} <= set(texts(found))
    (zero, _), path = vertices(found, "zero-0"), vertices(found, "path-0")
    assert path[0][1] < path[-1][1] < zero[1] + 1
    other = plot(base, parabola, "plot.svg", params={"kind": "gradient", "range": "-1,10"}).content
    assert other != found


def test_the_parameters_of_a_function_are_drawn_over_the_iterations(base: str, parabola: dict[str, Any]) -> None:
    found = plot(base, parabola, "plot.svg?kind=parameters").content
    assert len(vertices(found, "curve-0")) == 21
    assert "Parameters: x**2 + 5*x + 10" in texts(found)


def test_a_function_of_two_variables_has_contours_and_the_ends_of_other_starts(base: str) -> None:
    initial = {"random": {"x": [-5, 5], "y": [-5, 5]}, "count": 5}
    job = minimise(base, function={"name": "himmelblau"}, initial=initial, seed=1)
    found = plot(base, job, "plot.svg?kind=path").content
    assert {"Path: himmelblau", "x", "y", "cost", "ends of other starts"} <= set(texts(found))
    assert marks(found, "others-0") == 4
    result = job["result"]
    assert any(text.endswith(f"{result['iterations']} iterations, cost {result['cost']:.6g}") for text in texts(found))
    answer = plot(base, job, "plot.svg?kind=gradient")
    assert answer.json()["detail"].endswith("it has: cost, learning_rate, parameters, path.")


def test_a_function_of_more_variables_has_its_parameters(base: str) -> None:
    job = minimise(base, function={"expression": "a**2 + b**2 + c**2"}, initial={"a": 1, "b": 2, "c": 3})
    assert plot(base, job, "plot.svg?kind=path").status_code == 409
    assert {"a", "b", "c"} <= set(texts(plot(base, job, "plot.svg?kind=parameters").content))


def test_a_function_that_diverged_shows_where_it_began(base: str) -> None:
    job = minimise(base, function={"expression": "x**2"}, initial={"x": 1}, optimizer="sgd", learning_rate=3)
    assert job["stop_reason"] == "diverged"
    found = plot(base, job, "plot.svg?kind=path").content
    assert any(text.startswith("failed (diverged)") for text in texts(found))
    assert max(abs(y) for _, y in vertices(found, "function-0")) < 500


def test_the_parameters_of_a_fit_are_drawn_where_the_history_has_them(base: str, job: dict[str, Any]) -> None:
    kept = submit(base, {"history": {"parameters": True}}, wait=30)
    found = plot(base, kept, "plot.svg?kind=parameters").content
    assert {"intercept", "a", "b"} <= set(texts(found)) or len(marked(found)) == 3
    assert plot(base, job, "plot.svg?kind=parameters").status_code == 409
