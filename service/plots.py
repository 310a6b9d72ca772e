"""Pictures of jobs."""

from typing import Any

from flask import Response

from service.documented import documented
from service.house import house
from service.plot_answers import UNCHANGED, answer_picture, drawn
from service.plot_rows import fitted_rows
from service.plot_scene import Format, check_kind, scene_of
from service.routing import Routes
from service.schemas_plot import PlotQuery

routes = Routes("plots", __name__, description="Pictures of jobs.")


@routes.route("/v1/jobs/<job_id>/plot.svg", methods=["GET"])
@documented(drawn("svg"), UNCHANGED, takes=("If-None-Match",), errors=(404, 409))
@routes.arguments(PlotQuery, location="query")
def show_plot_svg(query: dict[str, Any], job_id: str) -> Response:
    """A picture of a job so far, as SVG: 409 with the kinds that it has, where it does not have this one."""
    return _plot(query, job_id, "svg")


@routes.route("/v1/jobs/<job_id>/plot.png", methods=["GET"])
@documented(drawn("png"), UNCHANGED, takes=("If-None-Match",), errors=(404, 409))
@routes.arguments(PlotQuery, location="query")
def show_plot_png(query: dict[str, Any], job_id: str) -> Response:
    """The same as PNG."""
    return _plot(query, job_id, "png")


def _plot(query: dict[str, Any], job_id: str, media: Format) -> Response:
    what, revision = (job_id, query["kind"], query["range"]), house().store.revision(job_id)
    return answer_picture(what, revision, media, lambda: _picture(query, job_id, media))


def _picture(query: dict[str, Any], job_id: str, media: Format) -> bytes:
    kind, scene = query["kind"], scene_of(*house().store.job_with_history(job_id), query["range"])
    check_kind(scene, kind)
    rows = fitted_rows(scene) if kind == "fit" else None
    # Not with the routes: matplotlib takes half a second, which only the server's first process spends.
    from service.plot_drawing import picture

    return picture(scene._replace(fitted=rows), kind, media)
