"""The page beyond one fit: sweeps, predictions, going on, functions."""

import math
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.support.jobs import LONG, line_csv, show, submit, submit_sweep
from tests.support.processes import eventually
from tests.support.watched import Watched

pytestmark = pytest.mark.browser

SLOW = {"optimizer": "sgd", "learning_rate": 0.01, "max_iterations": 20, "tolerance": {"cost": 0}}


@pytest.fixture
def page(watched: Watched, base: str) -> Page:
    watched.page.goto(f"{base}/")
    return watched.page


def uploaded(page: Page, folder: Path) -> None:
    (file := folder / "line.csv").write_text(line_csv())
    page.locator("input[type=file]").set_input_files(file)
    expect(page.get_by_text("These settings will do.")).to_be_visible(timeout=20_000)


def opened(page: Page, base: str, job: str) -> dict[str, Any]:
    """Show a job that has ended; what the API says of it."""
    page.goto(f"{base}/#/jobs/{job}")
    expect(page.locator("pre")).to_be_visible(timeout=20_000)
    found: dict[str, Any] = requests.get(f"{base}/v1/jobs/{job}", timeout=5).json()
    return found


def test_a_sweep_draws_and_ranks_its_jobs(page: Page, watched: Watched, base: str, tmp_path: Path) -> None:
    uploaded(page, tmp_path)
    page.get_by_label("Optimizer").select_option("sgd")
    page.get_by_text("Compare several values of a setting").click()
    page.get_by_label("To compare").fill("0.01, 0.1, -1")
    page.get_by_role("button", name="Start the sweep").click()
    expect(
        page.locator('[data-pointer="/vary"] .problem, details [role=alert]').filter(has_text="greater than 0").first
    ).to_be_visible()
    page.get_by_label("To compare").fill("0.01, 0.1, 5")
    page.get_by_role("button", name="Start the sweep").click()
    expect(page.locator(".badge").first).to_have_text("succeeded", timeout=30_000)
    expect(page.locator("path.curve:not(.swatch *)")).to_have_count(3)
    ranking = requests.get(f"{base}/v1/sweeps/{page.url.rsplit('/', 1)[1]}", timeout=5).json()["ranking"]
    shown = page.locator("tbody th").all_inner_texts()
    assert shown == [f"learning rate {one['varied']['learning_rate']}" for one in ranking]
    page.goto(f"{base}/#/sweeps")
    expect(page.locator("tbody tr").first).to_contain_text("3 of 3")
    assert watched.defects() == []


def test_a_row_is_predicted(page: Page, base: str) -> None:
    """The model is y = 3 + 2 a - b, and the form begins with the means."""
    found = opened(page, base, submit(base, {}, wait=20)["id"])
    page.get_by_label("a", exact=True).fill("10")
    page.get_by_label("b", exact=True).fill("1")
    page.get_by_role("button", name="Predict").click()
    told = page.locator("form [role=status] dd").first
    expect(told).not_to_be_empty()
    values = found["result"]["parameters"]
    wanted = values["intercept"] + 10 * values["coefficients"]["a"] + values["coefficients"]["b"]
    assert float(told.inner_text()) == pytest.approx(wanted, rel=1e-5)
    page.get_by_label("a", exact=True).fill("ten")
    page.get_by_role("button", name="Predict").click()
    expect(page.get_by_role("alert").filter(has_text="ten")).to_be_visible()


def test_a_job_goes_on(page: Page, base: str) -> None:
    first = submit(base, SLOW, wait=20)["id"]
    opened(page, base, first)
    page.get_by_label("More iterations").fill("0")
    page.get_by_role("button", name="Go on").click()
    expect(page.locator('[data-pointer="/max_iterations"] .problem')).not_to_be_empty()
    page.get_by_label("More iterations").fill("15")
    page.get_by_role("button", name="Go on").click()
    expect(page.locator(".facts dd").first).to_have_text("35 of at most 35", timeout=20_000)
    assert page.locator("path.curve").first.get_attribute("d").count("L") == 35  # type: ignore[union-attr]
    page.get_by_role("link", name=first[:12]).click()
    expect(page.locator(".facts dd").first).to_have_text("20 of at most 20", timeout=20_000)


def test_a_function_is_minimised(page: Page, watched: Watched, base: str) -> None:
    """From an expression and several starts to the lowest end, and on to another function from there."""
    page.goto(f"{base}/#/function")
    expect(page.get_by_text("These settings will do.")).to_be_visible(timeout=10_000)
    page.get_by_label("Function", exact=True).fill("x**2 + sin(y)")
    expect(page.locator("input[name=initial]")).to_have_value('{"random":{"x":[-4,6],"y":[-4,6]},"count":8}')
    page.get_by_label("Function", exact=True).fill("3x + 1")
    expect(page.locator('[data-pointer="/function"] .problem')).not_to_be_empty()
    page.get_by_label("Function", exact=True).fill("(x - 2)**2 + 1")
    page.get_by_role("button", name="Start the job").click()
    expect(page.locator(".badge")).to_have_text("succeeded", timeout=30_000)
    expect(page.get_by_role("row", name="x 2", exact=False).first).to_be_visible()
    expect(page.get_by_text("Stationary point: minimum")).to_be_visible()
    page.get_by_role("link", name="Change settings").click()
    expect(page.get_by_label("Function", exact=True)).to_have_value("(x - 2)**2 + 1", timeout=10_000)
    page.get_by_label("Known functions").select_option("booth")
    expect(page.get_by_text("These settings will do.")).to_be_visible(timeout=10_000)
    assert watched.defects() == []


def test_the_curve_of_several_starts_is_that_of_the_best(page: Page, base: str) -> None:
    """Each start has a path of its own: what is drawn of one is not the beginning of another."""
    slow = {"optimizer": "sgd", "learning_rate": 1e-4, "max_iterations": 3000, "tolerance": {"cost": 0}}
    starts = {"random": {"x": [-4, 6], "y": [1, 9]}, "count": 30}
    settings = {"function": {"expression": "x**2 + y**2"}, "initial": starts, **slow}
    job = requests.post(f"{base}/v1/jobs", json=settings, timeout=5).json()["id"]
    page.goto(f"{base}/#/jobs/{job}")
    expect(page.locator(".badge")).to_have_text("running", timeout=20_000)
    expect(page.locator("pre")).to_be_visible(timeout=60_000)
    history = requests.get(f"{base}/v1/jobs/{job}/history?points=1000", timeout=5).json()
    drawn = page.locator("path.curve").first.get_attribute("d") or ""
    assert drawn.count("L") == len(history["iterations"]) - 1
    page.locator("svg.chart").focus()
    page.keyboard.press("Home")
    told = page.locator(".reading").inner_text()
    assert float(told.rsplit(" ", 1)[1]) == pytest.approx(history["cost"][0], rel=1e-5)


def test_only_jobs_of_a_sweep_that_go_on_are_asked_for(page: Page, watched: Watched, base: str) -> None:
    """Two workers run two of six jobs; of the others there is nothing to ask for."""
    sweep = submit_sweep(base, {"base": {"target": "y", **LONG}, "vary": {"max_iterations": [*range(9_000, 9_006)]}})
    page.goto(f"{base}/#/sweeps/{sweep['id']}")
    expect(page.locator(".badge.running").nth(2)).to_be_visible(timeout=20_000)
    page.wait_for_timeout(3_000)
    jobs = requests.get(f"{base}/v1/sweeps/{sweep['id']}", timeout=5).json()["jobs"]
    begun = {job["id"] for job in jobs if job["started_at"]}
    asked = [url for url in watched.asked if "/history" in url]
    assert asked
    assert {url.split("/")[5] for url in asked} <= begun
    assert all(url.endswith("points=200") for url in asked)
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(".badge").first).to_have_text("cancelled", timeout=30_000)
    page.wait_for_timeout(500)
    before = len(watched.asked)
    page.wait_for_timeout(1_500)
    assert len(watched.asked) == before


def test_a_sweep_that_stands_still_is_not_sent_again(page: Page, base: str) -> None:
    """Both workers have other jobs: nothing of the sweep changes."""
    busy = [submit(base, {**LONG, "max_iterations": 100_000})["id"] for _ in range(2)]
    for job in busy:
        eventually(lambda job=job: show(base, job)["state"] == "running", what="the other jobs")
    sweep = submit_sweep(base, {"base": {"target": "y"}, "vary": {"max_iterations": [1, 2]}})
    seen = list[int]()
    page.on("response", lambda reply: seen.append(reply.status) if reply.url.endswith(sweep["id"]) else None)
    page.goto(f"{base}/#/sweeps/{sweep['id']}")
    page.wait_for_timeout(3_500)
    assert len(seen) > 2
    assert (seen[0], {*seen[1:]}) == (200, {304})
    for job in busy:
        requests.post(f"{base}/v1/jobs/{job}/cancel", timeout=5)
    expect(page.locator(".badge").first).to_have_text("succeeded", timeout=30_000)


def test_a_penalty_of_a_sweep_may_be_an_object(page: Page, tmp_path: Path) -> None:
    uploaded(page, tmp_path)
    page.get_by_text("Compare several values of a setting").click()
    page.get_by_label("What differs").select_option("penalty")
    page.get_by_label("To compare").fill('none, {"name": "l2", "strength": 0.1}')
    page.get_by_role("button", name="Start the sweep").click()
    expect(page.get_by_role("link", name="penalty l2 (strength 0.1)")).to_be_visible(timeout=20_000)
    expect(page.get_by_role("link", name="penalty none")).to_be_visible()


def test_a_function_is_swept(page: Page, watched: Watched, base: str) -> None:
    page.goto(f"{base}/#/function")
    page.get_by_text("Compare several values of a setting").click()
    page.get_by_label("What differs").select_option("optimizer")
    page.get_by_label("To compare").fill('["sgd", "adam"]')
    page.get_by_role("button", name="Start the sweep").click()
    expect(page.locator(".badge").first).to_have_text("succeeded", timeout=30_000)
    expect(page.locator("path.curve:not(.swatch *)")).to_have_count(2)
    expect(page.get_by_role("link", name="optimizer adam")).to_be_visible()
    asked, sweep = list[str](), page.url
    page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    page.get_by_role("button", name="Delete with its jobs").click()
    assert (page.url, len(asked)) == (sweep, 1)
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Delete with its jobs").click()
    expect(page.get_by_role("heading", name="Sweeps")).to_be_visible()
    assert watched.defects() == []


def test_a_formula_is_fitted_from_a_field_for_each_parameter(page: Page, watched: Watched, tmp_path: Path) -> None:
    """From the file to the fit and its picture, without a line of JSON; names follow the expression."""
    lines = [f"{k / 10},{2 * math.exp(-0.5 * k / 10) + 1}" for k in range(60)]
    (file := tmp_path / "decay.csv").write_text("\n".join(["x,y", *lines, ""]))
    page.locator("input[type=file]").set_input_files(file)
    expect(page.get_by_text("These settings will do.")).to_be_visible(timeout=20_000)
    page.get_by_label("Model").select_option("formula")
    page.get_by_label("expression").fill("a*exp(-b*x)")
    expect(page.get_by_role("group", name="Start").get_by_role("textbox")).to_have_count(2)
    expect(page.locator('[data-pointer="/initial"] > .problem')).not_to_be_empty()
    page.get_by_label("a", exact=True).fill("1")
    page.get_by_label("expression").fill("a*exp(-b*x) + c")
    page.get_by_role("button", name="Start the job").click()
    expect(page.get_by_label("a", exact=True)).to_be_focused()
    expect(page.get_by_label("a", exact=True)).to_have_value("1")
    page.get_by_label("b", exact=True).fill("-")
    page.get_by_label("c", exact=True).fill("0.5")
    expect(page.locator('[data-pointer="/initial/b"] > .problem')).to_contain_text("number")
    page.get_by_label("b", exact=True).fill("1")
    expect(page.get_by_text("These settings will do.")).to_be_visible(timeout=10_000)
    page.get_by_role("button", name="Start the job").click()
    expect(page.locator(".badge")).to_have_text("succeeded", timeout=30_000)
    for name, value in {"a": 2, "b": 0.5, "c": 1}.items():
        found = page.get_by_role("rowheader", name=name, exact=True).locator("xpath=following-sibling::td[1]")
        assert float(found.inner_text()) == pytest.approx(value, abs=0.05)
    page.get_by_label("Show").select_option("fit")
    expect(page.locator("img.picture")).to_be_visible(timeout=20_000)
    page.get_by_role("link", name="Change settings").click()
    expect(page.get_by_label("c", exact=True)).to_have_value("0.5", timeout=10_000)
    assert watched.defects() == []


def test_a_variable_of_a_function_begins_where_its_field_says(page: Page, watched: Watched, base: str) -> None:
    """Known functions begin in their box; an expression after them has an empty field for each variable."""
    page.goto(f"{base}/#/function")
    page.get_by_label("Known functions").select_option("booth")
    expect(page.locator("input[name=initial]")).to_have_value("")
    page.get_by_label("Known functions").select_option("expression")
    page.get_by_label("Function", exact=True).fill("(u - 1)**2 + (v + 2)**2")
    page.get_by_label("u", exact=True).fill("5")
    expect(page.locator('[data-pointer="/initial"] > .problem')).to_contain_text("v")
    page.get_by_label("v", exact=True).fill("6")
    page.get_by_role("button", name="Start the job").click()
    expect(page.locator("pre")).to_contain_text('"initial":{"u":5,"v":6}', timeout=30_000)
    page.get_by_label("Show").select_option("path")
    expect(page.locator("img.picture")).to_be_visible(timeout=20_000)
    assert watched.defects() == []


def test_of_pictures_asked_for_one_after_the_other_the_last_is_shown(page: Page, base: str) -> None:
    """However late an earlier one comes. It leads to itself, to be seen as large as the window."""
    page.evaluate("""() => {
        const real = fetch;
        window.fetch = async (path, how) => {
            const reply = await real(path, how);
            if (path.includes("kind=cost")) await new Promise((done) => setTimeout(done, 1000));
            return reply;
        };
    }""")
    job = submit(base, {}, wait=30)["id"]
    page.evaluate("(hash) => { location.hash = hash; }", f"#/jobs/{job}")
    page.get_by_label("Show").select_option("cost", timeout=20_000)
    page.get_by_label("Show").select_option("fit")
    picture = page.get_by_role("link", name="fit of the job")
    expect(picture).to_have_attribute("href", f"/v1/jobs/{job}/plot.svg?kind=fit", timeout=20_000)
    page.wait_for_timeout(1_200)
    expect(picture).to_be_visible()
