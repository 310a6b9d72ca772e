"""The page at ``/`` in a real browser: from a file to a result, and what happens when something is wrong."""

import re
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from tests.support.processes import ROOT
from tests.support.watched import Watched

pytestmark = pytest.mark.browser

CARS = ROOT / "examples" / "data" / "cars.csv"
HOSTILE = "<img src=x onerror=window.hacked=1>"
LONG = {
    "batch_size": 1,
    "max_iterations": 1_000_000,
    "tolerance": {"cost": 0},
    "optimizer": "sgd",
    "learning_rate": 1e-4,
}


@pytest.fixture
def page(watched: Watched, base: str) -> Page:
    watched.page.goto(f"{base}/")
    return watched.page


def uploaded(page: Page, file: Path = CARS) -> None:
    page.locator("input[type=file]").set_input_files(file)
    expect(page.get_by_text("These settings will do.")).to_be_visible(timeout=20_000)


def post(base: str, path: str, **request: Any) -> dict[str, Any]:
    reply = requests.post(base + path, timeout=60, **request)
    assert reply.ok, reply.text
    found: dict[str, Any] = reply.json()
    return found


def job(base: str, **settings: Any) -> str:
    """The id of a job on the cars, over as far as it can be in some seconds."""
    dataset = post(base, "/v1/datasets", files={"file": CARS.open("rb")})["id"]
    wait = 0 if settings.get("max_iterations") == LONG["max_iterations"] else 20
    return str(post(base, f"/v1/jobs?wait={wait}", json={"dataset": dataset, "target": "mpg", **settings})["id"])


def test_a_file_becomes_a_result(page: Page, watched: Watched, base: str) -> None:
    """The table has the numbers that the API answers, and the curve every entry of the history."""
    uploaded(page)
    page.get_by_label("Target").select_option("mpg")
    page.get_by_label("Model").select_option("")
    page.get_by_role("button", name="Start the job").click()
    expect(page.locator(".badge")).to_have_text("succeeded", timeout=20_000)
    found = requests.get(f"{base}/v1/jobs/{page.url.rsplit('/', 1)[1]}", timeout=5).json()
    weight = page.get_by_role("row", name="weight").get_by_role("cell").first
    assert float(weight.inner_text()) == pytest.approx(
        found["result"]["parameters"]["coefficients"]["weight"], rel=1e-5
    )
    drawn = page.locator("path.curve").first.get_attribute("d") or ""
    assert drawn.count("L") == found["progress"]["iteration"]
    expect(page.locator("pre")).to_contain_text("curl --json")
    assert [url for url in watched.asked if not url.startswith((f"{base}/", "blob:"))] == []
    assert watched.defects() == []


def test_the_curl_command_means_the_same_job(page: Page, base: str) -> None:
    given = {
        "optimizer": "adam",
        "learning_rate": 0.1,
        "penalty": {"name": "l2", "strength": 0.5},
        "seed": 3,
        "name": "it's",
    }
    page.goto(f"{base}/#/jobs/{(made := job(base, **given))}")
    line = page.locator("pre").inner_text(timeout=20_000)
    text = line.removeprefix("curl --json '").rsplit("' '", 1)[0].replace("'\\''", "'")
    again = post(base, "/v1/jobs/validate", data=text, headers={"Content-Type": "application/json"})["settings"]
    assert again == requests.get(f"{base}/v1/jobs/{made}", timeout=5).json()["settings"]


def test_what_is_wrong_stands_at_its_field_in_the_words_of_the_api(page: Page) -> None:
    uploaded(page)
    page.get_by_label("Learning rate").select_option("constant")
    page.get_by_label("Value").fill("-1")
    field = page.locator('[data-pointer="/learning_rate"]').first
    expect(field.locator(".problem").first).to_have_text("Must be greater than 0, not -1.")
    page.get_by_role("button", name="Start the job").click()
    expect(page.get_by_label("Learning rate")).to_be_focused()
    page.get_by_label("Value").fill("0.1")
    expect(page.locator("[aria-invalid]")).to_have_count(0)


def test_boxes_of_columns_are_features(page: Page) -> None:
    """A box that is cleared excludes; what the API leaves out by itself is clear, and ticking it asks for it."""
    uploaded(page)
    page.get_by_label("Target").select_option("mpg")
    page.get_by_label("Use year").uncheck()
    page.get_by_role("button", name="Start the job").click()
    expect(page.locator("pre")).to_contain_text('"exclude":["year"]', timeout=20_000)
    page.get_by_role("link", name="Change settings").click()
    expect(page.get_by_label("Use year")).not_to_be_checked(timeout=10_000)
    expect(page.get_by_label("Use weight")).to_be_checked()


def test_fields_and_json_are_two_views_of_the_same_settings(page: Page) -> None:
    uploaded(page)
    page.get_by_text("All settings as JSON").click()
    page.get_by_label("JSON").fill(
        '{"dataset": "", "target": "mpg", "optimizer": {"name": "momentum", "beta": 0.5}, "sead": 1}'
    )
    expect(page.get_by_label("beta", exact=True)).to_have_value("0.5")
    expect(page.locator(".rest")).to_contain_text("Did you mean 'seed'?")
    page.get_by_label("Optimizer").select_option("adam")
    expect(page.get_by_label("JSON")).to_have_value(re.compile('"optimizer": "adam"'))


def test_a_file_that_cannot_be_read_says_why(page: Page, tmp_path: Path) -> None:
    (broken := tmp_path / "broken.csv").write_text("a,b\n1,2\n3\n")
    page.locator("input[type=file]").set_input_files(broken)
    expect(page.get_by_role("alert")).to_contain_text("row", ignore_case=True, timeout=10_000)
    expect(page.get_by_role("button", name="Read the file again")).to_be_visible()


def test_a_running_job_grows_and_can_be_cancelled(page: Page, base: str) -> None:
    page.goto(f"{base}/#/jobs/{job(base, **LONG)}")
    expect(page.locator(".badge")).to_have_text("running", timeout=20_000)
    before = page.locator(".facts dd").first.inner_text()
    expect(page.locator(".facts dd").first).not_to_have_text(before, timeout=10_000)
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(".badge")).to_have_text("cancelled", timeout=20_000)
    expect(page.get_by_role("heading", name="Parameters")).to_be_visible()


def test_a_diverged_job_offers_the_rate_that_would_do(page: Page, base: str) -> None:
    page.goto(f"{base}/#/jobs/{job(base, optimizer='sgd', learning_rate=0.9)}")
    page.get_by_role("button", name="Run with learning rate").click()
    expect(page.locator(".badge")).to_have_text("succeeded", timeout=20_000)


def test_ticked_jobs_are_compared_and_deleted(page: Page, base: str) -> None:
    ids = [
        job(base, name=f"rate {rate}", optimizer="sgd", learning_rate=rate, max_iterations=50)
        for rate in (0.01, 0.1, 0.3)
    ]
    page.goto(f"{base}/#/jobs")
    for rate in ("0.01", "0.1"):
        page.get_by_label(f"Tick rate {rate}").check()
    page.get_by_role("button", name="Compare 2").click()
    expect(page.locator("path.curve:not(.swatch *)")).to_have_count(2, timeout=10_000)
    expect(page.get_by_role("row", name="Learning rate")).to_contain_text("0.01")
    page.go_back()
    page.get_by_label("Tick rate 0.3").check()
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Delete 1").click()
    expect(page.get_by_label("Tick rate 0.3")).to_have_count(0)
    assert [requests.get(f"{base}/v1/jobs/{one}", timeout=5).status_code for one in ids] == [200, 200, 404]


def test_the_list_filters_and_turns_pages(page: Page, base: str) -> None:
    first = post(base, "/v1/datasets", files={"file": CARS.open("rb")})["id"]
    for number in range(27):
        post(base, "/v1/jobs", json={"dataset": first, "target": "mpg", "name": f"many {number}", "max_iterations": 1})
    page.goto(f"{base}/#/jobs")
    expect(page.get_by_role("link", name="many 26")).to_be_visible()
    page.get_by_role("button", name="Older").dblclick()  # two clicks before the page is there are one
    expect(page.get_by_role("link", name="many 0", exact=True)).to_be_visible()
    page.get_by_role("button", name="Newer").dblclick()
    expect(page.get_by_role("link", name="many 26")).to_be_visible()
    page.get_by_role("button", name="Older").click()
    expect(page.get_by_role("link", name="many 0", exact=True)).to_be_visible()
    page.get_by_label("State").select_option("queued")
    expect(page.get_by_text("No job here.")).to_be_visible(timeout=20_000)


def test_names_are_text_whatever_they_hold(page: Page, watched: Watched, base: str, tmp_path: Path) -> None:
    lines = [f'"{HOSTILE}","class {HOSTILE}",y', *(f"{k},{'uv'[k % 2] + HOSTILE},{2 * k + k % 3}" for k in range(30))]
    (file := tmp_path / "hostile.csv").write_text("\n".join([*lines, ""]))
    uploaded(page, file)
    page.get_by_label("Name of the job").fill(HOSTILE)
    page.get_by_role("button", name="Start the job").click()
    expect(page.get_by_role("heading", name=HOSTILE)).to_be_visible(timeout=20_000)
    expect(page.get_by_role("row", name=HOSTILE).first).to_be_visible()
    page.goto(f"{base}/#/jobs")
    expect(page.get_by_role("link", name=HOSTILE).first).to_be_visible()
    assert page.evaluate("window.hacked") is None
    assert page.locator("img").count() == 0
    assert watched.defects() == []


def test_all_of_it_works_with_the_keyboard(page: Page) -> None:
    """The drop zone opens the file chooser, Enter in a field starts the job, arrows read the curve."""
    expect(page.locator(".drop")).to_be_visible()
    page.on("filechooser", lambda _: None)  # so that the browser waits for choosers before the key is pressed
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.className") == "drop":
            break
    expect(page.locator(".drop")).to_be_focused()
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files(CARS)
    expect(page.get_by_text("These settings will do.")).to_be_visible(timeout=20_000)
    page.get_by_label("Name of the job").focus()
    page.keyboard.type("by keyboard")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="by keyboard")).to_be_visible(timeout=20_000)
    page.locator("svg.chart").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".reading")).to_have_text("Iteration 0: training cost 1.09861")


def test_a_narrow_screen_scrolls_downwards_only(browser: Browser, base: str) -> None:
    first, second = job(base, name="x" * 60), job(base, learning_rate=0.1)
    narrow = browser.new_page(viewport={"width": 360, "height": 740})
    narrow.goto(f"{base}/")
    uploaded(narrow)
    for where in (narrow.url, f"{base}/#/jobs", f"{base}/#/jobs/{first}", f"{base}/#/compare/{first},{second}"):
        narrow.goto(where)
        expect(narrow.locator("form, table").first).to_be_visible(timeout=10_000)
        assert narrow.evaluate("document.documentElement.scrollWidth") <= 360
    narrow.close()


@pytest.mark.parametrize(
    "where", ["#/jobs/job_aaaaaaaaaaaaaaaaaaaaaaaaaa", "#/new/ds_aaaaaaaaaaaaaaaaaaaaaaaaaa", "#/nowhere"]
)
def test_what_is_gone_is_said(page: Page, base: str, where: str) -> None:
    page.goto(f"{base}/{where}")
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "It is not there" if "_" in where else "There is no such view"
    )
    page.get_by_role("link", name="New job").last.click()
    expect(page.locator(".drop")).to_be_visible()
