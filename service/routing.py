"""How routes are declared: blueprints that answer errors our way and say so in ``openapi.yaml``."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, NoReturn, cast
from urllib.parse import urlencode

from flask import Request, Response, request
from flask_smorest import Api, Blueprint
from marshmallow import RAISE, Schema, ValidationError, fields
from webargs.flaskparser import FlaskParser

from contract.errors import BadRequest, ThalwegError, Unprocessable
from contract.fields import echo
from service.documented import HEADERS, JSON, PARAMETERS, header_names
from service.errors import INTERNAL, PROBLEM, STATUS, TYPES, answer_http_exception
from service.json_codec import dump
from service.openapi_fields import Plugin
from service.schemas_problem import ProblemSchema

# Refusals that may come with a time after which it makes sense to ask again.
TEMPORARY = (HTTPStatus.CONFLICT, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)


class QueryParser(FlaskParser):
    """Query strings: each argument once, unknown and wrong ones are a 400 that names them."""

    DEFAULT_VALIDATION_STATUS = 400
    # webargs would drop unknown arguments, whatever the schema says.
    DEFAULT_UNKNOWN_BY_LOCATION = FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION | {"query": RAISE}

    def load_querystring(self, req: Request, schema: Schema) -> Any:
        """The query's arguments; raises ``BadRequest`` where one stands twice that is no list."""
        for name, values in req.args.lists():
            if len(values) > 1 and not isinstance(schema.fields.get(name), fields.List):
                raise BadRequest(f"The query argument {name!r} stands twice.", "invalid_parameter")
        return super().load_querystring(req, schema)

    def handle_error(self, error: ValidationError, req: Request, schema: Schema, **_: Any) -> NoReturn:
        """Refuse the query with the first thing that is wrong."""
        messages: Mapping[str, Any] = cast("Any", error.messages)["query"]
        name, found = next(iter(messages.items()))
        # An argument that may be repeated has messages for each of its values.
        sentence = f"{name}: {next(iter(found.values() if isinstance(found, Mapping) else [found]))[0]}"
        if name not in schema.fields:
            sentence = f"There is no argument {echo(name)} here; there are: {', '.join(schema.fields)}."
        raise BadRequest(sentence, "invalid_parameter", "Invalid parameter")


class Routes(Blueprint):  # type: ignore[misc] # flask-smorest has no types
    """A blueprint for one resource."""

    ARGUMENTS_PARSER = QueryParser()

    def arguments(self, schema: type[Schema], **options: Any) -> Any:
        """As flask-smorest does, but with one instance of the schema, where webargs would make one for each request."""
        return super().arguments(schema(), **options)


class ProblemApi(Api):  # type: ignore[misc] # flask-smorest has no types
    """flask-smorest's Api with problem+json in place of its own error format, and our fields in ``openapi.yaml``."""

    # Each operation lists the refusals that it may give; "default" would hide what is not documented.
    DEFAULT_ERROR_RESPONSE_NAME = None

    def _init_spec(self, **options: Any) -> None:
        super()._init_spec(marshmallow_plugin=Plugin(), **options)
        for name, header in HEADERS.items():
            self.spec.components.header(name, header, lazy=True)
        for name, parameter in PARAMETERS.items():
            self.spec.components.parameter(name, "header", parameter, lazy=True)

    def _register_responses(self) -> None:
        """Refusals by the name of their status, for who documents an operation."""
        for status in HTTPStatus:
            if status >= HTTPStatus.BAD_REQUEST:
                self.spec.components.response(status.name, _refusal(status), lazy=True)

    def handle_http_exception(self, error: Any) -> Response:
        """Answer an HTTP error as problem+json."""
        return answer_http_exception(error)


def _refusal(status: HTTPStatus) -> dict[str, Any]:
    again = ["Retry-After"] if status in TEMPORARY else []
    return {
        "description": status.phrase,
        "headers": header_names(*again),
        "content": {PROBLEM: {"schema": ProblemSchema, **_example(status)}},
    }


def _example(status: HTTPStatus) -> dict[str, Any]:
    """A refusal of this status; the schema's own example is one of settings that are wrong."""
    kind = next((kind for kind, number in STATUS if number == status and kind is not Unprocessable), None)
    if kind is None:
        return {}
    shown = {"type": TYPES + kind.code, "title": kind.title, "status": int(status), "code": kind.code}
    sentence = INTERNAL if kind is ThalwegError else (kind.__doc__ or "").split("\n")[0]
    return {"example": {**shown, "detail": sentence, "request_id": "79d5e32967398909", "errors": []}}


def answer(document: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer, indented where the query asks for it."""
    body = dump(document, pretty="pretty" in request.args)
    return Response(body, status, headers, content_type=JSON)


def answer_page(
    name: str,
    rows: list[Any],
    query: Mapping[str, Any],
    following: int | None,
    by: str = "cursor",
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A page of the list at ``/v1/name``; ``following`` is what the argument ``by`` must be for the page after it."""
    position = None if following is None else str(following)
    link = _next_link(f"/v1/{name}", query, by, position)
    return answer({name: rows, "next": position}, headers={**link, **(headers or {})})


def _next_link(path: str, query: Mapping[str, Any], name: str, following: str | None) -> dict[str, str]:
    """The header that names the page after this one (RFC 8288), with the filters of this one; none after the last."""
    if following is None:
        return {}
    given = {key: value for key, value in query.items() if value is not None and value != [] and value != 0}
    return {"Link": f"<{path}?{urlencode(given | {name: following}, doseq=True)}>; rel=next"}
