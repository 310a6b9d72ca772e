"""Rows to be predicted, and what is shown of their predictions."""

from typing import Any

from marshmallow import RAISE, Schema, fields

from contract.fields import Cell
from service.documented import CSV, JSON
from service.prediction_rows import MOST_ROWS
from service.schemas_parameters import fit
from service.schemas_problem import WarningSchema
from service.shown import JOB_ID, Shown, listed, number, part, text

ROWS_AS_CSV = "rooms,river\n6.1,no\n5.2,yes\n"
PREDICTIONS_CSV = {"type": "string", "example": "row,prediction\n1,24.1\n2,20.3\n"}


class RowsSchema(Schema):
    """Rows to be predicted."""

    class Meta:
        """marshmallow's place for options."""

        unknown = RAISE

    rows = fields.List(
        fields.Dict(values=Cell(allow_none=True)),
        required=True,
        metadata={
            "maxItems": MOST_ROWS,
            "description": "The cells of each row by column, null for a missing one; columns that the model does not "
            "read are ignored.",
        },
    )


ROWS: dict[str, Any] = {
    "required": True,
    "description": "Rows as JSON, or a CSV with a line of names, of any size.",
    "content": {
        JSON: {"schema": RowsSchema, "example": {"rows": [{"rooms": 6.1, "river": "no"}]}},
        CSV: {"schema": {"type": "string"}, "example": ROWS_AS_CSV},
    },
}


class PredictionsSchema(Shown):
    """One prediction for each row, in the order of the rows."""

    job = text("The job whose model this is.", pattern=JOB_ID)
    classes = listed(text("A class."), "In code-point order; null for a model of numbers.", null=True)
    metrics = fit(
        "Of the rows whose target is known; null without the target, and where it is none: a warning says why.",
        null=True,
    )
    predictions = listed(
        fields.Raw(metadata={"type": ["number", "string", "null"]}),
        "Numbers, or names of classes; null where there is none: a row with a missing cell if the job's `missing` is "
        "drop, and what float64 cannot hold.",
    )
    probabilities = listed(
        listed(number("Of a class."), "In the order of the classes.", null=True),
        "Of each row; null for a model of numbers, and for hinge losses.",
        null=True,
    )
    warnings = listed(part(WarningSchema), "What is odd about the answer.")
