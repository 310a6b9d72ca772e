"""``/docs``: a page that loads from this server and from nowhere else. ``tests/browser`` opens it in a browser."""

import re

import pytest
import requests

from service.docs import ASSETS
from tests.support.problems import problem


def test_the_page_names_files_of_this_server_only(base: str) -> None:
    page = requests.get(f"{base}/docs", timeout=5)
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    named = re.findall(r'(?:src|href)="([^"]*)"', page.text)
    assert {f"/docs/{name}" for name in ASSETS} | {"/openapi.yaml"} == set(named)
    assert "://" not in page.text


def test_the_page_may_load_from_this_server_only(base: str) -> None:
    policy = requests.get(f"{base}/docs", timeout=5).headers["Content-Security-Policy"]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"
    sources = {source for rule in rules.values() for source in rule.split()}
    assert sources <= {"'none'", "'self'", "'unsafe-inline'", "data:"}
    assert "'unsafe-inline'" not in rules["script-src"]


@pytest.mark.parametrize("name", ASSETS)
def test_what_the_page_names_is_there(base: str, name: str) -> None:
    found = requests.get(f"{base}/docs/{name}", timeout=5)
    assert found.headers["Content-Type"].split(";")[0] == ASSETS[name].media
    assert found.headers["X-Content-Type-Options"] == "nosniff"
    assert len(found.content) > 100


@pytest.mark.parametrize("name", ["swagger-ui.js", "..%2Fdocs.py", "%2e%2e", "index.html", ".", "docs.js/"])
def test_nothing_else_is(base: str, name: str) -> None:
    problem(requests.get(f"{base}/docs/{name}", timeout=5), 404, "not_found")
