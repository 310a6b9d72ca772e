"""The page for people at ``/``: files that a browser runs as one more client of the API, asking no other host."""

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from flask import Response, request

from contract.errors import NotFound
from contract.fields import echo
from service.documented import Answer, documented
from service.routing import Routes

routes = Routes("page", __name__, description="A page to submit jobs and to watch them.")

FOLDER = Path(__file__).resolve().parent / "pages" / "app"
INDEX = "index.html"
HTML, SCRIPT, STYLE, PICTURE = "text/html", "text/javascript", "text/css", "image/svg+xml"
MEDIA = {".html": HTML, ".js": SCRIPT, ".css": STYLE, ".svg": PICTURE}
# Everything from here and nothing from anywhere else, nothing written into the page itself.
POLICY = "; ".join(
    [
        *("default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "connect-src 'self'"),
        *("base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"),
    ]
)
TEXT = {"type": "string"}


class File(NamedTuple):
    """A file as it is sent: bytes, media type, strong entity tag."""

    content: bytes
    media: str
    tag: str


@routes.route("/", methods=["GET"])
@documented(
    Answer(200, "The page.", TEXT, ("ETag",), media=HTML),
    Answer(304, "The page is what it was.", None, ("ETag",)),
    takes=("If-None-Match",),
)
def show_page() -> Response:
    """A page for people: a CSV in, jobs watched, results read and compared."""
    return _sent(files()[INDEX])


@routes.route("/page/<asset>", methods=["GET"])
@documented(
    *(Answer(200, "The file.", TEXT, ("ETag",), media=media) for media in (SCRIPT, STYLE, PICTURE)),
    Answer(304, "The file is what it was.", None, ("ETag",)),
    takes=("If-None-Match",),
    errors=(404,),
)
def show_page_asset(asset: str) -> Response:
    """A script, style sheet or picture of that page."""
    if asset not in files() or asset == INDEX:
        raise NotFound(f"The page has no file {echo(asset)}.")
    return _sent(files()[asset])


@cache
def files() -> dict[str, File]:
    """The page's files by name."""
    return {path.name: _read(path) for path in sorted(FOLDER.iterdir()) if path.suffix in MEDIA}


def _read(path: Path) -> File:
    content = path.read_bytes()
    return File(content, MEDIA[path.suffix], sha256(content).hexdigest()[:16])


def _sent(file: File) -> Response:
    """The file, or 304 to who has it: browsers ask each time, so that a page never runs against another API."""
    response = Response(file.content, content_type=f"{file.media}; charset=utf-8")
    response.set_etag(file.tag)
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Referrer-Policy"] = "no-referrer"
    response.make_conditional(request)
    return response
