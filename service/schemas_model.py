"""What is shown of a fitted model."""

from marshmallow import fields

from service.schemas_dataset import DialectSchema
from service.schemas_parameters import parameters
from service.schemas_settings import ASKED, Filled
from service.shown import Shown, listed, number, part, text

KINDS = ("number", "category")


class TrainingDialectSchema(DialectSchema):
    """How the CSV of training was written."""

    missing_values = listed(text("A text."), "Cells that are missing.")


class FeatureSchema(Shown):
    """A column of the CSV, and what it became."""

    name = text("The column.")
    type = text("What it holds.", choices=KINDS)
    columns = listed(text("The name of an input."), "The inputs that it fills; constant ones have none.")
    levels = listed(text("A level."), "Those of a category, null for numbers.", null=True)
    fill = fields.Raw(
        allow_none=True,
        metadata={
            "type": ["number", "string"],
            "description": "What a missing cell counts as; null where missing cells are refused.",
        },
    )
    shift = listed(number("A mean, or a least value."), "What training subtracted from each input; 0 if nothing.")
    scale = listed(
        number("A spread."), "What it divided by: a coefficient times its scale is the one of the scaled input."
    )


class OtherParametersSchema(Shown):
    """The parameters that were not chosen."""

    which = text("Which these are.", choices=("last", "best"))
    parameters = parameters("All of them.")


class FittedModelSchema(Shown):
    """A fitted model: all that is needed to predict, in the original units of the columns."""

    state = text(
        "That of the job; of a failed one these are the best parameters so far, which predict nothing.",
        choices=("succeeded", "cancelled", "failed"),
    )
    model = Filled(ASKED["model"])
    loss = Filled(ASKED["loss"])
    target = text("The column that is predicted.")
    target_type = text("What that column held; classes of numbers are those of a column of either.", choices=KINDS)
    dialect = part(TrainingDialectSchema, "How the CSV was written; null where that is not known.", null=True)
    weight_column = text("The column of the rows' weights, which metrics take too.", null=True)
    missing = text("What becomes of a row with a missing cell, as in the settings.", choices=("error", "drop", "mean"))
    columns = listed(
        text("A column, or column=level, which is 1 where the row has the level, else 0."), "The inputs, in order."
    )
    features = listed(part(FeatureSchema), "The columns of the CSV, in order.")
    which = text("Which parameters these are.", choices=("last", "best"))
    parameters = parameters("All of them: those of the job's result.")
    other = part(OtherParametersSchema, "Those that were not chosen; null where they are the same.", null=True)


PYTHON = {"type": "string", "description": "A file with `predict(rows)`, and a filter from CSV to CSV."}
SQL = {"type": "string", "description": "A SELECT of the predictions for the rows of a table."}
