"""What a request's query and form may say, for reading them and for ``openapi.yaml``."""

import re
from collections.abc import Mapping
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields

from contract.fields import echo

MAX_WAIT = 60
MAX_PAGE = 1000
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
