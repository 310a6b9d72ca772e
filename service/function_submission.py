"""A function job that can be accepted: it has settings, and no data."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from contract.any_settings import first_fields
from contract.errors import FieldError, InvalidSettings
from contract.function_settings import FunctionSettings, load_function_settings


class FunctionSubmission(NamedTuple):
    """A function job that may be accepted as it stands."""

    settings: FunctionSettings
    dataset: None = None
    new_dataset: bool = False

    def record(self) -> dict[str, Any]:
        """The fields of the record."""
        return first_fields(self.settings, [], len(self.settings.starts) * self.settings.max_iterations)

    def uses(self) -> tuple[str, ...]:
        """No dataset."""
        return ()

    @property
    def recorded(self) -> int:
        """How many parameters the history keeps."""
        return len(self.settings.problem.variables) if self.settings.history["parameters"] else 0

    def verdict(self) -> dict[str, Any]:
        """What there is to say of settings that will not be run."""
        return {"settings": self.settings.to_json(), "warnings": []}

    def about_dataset(self) -> None:
        """There is none."""


def function_submission(document: Mapping[str, Any], *, with_file: bool) -> FunctionSubmission:
    """The submission of a settings document; raises ``InvalidSettings``."""
    if with_file:
        sentence = "A function needs no file: send the settings alone, as JSON (curl --json '{…}')."
        raise InvalidSettings([FieldError("/function", sentence)])
    return FunctionSubmission(load_function_settings(document))
