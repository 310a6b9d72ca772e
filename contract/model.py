"""The fitted model as Redis keeps it: JSON, compressed to about the size of its numbers."""

import zlib
from typing import Any

import orjson

FEW_PARAMETERS = 1000
"""The most parameters that the record of a job shows too."""

QUICK = 1


def pack_model(document: dict[str, Any]) -> bytes:
    """The document as it is kept."""
    return zlib.compress(orjson.dumps(document), QUICK)


def unpack_model(packed: bytes) -> bytes:
    """The JSON of a document that was kept."""
    return zlib.decompress(packed)
