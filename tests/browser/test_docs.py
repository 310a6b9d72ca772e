"""``/docs`` in a real browser: it shows every operation, can call one, and asks no other host for anything."""

import pytest
from playwright.sync_api import expect

from tests.support.openapi import spec
from tests.support.watched import Watched

pytestmark = pytest.mark.browser

METHODS = ("get", "post", "put", "patch", "delete")


@pytest.fixture
def docs(watched: Watched, base: str) -> Watched:
    watched.page.goto(f"{base}/docs")
    expect(watched.page.locator(".opblock").first).to_be_visible(timeout=30_000)
    return watched


def test_every_operation_is_shown(docs: Watched) -> None:
    written = [method for methods in spec().document["paths"].values() for method in methods if method in METHODS]
    expect(docs.page.locator(".opblock")).to_have_count(len(written))
    expect(docs.page.locator(".info .title")).to_contain_text("Thalweg")


def test_an_operation_can_be_read_and_tried(docs: Watched) -> None:
    """Its schema unfolds without a complaint, and its answer is shown."""
    block = docs.page.locator("#operations-health-readyz")
    block.locator(".opblock-summary").click()
    block.get_by_role("button", name="Try it out").click()
    block.get_by_role("button", name="Execute").click()
    expect(block.locator(".live-responses-table .response .response-col_status")).to_contain_text("200", timeout=10_000)
    docs.page.locator("#operations-jobs-create_job .opblock-summary").click()
    expect(docs.page.locator("#operations-jobs-create_job .opblock-body")).to_contain_text("multipart/form-data")
    assert docs.complaints == []


def test_nothing_is_asked_of_another_host(docs: Watched, base: str) -> None:
    docs.page.wait_for_load_state("networkidle")
    elsewhere = [url for url in docs.asked if not url.startswith((f"{base}/", "data:", "blob:"))]
    assert elsewhere == []
    assert f"{base}/openapi.yaml" in docs.asked
    assert docs.complaints == []
