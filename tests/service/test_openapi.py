"""``openapi.yaml``: what is committed is what the routes say, it is valid, and it leaves nothing out."""

import json
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import pytest
import requests
import yaml
from openapi_spec_validator import OpenAPIV31SpecValidator, validate

from contract.config import read_config
from contract.settings_schema import SettingsSchema
from service.app import create_app
from service.openapi import OPENAPI, document, text
from service.schemas_settings import ABOUT
from tests.support.jobs import submit
from tests.support.openapi import Heard, spec

# Routes that no program calls.
UNDOCUMENTED: set[str] = set()


@pytest.fixture(scope="module")
def written() -> dict[str, Any]:
    return dict(yaml.safe_load(OPENAPI.read_text(encoding="utf-8")))


def operations(spec: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in spec["paths"].items():
        for method, operation in methods.items():
            if method != "parameters":
                yield f"{method.upper()} {path}", operation


def test_the_committed_document_is_the_routes_own() -> None:
    """If this fails, run ``make openapi`` and commit what it wrote."""
    assert text(create_app(read_config())) == OPENAPI.read_text(encoding="utf-8")


def test_the_document_is_openapi_3_1(written: dict[str, Any]) -> None:
    assert written["openapi"].startswith("3.1.")
    validate(written, cls=OpenAPIV31SpecValidator)


def test_every_route_is_in_it() -> None:
    app = create_app(read_config())
    listed = {name for name, _ in operations(document(app))}
    rules = [rule for rule in app.url_map.iter_rules() if rule.rule not in UNDOCUMENTED]
    there = {f"{method} {rule}" for rule in rules for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}}
    assert {name.replace("{", "<").replace("}", ">") for name in listed} == there


def test_every_operation_says_what_it_answers(written: dict[str, Any]) -> None:
    """Each has an id of its own, a summary, an answer, and the refusals that any may give."""
    found = list(operations(written))
    assert len({operation["operationId"] for _, operation in found}) == len(found)
    for name, operation in found:
        assert operation["summary"].endswith("."), name
        assert any(status < "400" for status in operation["responses"]), name
        assert {"400", "500", "503"} <= set(operation["responses"]), name


def test_every_setting_is_described() -> None:
    assert set(SettingsSchema._declared_fields) <= set(ABOUT)


def test_it_is_served(base: str, written: dict[str, Any]) -> None:
    answer = requests.get(f"{base}/openapi.yaml", timeout=5)
    assert answer.headers["Content-Type"] == "application/yaml"
    assert yaml.safe_load(answer.text) == written


def test_the_links_of_a_job_lead_somewhere(base: str) -> None:
    job = submit(base, {"max_iterations": 5}, wait=20)
    assert job["links"]["self"] == f"/v1/jobs/{job['id']}"
    assert {requests.get(base + link, timeout=5).status_code for link in job["links"].values()} == {200}


def test_examples_of_refusals_are_refusals(written: dict[str, Any]) -> None:
    """Each fits the schema, and is one of its own status."""
    for name, response in written["components"]["responses"].items():
        content = response["content"]["application/problem+json"]
        if "example" in content:
            status, headers = HTTPStatus[name].value, {"Content-Type": "application/problem+json"}
            body = json.dumps(content["example"]).encode() + b"\n"
            assert list(spec().violations(Heard("GET", "/nowhere", status, headers, body))) == []
            assert content["example"]["status"] == status
