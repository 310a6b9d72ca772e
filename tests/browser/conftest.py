"""A Chromium of this machine for all tests of pages, and pages that remember what they asked and complained about."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.support.watched import Watched

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A Chromium of this machine; where there is none the tests fail."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    assert program, f"there is none of {', '.join(NAMES)}; on Debian: apt-get install chromium"
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield found
        found.close()


@pytest.fixture
def watched(browser: Browser) -> Iterator[Watched]:
    found = Watched(browser.new_page(viewport={"width": 1280, "height": 800}))
    yield found
    found.page.close()
