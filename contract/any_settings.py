"""Settings of either kind of job: over data, or of a function."""

from typing import Any

import orjson

from contract.errors import InputCorrupt, InvalidSettings
from contract.function_settings import FunctionSettings, load_function_settings
from contract.settings import Settings, load_settings, stored_settings

AnySettings = Settings | FunctionSettings


def is_function(document: Any) -> bool:
    """Whether a settings document asks for a function job."""
    return isinstance(document, dict) and "function" in document


def load_any_settings(document: Any) -> AnySettings:
    """Read a settings document; raises ``InvalidSettings`` with a JSON pointer for every wrong place."""
    return load_function_settings(document) if is_function(document) else load_settings(document)


def any_stored_settings(text: bytes) -> AnySettings:
    """Settings as the record holds them; raises ``InputCorrupt`` for a text that nobody who validates has written."""
    try:
        document = orjson.loads(text)
        return load_function_settings(document) if is_function(document) else stored_settings(text)
    except (ValueError, InvalidSettings) as error:
        raise InputCorrupt(f"The job's settings cannot be read; post the job again. ({error})") from error
