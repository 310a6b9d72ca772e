"""What may be asked of a picture."""

from marshmallow import fields, validate

from service.plot_scene import KINDS
from service.schemas import Query


class PlotQuery(Query):
    """Which picture."""

    kind = fields.String(
        load_default="cost", validate=validate.OneOf(list(KINDS)), metadata={"description": "What it shows."}
    )
