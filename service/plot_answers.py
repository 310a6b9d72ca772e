"""Pictures as they are answered: kept while what they show is what it was, and no place for scripts."""

from collections.abc import Callable, Hashable

from flask import Response, request

from contract.config import VERSION
from contract.job import TERMINAL, Revision
from service.documented import Answer
from service.house import house
from service.plot_scene import Format
from service.waiting import RETRY_AFTER

MEDIA: dict[Format, str] = {"svg": "image/svg+xml", "png": "image/png"}
UNCHANGED = Answer(304, "The picture is what it was.", None, ("ETag", "Retry-After"))
# A picture that is opened by itself runs and loads nothing, whatever names stand in it; a large matrix is data in it.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def drawn(media: Format) -> Answer:
    """What ``openapi.yaml`` says of a picture."""
    return Answer(200, "The picture, 800 by 500.", {"type": "string"}, ("ETag", "Retry-After"), media=MEDIA[media])


def answer_picture(what: Hashable, shown: Revision, media: Format, draw: Callable[[], bytes]) -> Response:
    """The picture of ``what`` at this revision, or that it is what it was.

    ``draw`` reads what is to be drawn and draws it when its turn comes: what it reads is in memory once.
    """
    tag = f"{shown.state}.{shown.number}.{VERSION}"
    again = {} if shown.state in TERMINAL else {"Retry-After": RETRY_AFTER}
    headers = {"ETag": f'W/"{tag}"', "Cache-Control": "private, no-cache", "Content-Security-Policy": POLICY, **again}
    if request.if_none_match.contains_weak(tag):
        return Response(status=304, headers=headers)
    pictures, key = house().pictures, (what, tag, media)
    picture = pictures.kept(key) or pictures.drawn(key, draw)
    return Response(picture, content_type=MEDIA[media], headers=headers)
