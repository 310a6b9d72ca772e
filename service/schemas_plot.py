"""What may be asked of a picture."""

import re
from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from contract.fields import echo
from service.plot_scene import FARTHEST, KINDS, RANGED, SWEPT
from service.schemas import Query

NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
FROM_TO = re.compile(f"({NUMBER}),({NUMBER})", re.ASCII)


class Range(fields.Field[tuple[float, float]]):
    """Two numbers that rise, with a comma between them."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> Any:
        found = FROM_TO.fullmatch(value) if len(value) <= 100 else None
        low, high = map(float, found.groups()) if found else (0.0, 0.0)
        if not -FARTHEST <= low < high <= FARTHEST:
            raise ValidationError(f"Must be two numbers that rise, as in -10,10, not {echo(value)}.")
        return low, high


class PlotQuery(Query):
    """Which picture."""

    kind = fields.String(
        load_default="cost", validate=validate.OneOf(list(KINDS)), metadata={"description": "What it shows."}
    )
    range = Range(
        load_default=None,
        metadata={
            "type": "string",
            "description": "Where the axes of `path` and `gradient` begin and end; by default the path has some room.",
            "example": "-10,10",
            "pattern": f"^{NUMBER},{NUMBER}$",
        },
    )

    @validates_schema(skip_on_field_errors=True)
    def _ranged(self, query: dict[str, Any], **_: Any) -> None:
        if query["range"] and query["kind"] not in RANGED:
            raise ValidationError(f"Goes with kind {' and '.join(RANGED)} only.", "range")


class SweepPlotQuery(Query):
    """Which picture of a sweep."""

    kind = fields.String(
        load_default="cost", validate=validate.OneOf(list(SWEPT)), metadata={"description": "What it shows."}
    )
