"""The bodies that requests have, for ``openapi.yaml``; ``uploads.py`` and ``submission.py`` read them."""

from typing import Any

from marshmallow import RAISE, Schema, fields

from contract.continuing import ContinueSchema
from contract.function_settings import FunctionSettingsSchema
from contract.settings_schema import SettingsSchema
from contract.sweep_settings import SweepSettingsSchema
from service.documented import CSV, JSON
from service.schemas import CsvOptionsQuery

ROWS = "rooms,river,price\n6.1,no,24.1\n5.2,yes,20.3\n7.4,no,31.9\n6.6,yes,27.5\n4.9,no,18.7\n"
ABOUT_FILE = {
    "type": "string",
    "format": "binary",
    "description": "The CSV; UTF-8, any name and type.",
    "example": ROWS,
}
FILE = fields.Raw(required=True, metadata=ABOUT_FILE)
OPTIONS = {name: field for name, field in CsvOptionsQuery._declared_fields.items() if name != "pretty"}


class _Form(Schema):
    class Meta:
        unknown = RAISE


SweepDocumentSchema = SweepSettingsSchema.from_dict(
    {"base": fields.Nested(SettingsSchema, required=True)}, name="SweepDocumentSchema"
)
UploadSchema = _Form.from_dict({"file": FILE, **OPTIONS}, name="UploadSchema")
SubmissionSchema = _Form.from_dict(
    {
        "file": FILE,
        "settings": fields.Nested(SettingsSchema, metadata={"description": "JSON; without `dataset`."}),
        **OPTIONS,
    },
    name="SubmissionSchema",
)
SweepFormSchema = _Form.from_dict(
    {
        "file": FILE,
        "settings": fields.Nested(SweepDocumentSchema, metadata={"description": "JSON; without `base.dataset`."}),
        **OPTIONS,
    },
    name="SweepFormSchema",
)

FORM = "multipart/form-data"

UPLOAD: dict[str, Any] = {
    "required": True,
    "description": "The CSV as it is, with options in the query, or a form with the options as fields.",
    "content": {
        CSV: {"schema": {"type": "string"}, "example": ROWS},
        FORM: {"schema": UploadSchema, "example": {"file": ROWS, "name": "housing"}},
    },
}
SUBMISSION: dict[str, Any] = {
    "required": True,
    "description": "A form with the CSV, its options and the settings, or settings that name a dataset or a function.",
    "content": {
        FORM: {
            "schema": SubmissionSchema,
            "encoding": {"settings": {"contentType": JSON}},
            "example": {"file": ROWS, "settings": {"target": "price"}},
        },
        JSON: {
            "schema": {"oneOf": [{"allOf": [SettingsSchema, {"required": ["dataset"]}]}, FunctionSettingsSchema]},
            "examples": {
                "dataset": {"value": {"dataset": "ds_grlw47zmefjfb26haugwh3dj7y", "target": "price"}},
                "function": {"value": {"function": {"expression": "x**2 + 5*x + 10"}, "initial": {"x": 5}}},
            },
        },
    },
}
SWEEP: dict[str, Any] = {
    "required": True,
    "description": "A form with the CSV, its options and the sweep, or a sweep whose base names a dataset.",
    "content": {
        FORM: {
            "schema": SweepFormSchema,
            "encoding": {"settings": {"contentType": JSON}},
            "example": {
                "file": ROWS,
                "settings": {"base": {"target": "price"}, "vary": {"learning_rate": [0.01, 0.1]}},
            },
        },
        JSON: {
            "schema": SweepDocumentSchema,
            "example": {
                "base": {"dataset": "ds_grlw47zmefjfb26haugwh3dj7y", "target": "price"},
                "vary": {"learning_rate": [0.01, 0.1]},
            },
        },
    },
}
CONTINUATION: dict[str, Any] = {
    "required": True,
    "description": "How many more iterations there may be.",
    "content": {JSON: {"schema": ContinueSchema, "example": {"max_iterations": 100}}},
}
