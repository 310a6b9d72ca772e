"""Pictures of jobs."""

from collections.abc import Hashable
from typing import Any, Literal

from flask import Response, request

from contract.config import VERSION
from contract.job import TERMINAL, Revision
from service.documented import Answer, documented
from service.house import house
from service.plot_scene import check_kind, scene_of
from service.routing import Routes
from service.schemas_plot import PlotQuery
from service.waiting import RETRY_AFTER

Format = Literal["svg", "png"]

routes = Routes("plots", __name__, description="Pictures of jobs.")

MEDIA: dict[Format, str] = {"svg": "image/svg+xml", "png": "image/png"}
IMAGE = {"type": "string"}
UNCHANGED = Answer(304, "The picture is what it was.", None, ("ETag", "Retry-After"))
# A picture that is opened by itself runs and loads nothing, whatever names stand in it.
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def _picture(media: Format) -> Answer:
    return Answer(200, "The picture, 800 by 500.", IMAGE, ("ETag", "Retry-After"), media=MEDIA[media])


@routes.route("/v1/jobs/<job_id>/plot.svg", methods=["GET"])
@documented(_picture("svg"), UNCHANGED, takes=("If-None-Match",), errors=(404, 409))
@routes.arguments(PlotQuery, location="query")
def show_plot_svg(query: dict[str, Any], job_id: str) -> Response:
    """A picture of a job so far, as SVG: 409 with the kinds that it has, where it does not have this one."""
    return _plot(query, job_id, "svg")


@routes.route("/v1/jobs/<job_id>/plot.png", methods=["GET"])
@documented(_picture("png"), UNCHANGED, takes=("If-None-Match",), errors=(404, 409))
@routes.arguments(PlotQuery, location="query")
def show_plot_png(query: dict[str, Any], job_id: str) -> Response:
    """The same as PNG."""
    return _plot(query, job_id, "png")


def _plot(query: dict[str, Any], job_id: str, media: Format) -> Response:
    revision = house().store.revision(job_id)
    if request.if_none_match.contains_weak(_tag(revision)):
        return Response(status=304, headers=_headers(revision))
    key = (job_id, revision, query["kind"], media)
    picture = house().pictures.kept(key) or _drawn(job_id, query, media, key)
    return Response(picture, content_type=MEDIA[media], headers=_headers(revision))


def _drawn(job_id: str, query: dict[str, Any], media: Format, key: Hashable) -> bytes:
    scene = scene_of(*house().store.job_with_history(job_id))
    check_kind(scene, query["kind"])
    # With the first picture, not with the process: matplotlib takes half a second and 30 MB.
    from service.plot_drawing import picture

    return house().pictures.drawn(key, lambda: picture(scene, query["kind"], media))


def _tag(revision: Revision) -> str:
    return f"{revision.state}.{revision.number}.{VERSION}"


def _headers(revision: Revision) -> dict[str, str]:
    again = {} if revision.state in TERMINAL else {"Retry-After": RETRY_AFTER}
    kept = {"ETag": f'W/"{_tag(revision)}"', "Cache-Control": "private, no-cache"}
    return {**again, **kept, "Content-Security-Policy": POLICY}
