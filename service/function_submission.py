"""A function job that can be accepted: it has settings, and no data."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson

from contract.errors import FieldError, InvalidSettings
from contract.function_settings import FunctionSettings, load_function_settings
from contract.job import progress


class FunctionSubmission(NamedTuple):
    """A function job that may be accepted as it stands."""

    settings: FunctionSettings
    dataset: None = None
    new_dataset: bool = False

    def record(self) -> dict[str, Any]:
        """The fields of the record."""
        settings = self.settings
        return {
            "name": orjson.dumps(settings.name),
            "labels": settings.labels,
            "settings": settings.to_json(),
            "warnings": [],
            "progress": progress(0, len(settings.starts) * settings.max_iterations, None, None),
        }

    def uses(self) -> tuple[str, ...]:
        """No dataset."""
        return ()

    def verdict(self) -> dict[str, Any]:
        """What there is to say of settings that will not be run."""
        return {"valid": True, "settings": self.settings.to_json(), "warnings": [], "dataset": None}


def function_submission(document: Mapping[str, Any], *, with_file: bool) -> FunctionSubmission:
    """The submission of a settings document; raises ``InvalidSettings``."""
    if with_file:
        sentence = "A function needs no file: send the settings alone, as JSON (curl --json '{…}')."
        raise InvalidSettings([FieldError("/function", sentence)])
    return FunctionSubmission(load_function_settings(document))
