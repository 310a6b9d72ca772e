"""JSON at the border: strict when it comes in, exact and newline-terminated when it goes out."""

import json
import re
from collections import Counter
from typing import Any, NoReturn

import numpy as np
import orjson

from contract.errors import BadRequest
from contract.fields import echo

# A string that does not end counts to the end of the text: looking for its end again at each quote would take forever.
STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"?', re.DOTALL)
DEPTHS = np.zeros(256, np.int32)
DEPTHS[[*b"[{"]], DEPTHS[[*b"]}"]] = 1, -1
DUMP_OPTIONS = orjson.OPT_APPEND_NEWLINE | orjson.OPT_SERIALIZE_NUMPY


def dump(document: Any, *, pretty: bool = False) -> bytes:
    """JSON bytes with a newline at the end; non-finite floats become null (orjson's rule)."""
    compact = orjson.dumps(document, option=DUMP_OPTIONS)
    # Parts that are JSON already are handed on as they are, so indenting them takes reading them.
    return orjson.dumps(orjson.loads(compact), option=DUMP_OPTIONS | orjson.OPT_INDENT_2) if pretty else compact


def load(text: bytes, max_depth: int) -> Any:
    """Parse strict JSON (RFC 8259): UTF-8 without BOM, no NaN, no duplicate members, bounded nesting.

    Raises ``BadRequest`` with code ``invalid_json``, ``json_too_deep`` or ``duplicate_key``.
    """
    try:
        decoded = text.decode("utf-8")
        _check_depth(text, max_depth)
        return json.loads(decoded, object_pairs_hook=_members, parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        raise BadRequest(f"The JSON is not UTF-8 (byte {error.start}).", "invalid_json", "Invalid JSON") from None
    except json.JSONDecodeError as error:
        raise BadRequest(f"This is not JSON: {error}.", "invalid_json", "Invalid JSON") from None
    except ValueError:
        # The only other one that Python raises here.
        raise BadRequest("The JSON holds a number of more than 4,300 digits.", "invalid_json", "Invalid JSON") from None


def _check_depth(text: bytes, most: int) -> None:
    """Count brackets outside strings; the parser itself would recurse before it could refuse."""
    depths = DEPTHS[np.frombuffer(STRING.sub(b"", text), np.uint8)].cumsum()
    if depths.max(initial=0) > most:
        raise BadRequest(f"The JSON is nested deeper than {most} levels.", "json_too_deep", "Invalid JSON")


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) < len(pairs):
        double = next(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)
        raise BadRequest(f"The member {echo(double)} stands twice in one object.", "duplicate_key", "Invalid JSON")
    return document


def _refuse_constant(name: str) -> NoReturn:
    raise BadRequest(f"{name} is not JSON; numbers must be finite.", "invalid_json", "Invalid JSON")
