"""Settings of either kind of job: over data, or of a function."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from contract.errors import InputCorrupt, InvalidSettings
from contract.function_settings import FunctionSettings, load_function_settings
from contract.job import progress
from contract.settings import Settings, stored_settings
from engine.history import most_bytes

AnySettings = Settings | FunctionSettings


def is_function(document: Any) -> bool:
    """Whether a settings document asks for a function job."""
    return isinstance(document, dict) and "function" in document


def first_fields(settings: AnySettings, warnings: Sequence[Mapping[str, Any]], iterations: int) -> dict[str, Any]:
    """The fields with which the record of a job begins that may take so many iterations in all."""
    return {
        "name": orjson.dumps(settings.name),
        "labels": settings.labels,
        "settings": settings.to_json(),
        "warnings": warnings,
        "progress": progress(0, iterations, None, None),
    }


def most_history(settings: AnySettings, recorded: int) -> int:
    """Bytes that the job's history takes at most, with so many parameters recorded."""
    return most_bytes(settings.max_iterations, settings.history["every"], recorded)


def any_stored_settings(text: bytes) -> AnySettings:
    """Settings as the record holds them; raises ``InputCorrupt`` for a text that nobody who validates has written."""
    try:
        document = orjson.loads(text)
        return load_function_settings(document) if is_function(document) else stored_settings(text)
    except (ValueError, InvalidSettings) as error:
        raise InputCorrupt(f"The job's settings cannot be read; post the job again. ({error})") from error
