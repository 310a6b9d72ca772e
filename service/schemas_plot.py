"""What may be asked of a picture."""

from marshmallow import fields, validate

from service.plot_scene import KINDS, SWEPT
from service.schemas import Query


class PlotQuery(Query):
    """Which picture."""

    kind = fields.String(
        load_default="cost", validate=validate.OneOf(list(KINDS)), metadata={"description": "What it shows."}
    )


class SweepPlotQuery(Query):
    """Which picture of a sweep."""

    kind = fields.String(
        load_default="cost", validate=validate.OneOf(list(SWEPT)), metadata={"description": "What it shows."}
    )
