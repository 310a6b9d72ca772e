"""The page at ``/``: what is sent, and that it needs no other host. ``tests/browser`` opens it in a browser."""

import re
from pathlib import Path

import pytest
import requests

from service.page import FOLDER, INDEX, MEDIA, files
from tests.support.problems import problem

ASSETS = sorted(set(files()) - {INDEX})
SOURCES = sorted(FOLDER.iterdir())
HEADERS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-cache", "Referrer-Policy": "no-referrer"}


def path_of(name: str) -> str:
    return "/" if name == INDEX else f"/page/{name}"


@pytest.mark.parametrize("name", [INDEX, *ASSETS])
def test_a_file_is_sent_with_its_type_and_may_load_from_here_only(base: str, name: str) -> None:
    found = requests.get(base + path_of(name), timeout=5)
    assert found.content == (FOLDER / name).read_bytes()
    assert found.headers["Content-Type"] == f"{MEDIA[(FOLDER / name).suffix]}; charset=utf-8"
    assert HEADERS.items() <= dict(found.headers).items()
    rules = dict(rule.split(" ", 1) for rule in found.headers["Content-Security-Policy"].split("; "))
    assert rules["default-src"] == "'none'"
    assert {source for rule in rules.values() for source in rule.split()} == {"'none'", "'self'"}


@pytest.mark.parametrize("name", [INDEX, "main.js"])
def test_who_has_a_file_gets_304_until_it_is_another(base: str, name: str) -> None:
    tag = requests.get(base + path_of(name), timeout=5).headers["ETag"]
    again = requests.get(base + path_of(name), headers={"If-None-Match": tag}, timeout=5)
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    other = requests.get(base + path_of(name), headers={"If-None-Match": '"another"'}, timeout=5)
    assert other.status_code == 200


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_a_file_names_no_other_host_and_sets_no_markup(source: Path) -> None:
    """What the API answers is only ever text of the page: nothing in it is read as HTML or run as a script."""
    text = source.read_text(encoding="utf-8")
    spoken = text.replace("http://www.w3.org/2000/svg", "")
    assert "://" not in spoken
    assert not re.findall(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|javascript:", text
    )
    assert not re.findall(r"<(?:script|style)[^>]*>[^<]|\son\w+=|\sstyle=", text)


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_what_a_file_loads_is_there(source: Path) -> None:
    text = source.read_text(encoding="utf-8")
    named = re.findall(r'from "\./([^"]+)"', text) + re.findall(r'(?:src|href)="/page/([^"]+)"', text)
    assert set(named) <= set(ASSETS)


def test_every_file_is_loaded_by_another() -> None:
    texts = " ".join(path.read_text(encoding="utf-8") for path in SOURCES)
    assert [name for name in ASSETS if f'/{name}"' not in texts] == []


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_a_file_is_short(source: Path) -> None:
    assert len(source.read_text(encoding="utf-8").splitlines()) <= 250


@pytest.mark.parametrize("name", ["index.html", "app.js", "..%2Fdocs.html", "%2e%2e", ".", "main.js/", "x" * 300])
def test_nothing_else_is(base: str, name: str) -> None:
    problem(requests.get(f"{base}/page/{name}", timeout=5), 404, "not_found")
