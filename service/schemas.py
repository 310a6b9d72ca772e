"""What a request's query and form may say, for reading them and for ``openapi.yaml``."""

import re
from collections.abc import Mapping
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate, validates_schema

from contract.fields import echo
from contract.job import STATES, TERMINAL

MAX_WAIT = 60
MAX_PAGE = 1000
# A name in SQL: nothing that an editor would not show.
SQL_NAME = validate.Regexp(
    r"[^\x00-\x1f\x7f]{1,200}\Z", error="Must be 1 to 200 characters, none of them control ones."
)
DIGITS = re.compile(r"[0-9]{1,18}", re.ASCII)


class WholeNumber(fields.Field[int]):
    """A whole number in a query, in ASCII digits; a larger one than ``most`` is cut to it."""

    def __init__(self, *, least: int, most: int | None = None, **options: Any) -> None:
        self.least, self.most = least, most
        metadata = {"type": "integer", "minimum": least} | options.pop("metadata", {})
        super().__init__(metadata=metadata, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> int:
        if not isinstance(value, str) or not DIGITS.fullmatch(value) or int(value) < self.least:
            raise ValidationError(f"Must be a whole number of at least {self.least}, not {echo(value)}.")
        return int(value) if self.most is None else min(int(value), self.most)


class Query(Schema):
    """A query string; an argument that is not listed is refused."""

    class Meta:
        """marshmallow's place for options."""

        unknown = RAISE

    pretty = fields.String(load_default=None, metadata={"description": "Indent the JSON of the answer."})


class WaitQuery(Query):
    """How long the answer may be held back."""

    wait = WholeNumber(
        least=0,
        most=MAX_WAIT,
        load_default=0,
        metadata={"description": "Seconds to wait for the job's end, at most 60."},
    )


class PageQuery(Query):
    """One page of a list."""

    limit = WholeNumber(least=1, most=MAX_PAGE, load_default=100, metadata={"description": "Rows, at most 1,000."})
    cursor = WholeNumber(least=1, load_default=None, metadata={"description": "`next` of the page before."})


class LabelFilter(fields.String):
    """``key:value``; the key ends at the first colon, values may hold more of them."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **options: Any) -> str:
        if (text := str(super()._deserialize(value, attr, data, **options))).find(":") < 1:
            raise ValidationError(f"Must be key:value, not {echo(value)}.")
        return text


LABELS: fields.List[str] = fields.List(
    LabelFilter(), load_default=list, metadata={"description": "`key:value`; repeated, all of them must fit."}
)


class JobsQuery(PageQuery):
    """Which jobs, and in which order."""

    state = fields.String(load_default=None, validate=validate.OneOf(STATES), metadata={"description": "In it now."})
    label = LABELS
    sweep = fields.String(
        load_default=None,
        validate=validate.Length(min=1, error="Must be the id of a sweep."),
        metadata={"description": "The jobs of this sweep, by its id."},
    )
    finished_after = WholeNumber(
        least=0,
        load_default=None,
        metadata={"description": "The feed, in order of ending: `next` of the page before; 0 = from the beginning."},
    )
    wait = WholeNumber(
        least=0,
        most=MAX_WAIT,
        load_default=0,
        metadata={"description": "With `finished_after`: seconds to wait until there is a job, at most 60."},
    )

    @validates_schema
    def _one_order(self, query: dict[str, Any], **_: Any) -> None:
        if query["finished_after"] is None and query["wait"]:
            raise ValidationError("Goes with finished_after only.", "wait")
        if query["finished_after"] is not None and query["cursor"] is not None:
            raise ValidationError("Goes without finished_after, which is a cursor itself.", "cursor")


class DeleteQuery(Query):
    """Which jobs go."""

    state = fields.String(
        load_default=None,
        validate=validate.OneOf([state for state in STATES if state in TERMINAL]),
        metadata={"description": "A state in which jobs have ended."},
    )
    label = LABELS
    finished_before = fields.AwareDateTime(
        load_default=None,
        error_messages={
            "invalid": "Must be an RFC 3339 time such as 2026-11-21T12:00:00Z (write + as %2B).",
            "invalid_awareness": "Must have a time zone, as in 2026-11-21T12:00:00Z.",
        },
        metadata={"description": "They ended before this time."},
    )


class HistoryQuery(Query):
    """Which part of a history, and how many points of it."""

    points = WholeNumber(least=1, load_default=None, metadata={"description": "At most about so many entries."})
    since_iteration = WholeNumber(least=0, load_default=None, metadata={"description": "Only later iterations."})


class CsvOptionsQuery(Query):
    """The dataset options, as query arguments of a raw upload or as form fields; text, since both are text."""

    name = fields.String(metadata={"description": "A label; the file's name by default."})
    delimiter = fields.String(metadata={"description": "One of , ; | and tab; sniffed by default."})
    decimal = fields.String(metadata={"description": "Sniffed by default.", "enum": [".", ","]})
    header = fields.String(metadata={"description": "Sniffed by default.", "enum": ["true", "false"]})
    missing_values = fields.String(metadata={"description": "JSON list of the cells that count as missing."})
    types = fields.String(metadata={"description": 'JSON object: {"label": "category"}.'})


class PredictionQuery(Query):
    """How a CSV of rows to be predicted is written; the types of its columns are those of the model."""

    delimiter = fields.String(metadata={"description": "One of , ; | and tab; sniffed by default."})
    decimal = fields.String(metadata={"description": "Sniffed by default.", "enum": [".", ","]})
    header = fields.String(metadata={"description": "Sniffed by default.", "enum": ["true", "false"]})
    missing_values = fields.String(metadata={"description": "JSON list of the cells that count as missing."})


class ModelQuery(Query):
    """In which form a fitted model is answered."""

    format = fields.String(
        load_default="json",
        validate=validate.OneOf(["json", "python", "sql"]),
        metadata={"description": "A document, a program that needs NumPy alone, or one SELECT."},
    )
    table = fields.String(
        load_default=None,
        validate=SQL_NAME,
        metadata={"description": "With `sql`: the table that is read, `data` by default; a dot follows the schema."},
    )
    key = fields.String(
        load_default=None,
        validate=SQL_NAME,
        metadata={"description": "With `sql`: a column of the table that is answered beside the predictions."},
    )
