"""An upload on its way to a dataset: the parts of a form, the options, the file in its place."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from flask import request

from contract.dataset import Dataset
from contract.dataset_file import path_of, remove
from contract.errors import BadRequest, FieldError, InvalidSettings, StorageFull, Unavailable, Unprocessable
from contract.fields import echo
from contract.job import new_id
from service.body import pieces
from service.csv_options import CsvLimits, CsvOptions
from service.csv_reader import read_csv
from service.form import FILE, read_form
from service.house import house
from service.json_codec import load
from service.spool import Spool

OPTIONS = ("name", "delimiter", "decimal", "header", "missing_values", "types")
DELIMITERS = {",": ",", ";": ";", "|": "|", "\t": "\t", "\\t": "\t", "tab": "\t"}
MAX_NAME = 255


class Upload(NamedTuple):
    """A CSV on its way to a dataset: the spooled file, its options, and the settings' text where there is one."""

    spool: Spool
    options: CsvOptions
    settings: bytes | None

    def asked(self) -> dict[str, Any]:
        """What the file and its options say, as JSON."""
        options = self.options._asdict() | {"types": dict(self.options.types)}
        return {"file": self.spool.sha256(), "options": options}


@contextmanager
def uploaded_form(*, with_settings: bool) -> Iterator[Upload]:
    """The upload in this request's multipart body; its file is gone after the block.

    Raises ``BadRequest`` and ``Unprocessable`` for parts that are not as they should be.
    """
    known = (FILE, *OPTIONS, *(["settings"] if with_settings else []))
    boundary = request.mimetype_params.get("boundary", "")
    with _spool() as spool:
        form = read_form(boundary, pieces(request, spool.limit), known, spool)
        if form.file_name is None:
            detail = "The CSV is missing: send it as part 'file' (curl -F file=@data.csv)."
            raise Unprocessable(detail, "missing_file")
        fields = {name: text for name, text in form.fields.items() if name != "settings"}
        options = csv_options({"name": form.file_name, **{name: _text(name, text) for name, text in fields.items()}})
        yield Upload(spool, options, form.fields.get("settings"))


@contextmanager
def uploaded_csv(options: CsvOptions) -> Iterator[Upload]:
    """The upload whose CSV is this request's body; its file is gone after the block."""
    with _spool() as spool:
        for piece in pieces(request, spool.limit):
            spool.write(piece)
        yield Upload(spool, options, None)


def _spool() -> Spool:
    return Spool(house().config.datasets_dir, house().config.max_body)


def _text(name: str, field: bytes) -> str:
    try:
        return field.decode()
    except UnicodeDecodeError as error:
        raise BadRequest(f"The part {name!r} is not UTF-8 (byte {error.start}).", "malformed_multipart") from None


def csv_options(fields: Mapping[str, str | None]) -> CsvOptions:
    """Dataset options from texts. Raises ``InvalidSettings`` that names the option and what it may be."""
    given = {name: text for name, text in fields.items() if text is not None and name in OPTIONS}
    name = given.pop("name", "").replace("\\", "/").rsplit("/", 1)[-1]
    options = {option: _option(option, text) for option, text in given.items()}
    clean = "".join(letter for letter in name if letter.isprintable())[:MAX_NAME]
    return CsvOptions(name=clean or None, **options)


def _option(name: str, text: str) -> Any:
    if name == "delimiter":
        return _choice(name, text, DELIMITERS)
    if name == "decimal":
        return _choice(name, text, {".": ".", ",": ","})
    if name == "header":
        return _choice(name, text, {"true": True, "false": False})
    return _json_option(name, load(text.encode("utf-8", "surrogatepass"), max_depth=2))


def _choice(name: str, text: str, choices: Mapping[str, Any]) -> Any:
    if text not in choices:
        listed = ", ".join(repr(choice) for choice in choices)
        raise InvalidSettings([FieldError(f"/{name}", f"Must be one of {listed}, not {echo(text)}.", "invalid_option")])
    return choices[text]


def _json_option(name: str, value: Any) -> Any:
    if name == "missing_values":
        if isinstance(value, list) and all(isinstance(cell, str) and _is_unicode(cell) for cell in value):
            return tuple(value)
        raise InvalidSettings([FieldError("/missing_values", "Must be a JSON list of strings.", "invalid_option")])
    if isinstance(value, dict) and all(kind in ("number", "category") for kind in value.values()):
        return value
    raise InvalidSettings([FieldError("/types", 'Must be a JSON object of "number" or "category".', "invalid_option")])


def _is_unicode(text: str) -> bool:
    """JSON can escape halves of characters, which no file holds."""
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


@contextmanager
def dataset_from(upload: Upload) -> Iterator[Dataset]:
    """The uploaded CSV as a dataset file, which is removed again if the block refuses it.

    Where Redis did not answer, nobody knows whether the record was written, so the file stays.
    """
    config, dataset_id = house().config, new_id("ds")
    spool, options, _ = upload
    with house().parsing:
        parsed = read_csv(spool, options, CsvLimits.of(config), path_of(config.datasets_dir, dataset_id))
    try:
        yield Dataset(
            id=dataset_id,
            name=options.name,
            rows=parsed.rows,
            bytes=spool.size,
            sha256=spool.sha256(),
            dialect=parsed.dialect,
            columns=parsed.columns,
            warnings=parsed.warnings,
        )
    except BaseException as error:
        if not isinstance(error, Unavailable) or isinstance(error, StorageFull):
            remove(config.datasets_dir, dataset_id)
        raise
