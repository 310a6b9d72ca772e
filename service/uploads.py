"""An upload on its way to a dataset: the parts of a form, the options, the file in its place."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from flask import request
from werkzeug.datastructures import FileStorage

from contract.dataset import Dataset
from contract.dataset_file import path_of, remove
from contract.errors import BadRequest, FieldError, InvalidSettings, StorageFull, TooLarge, Unavailable, Unprocessable
from contract.fields import echo
from contract.job import new_id
from service.csv_options import CsvLimits, CsvOptions
from service.csv_reader import read_csv
from service.house import house
from service.json_codec import load
from service.request import MAX_JSON
from service.spool import Spool

OPTIONS = ("name", "delimiter", "decimal", "header", "missing_values", "types")
DELIMITERS = {",": ",", ";": ";", "|": "|", "\t": "\t", "\\t": "\t", "tab": "\t"}
MAX_NAME = 255


class Form(NamedTuple):
    """A multipart upload: the spooled file, its options, and the settings' text where there is one."""

    spool: Spool
    options: CsvOptions
    settings: bytes | None


def read_form(*, with_settings: bool) -> Form:
    """The parts of a multipart body. Raises ``BadRequest`` and ``Unprocessable`` for what is not as it should be."""
    known = ("file", *OPTIONS, *(["settings"] if with_settings else []))
    parts: list[tuple[str, list[Any]]] = [*request.form.lists(), *request.files.lists()]
    if not parts:
        raise BadRequest("The multipart body has no complete part.", "malformed_multipart")
    for name, values in parts:
        if name not in known:
            raise BadRequest(f"There is no part {echo(name)}; there are: {', '.join(known)}.", "unknown_part")
        if len(values) > 1:
            raise BadRequest(f"The part {name!r} stands twice.", "duplicate_part")
    file = request.files.get("file")
    if file is None:
        raise Unprocessable("The CSV is missing: send it as part 'file' (curl -F file=@data.csv).", "missing_file")
    fields = request.form.to_dict()
    settings = _settings_text(fields.pop("settings", None))
    return Form(_spool_of(file), csv_options({"name": file.filename or "", **fields}), settings)


def _settings_text(field: str | None) -> bytes | None:
    """``-F settings=@file`` arrives as a file, ``-F settings=text`` as a field."""
    file = request.files.get("settings")
    if file is None:
        return None if field is None else field.encode("utf-8", "surrogatepass")
    text = file.stream.read(MAX_JSON + 1)
    if len(text) > MAX_JSON:
        raise TooLarge(f"The settings are larger than the {MAX_JSON} bytes that this server takes.")
    return text


def _spool_of(file: FileStorage) -> Spool:
    stream = file.stream
    if not isinstance(stream, Spool):
        raise TypeError("uploaded files are spooled by service/request.py")
    return stream


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
def dataset_from(spool: Spool, options: CsvOptions) -> Iterator[Dataset]:
    """The spooled CSV as a dataset file, which is removed again if the block refuses it.

    Where Redis did not answer, nobody knows whether the record was written, so the file stays.
    """
    config, dataset_id = house().config, new_id("ds")
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
