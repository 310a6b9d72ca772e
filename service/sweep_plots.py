"""Pictures of sweeps: one curve for each job."""

from collections.abc import Iterator
from typing import Any

from flask import Response

from contract.errors import Conflict, NotFound, NotYet
from contract.sweep import Sweep
from service.documented import documented
from service.house import house
from service.plot_answers import UNCHANGED, answer_picture, drawn
from service.plot_scene import NOTHING, Format, Scene, lacking, scene_of
from service.ranking import by_rank
from service.routing import Routes
from service.schemas_plot import SweepPlotQuery

routes = Routes("sweep_plots", __name__, description="Pictures of sweeps.")


@routes.route("/v1/sweeps/<sweep_id>/plot.svg", methods=["GET"])
@documented(drawn("svg"), UNCHANGED, takes=("If-None-Match",), errors=(404, 409))
@routes.arguments(SweepPlotQuery, location="query")
def show_sweep_plot_svg(query: dict[str, Any], sweep_id: str) -> Response:
    """A curve for each job of a sweep so far, as SVG; what diverged is drawn to where it got."""
    return _plot(query, sweep_id, "svg")


@routes.route("/v1/sweeps/<sweep_id>/plot.png", methods=["GET"])
@documented(drawn("png"), UNCHANGED, takes=("If-None-Match",), errors=(404, 409))
@routes.arguments(SweepPlotQuery, location="query")
def show_sweep_plot_png(query: dict[str, Any], sweep_id: str) -> Response:
    """The same as PNG."""
    return _plot(query, sweep_id, "png")


def _plot(query: dict[str, Any], sweep_id: str, media: Format) -> Response:
    sweep, kind = house().store.sweeps.get(sweep_id), query["kind"]
    return answer_picture((sweep_id, kind), sweep.as_revision(), media, lambda: _picture(sweep, kind, media))


def _picture(sweep: Sweep, kind: str, media: Format) -> bytes:
    # Not with the routes: matplotlib takes half a second, which only the server's first process spends.
    from service.plot_sweep import sweep_picture, swept

    found = swept(_scenes(sweep), kind)
    refusal = Conflict if sweep.record.is_terminal else NotYet
    if not found.kinds:
        raise refusal(f"The sweep is {sweep.record.state} and has no history to draw.", *NOTHING)
    if kind not in found.kinds:
        raise refusal(lacking("sweep", kind, found.kinds), *NOTHING)
    return sweep_picture(sweep.record, found, kind, media)


def _scenes(sweep: Sweep) -> Iterator[Scene]:
    """Those of its jobs that are still there, as they are ranked."""
    for job in by_rank(sweep.jobs):
        try:
            yield scene_of(*house().store.job_with_history(job.id))
        except NotFound:
            continue
