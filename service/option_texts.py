"""The dataset options of a request as they come, in a query or in a form: texts, some of them JSON."""

from collections.abc import Mapping
from typing import Any

from contract.errors import FieldError, InvalidSettings
from contract.fields import echo
from service.csv_options import DELIMITERS, CsvOptions
from service.json_codec import load

OPTIONS = ("name", "delimiter", "decimal", "header", "missing_values", "types")
SPELLINGS = dict(zip(DELIMITERS, DELIMITERS, strict=True)) | {"\\t": "\t", "tab": "\t"}
MAX_DATASET_NAME = 255
IN_QUOTES = " curl takes a semicolon for its own unless it stands in quotes: -F 'delimiter=\";\"'."


def csv_options(fields: Mapping[str, str | None]) -> CsvOptions:
    """Dataset options from texts. Raises ``InvalidSettings`` that names the option and what it may be."""
    given = {name: text for name, text in fields.items() if text is not None and name in OPTIONS}
    name = given.pop("name", "").replace("\\", "/").rsplit("/", 1)[-1]
    options = {option: _option(option, text) for option, text in given.items()}
    clean = "".join(letter for letter in name if letter.isprintable())[:MAX_DATASET_NAME]
    return CsvOptions(name=clean or None, **options)


def _option(name: str, text: str) -> Any:
    if name == "delimiter":
        return _choice(name, text, SPELLINGS)
    if name == "decimal":
        return _choice(name, text, {".": ".", ",": ","})
    if name == "header":
        return _choice(name, text, {"true": True, "false": False})
    return _json_option(name, load(text.encode("utf-8", "surrogatepass"), max_depth=2))


def _choice(name: str, text: str, choices: Mapping[str, Any]) -> Any:
    if text not in choices:
        listed, cure = ", ".join(repr(choice) for choice in choices), "" if text or name != "delimiter" else IN_QUOTES
        detail = f"Must be one of {listed}, not {echo(text)}.{cure}"
        raise InvalidSettings([FieldError(f"/{name}", detail, "invalid_option")])
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
