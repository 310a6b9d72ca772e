"""The API's own description: ``openapi.yaml``, and a page that shows it without asking any other host for anything."""

from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from flask import Response

from contract.errors import NotFound
from contract.fields import echo
from service.documented import Answer, documented
from service.routing import Routes

routes = Routes("docs", __name__, description="What this API is.")

HERE = Path(__file__).resolve().parent
OPENAPI = HERE.parent / "openapi.yaml"
PAGES = HERE / "pages"
SWAGGER_UI = "flask_swagger_ui"
YAML, HTML, SCRIPT, STYLE, IMAGE = "application/yaml", "text/html", "text/javascript", "text/css", "image/png"
# The page loads from here and nowhere else. Swagger UI's own style sheet holds its pictures as data.
POLICY = "; ".join(
    [
        *("default-src 'none'", "script-src 'self'", "style-src 'self' 'unsafe-inline'", "img-src 'self' data:"),
        *("connect-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"),
    ]
)
TEXT = {"type": "string"}


class Asset(NamedTuple):
    """A file that the page loads: its media type, and whether it is ours or Swagger UI's."""

    media: str
    ours: bool = False


ASSETS = {
    "docs.js": Asset(SCRIPT, ours=True),
    "swagger-ui-bundle.js": Asset(SCRIPT),
    "swagger-ui.css": Asset(STYLE),
    "favicon-32x32.png": Asset(IMAGE),
}


@routes.route("/openapi.yaml", methods=["GET"])
@documented(Answer(200, "This document.", {"type": "object"}, media=YAML))
def show_openapi() -> Response:
    """The OpenAPI 3.1 document of this API."""
    return Response(_page(OPENAPI), content_type=YAML)


@routes.route("/docs", methods=["GET"])
@documented(Answer(200, "A page for people.", TEXT, media=HTML))
def show_docs() -> Response:
    """All operations on a page, to read and to try."""
    page = Response(_page(PAGES / "docs.html"), content_type=f"{HTML}; charset=utf-8")
    page.headers["Content-Security-Policy"] = POLICY
    return page


@routes.route("/docs/<asset>", methods=["GET"])
@documented(*(Answer(200, "The file.", TEXT, media=media) for media in (SCRIPT, STYLE, IMAGE)), errors=(404,))
def show_docs_asset(asset: str) -> Response:
    """A script, style sheet or picture of that page."""
    if asset not in ASSETS:
        raise NotFound(f"The page has no file {echo(asset)}; it has: {', '.join(ASSETS)}.")
    return Response(_asset(asset), content_type=ASSETS[asset].media)


@cache
def _page(path: Path) -> bytes:
    return path.read_bytes()


@cache
def _asset(name: str) -> bytes:
    folder = PAGES if ASSETS[name].ours else files(SWAGGER_UI) / "dist"
    return (folder / name).read_bytes()
