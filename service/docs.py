"""The API's own description: ``openapi.yaml``."""

from functools import cache
from pathlib import Path

from flask import Response

from service.documented import Answer, documented
from service.routing import Routes

routes = Routes("docs", __name__, description="What this API is.")

OPENAPI = Path(__file__).resolve().parent.parent / "openapi.yaml"
YAML = "application/yaml"


@routes.route("/openapi.yaml", methods=["GET"])
@documented(Answer(200, "This document.", {"type": "object"}, media=YAML))
def show_openapi() -> Response:
    """The OpenAPI 3.1 document of this API."""
    return Response(_openapi(), content_type=YAML)


@cache
def _openapi() -> bytes:
    return OPENAPI.read_bytes()
