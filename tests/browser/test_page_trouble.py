"""The page when the service is away or busy, and when it answers more than a screen takes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.support.jobs import submit
from tests.support.processes import Stack, stop
from tests.support.proxy import Proxy, proxy
from tests.support.watched import Watched

pytestmark = pytest.mark.browser

AGAIN = "Trying again in"


@pytest.fixture
def line(redis_url: str) -> Iterator[Proxy]:
    """The way to Redis, which can be blocked."""
    with proxy(redis_url) as found:
        yield found


@pytest.fixture
def api(line: Proxy, tmp_path: Path) -> Iterator[Stack]:
    """An API without workers."""
    running = Stack(tmp_path, line.url)
    running.start_api()
    yield running
    running.close()


def test_a_view_waits_for_redis_and_goes_on(watched: Watched, api: Stack, line: Proxy) -> None:
    watched.page.goto(f"{api.base}/#/jobs")
    expect(watched.page.get_by_role("columnheader", name="State")).to_be_visible()
    line.stall()
    expect(watched.page.locator("#notice")).to_contain_text(AGAIN, timeout=15_000)
    line.resume()
    expect(watched.page.locator("#notice")).to_be_hidden(timeout=15_000)
    assert watched.defects() == []


def test_a_job_is_sent_once_the_service_is_back(watched: Watched, api: Stack, tmp_path: Path) -> None:
    """Start is pressed while nothing answers: there is one job of it in the end, and the page shows it."""
    (file := tmp_path / "line.csv").write_text("x,y\n" + "".join(f"{k},{2 * k}\n" for k in range(20)))
    watched.page.goto(f"{api.base}/")
    watched.page.locator("input[type=file]").set_input_files(file)
    expect(watched.page.get_by_text("These settings will do.")).to_be_visible(timeout=20_000)
    watched.page.get_by_label("Name of the job").fill("patient")
    assert api.api is not None
    stop(api.api)
    watched.page.get_by_role("button", name="Start the job").click()
    expect(watched.page.locator("#notice")).to_contain_text(AGAIN)
    api.start_api()
    expect(watched.page.get_by_role("heading", name="patient")).to_be_visible(timeout=20_000)
    expect(watched.page.locator(".badge")).to_have_text("queued")
    assert len(api.http.get(f"{api.base}/v1/jobs").json()["jobs"]) == 1


def test_many_parameters_are_shown_in_part(watched: Watched, base: str) -> None:
    """A hundred of them, and where the others are; none where the job has them in its model alone."""
    names = [f"a{k}" for k in range(150)]
    rows = [",".join(str((k * k * (j + 3) + j * j) % 1009) for j in range(150)) for k in range(200)]
    lines = [",".join([*names, "y", "z"]), *(f"{row},{k % 11},class {k % 8}" for k, row in enumerate(rows)), ""]
    wide = submit(base, {"target": "y", "max_iterations": 3}, csv="\n".join(lines), wait=30)
    coefficients = wide["result"]["parameters"]["coefficients"]
    open_job(watched.page, base, wide["id"])
    expect(watched.page.locator("table").last.locator("tbody tr")).to_have_count(100)
    expect(watched.page.get_by_role("link", name=f"and {1 + len(coefficients) - 100} more")).to_be_visible()


def open_job(page: Page, base: str, job: str) -> None:
    page.goto(f"{base}/#/jobs/{job}")
    expect(page.locator("pre")).to_be_visible(timeout=20_000)
