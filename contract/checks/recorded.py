"""Whether the history can hold the parameters that it is asked to keep."""

from collections.abc import Iterator

from contract.errors import FieldError
from contract.model import FEW_PARAMETERS
from contract.settings import Settings


def too_many_recorded(settings: Settings, parameters: int) -> Iterator[FieldError]:
    """More columns than a history has room for, where each parameter is one."""
    if settings.history["parameters"] and parameters > FEW_PARAMETERS:
        detail = f"The model has {parameters} parameters, and the history keeps at most {FEW_PARAMETERS} of them."
        yield FieldError("/history/parameters", detail, "out_of_range")
