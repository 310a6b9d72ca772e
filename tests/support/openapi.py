"""Answers held against ``openapi.yaml``: status, content type, body and headers must be what the document says."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import jsonschema_rs
import yaml

FILE = Path(__file__).resolve().parent.parent.parent / "openapi.yaml"
DRAFT = "https://json-schema.org/draft/2020-12/schema"
PROBLEM = {"$ref": "#/components/schemas/Problem"}


class Heard(NamedTuple):
    """An answer and the request that it answers; ``body`` is None where it was not read."""

    method: str
    path: str
    status: int
    headers: Mapping[str, str]
    body: bytes | None


class Spec:
    """The document, with its validators compiled when they are first needed."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self._paths = [(_pattern(path), methods) for path, methods in _concrete_first(document["paths"])]
        self._validators: dict[str, jsonschema_rs.Validator] = {}

    def violations(self, heard: Heard) -> Iterator[str]:
        """What the document does not say of this answer, one sentence each."""
        where = f"{heard.method} {heard.path} -> {heard.status}"
        for sentence in self._violations(heard):
            yield f"{where}: {sentence}"

    def operation(self, method: str, path: str) -> dict[str, Any] | None:
        """The operation that a request meant; HEAD means GET."""
        methods = next((methods for pattern, methods in self._paths if pattern.fullmatch(path)), {})
        found: dict[str, Any] | None = methods.get("get" if method == "HEAD" else method.lower())
        return found

    def _violations(self, heard: Heard) -> Iterator[str]:
        operation = self.operation(heard.method, heard.path)
        if operation is None:
            yield from self._undocumented(heard)
        elif (response := operation["responses"].get(str(heard.status))) is None:
            yield f"the status is none of {', '.join(operation['responses'])}"
        else:
            yield from self._documented(heard, self._resolved(response))

    def _undocumented(self, heard: Heard) -> Iterator[str]:
        """What is no operation is refused, or is Flask's answer to OPTIONS."""
        if heard.method == "OPTIONS" and heard.status == 204:
            return
        if heard.status < 400:
            yield "there is no such operation"
        elif heard.method != "HEAD":
            yield from self._body(heard, {"application/problem+json": {"schema": PROBLEM}})

    def _documented(self, heard: Heard, response: dict[str, Any]) -> Iterator[str]:
        for name, header in response.get("headers", {}).items():
            yield from _header(heard, name, self._resolved(header))
        content = response.get("content", {})
        if heard.method == "HEAD" or heard.body is None:
            return
        if content:
            yield from self._body(heard, content)
        elif heard.body:
            yield "there is a body where none is documented"

    def _body(self, heard: Heard, content: Mapping[str, Any]) -> Iterator[str]:
        media = heard.headers.get("Content-Type", "").split(";")[0].strip()
        if media not in content:
            yield f"the content type {media!r} is none of {', '.join(content)}"
        elif media.endswith("json") and heard.body is not None:
            yield from self._json(heard.body, content[media]["schema"])

    def _json(self, body: bytes, schema: dict[str, Any]) -> Iterator[str]:
        try:
            document = json.loads(body, parse_constant=_no_constant)
        except ValueError as error:
            yield f"the body is no JSON: {error}"
            return
        if not body.endswith(b"\n"):
            yield "the JSON ends without a newline"
        for error in self._validator(schema).iter_errors(document):
            yield f"{'/'.join(map(str, error.instance_path)) or 'the document'}: {error.message[:300]}"

    def _validator(self, schema: dict[str, Any]) -> jsonschema_rs.Validator:
        key = json.dumps(schema)
        if key not in self._validators:
            whole = {"$schema": DRAFT, "allOf": [schema], "components": self.document["components"]}
            self._validators[key] = jsonschema_rs.validator_for(whole, validate_formats=True)
        return self._validators[key]

    def _resolved(self, part: dict[str, Any]) -> dict[str, Any]:
        found: Any = part
        if "$ref" in part:
            found = self.document
            for step in part["$ref"].removeprefix("#/").split("/"):
                found = found[step]
        return dict(found)


@cache
def spec() -> Spec:
    """The committed document."""
    return Spec(yaml.load(FILE.read_bytes(), getattr(yaml, "CSafeLoader", yaml.SafeLoader)))  # noqa: S506 - safe, both


def _concrete_first(paths: dict[str, Any]) -> list[tuple[str, Any]]:
    return sorted(paths.items(), key=lambda item: item[0].count("{"))


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile("[^/]+".join(re.escape(part) for part in re.split(r"\{\w+\}", path)))


def _header(heard: Heard, name: str, header: Mapping[str, Any]) -> Iterator[str]:
    value = heard.headers.get(name)
    if value is None:
        if header.get("required"):
            yield f"the header {name} is missing"
    elif not re.search(header["schema"].get("pattern", ""), value):
        yield f"the header {name} is {value!r}"


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
