"""What a failure is called: the user's mistakes in words, ours without a word of Python."""

import numpy as np
import pytest

from contract.errors import InputCorrupt
from engine.errors import BatchError, DataError, EngineError, InitialError, SplitError
from worker.failures import failure


@pytest.mark.parametrize(
    ("error", "code", "detail"),
    [
        (DataError("All of X is zero."), "insufficient_data", "All of X is zero."),
        (InitialError("Start nearer."), "invalid_settings", "Start nearer."),
        (BatchError("Too large."), "invalid_settings", "Too large."),
        (SplitError("No rows."), "invalid_settings", "No rows."),
        (EngineError("Something."), "invalid_settings", "Something."),
        (InputCorrupt("The file is gone."), "input_corrupt", "The file is gone."),
        (MemoryError(), "out_of_memory", "The job needs more memory than this worker has; use fewer columns or rows."),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_an_error_has_the_code_of_its_kind(error: Exception, code: str, detail: str) -> None:
    assert failure(error) == {"code": code, "detail": detail, "iteration": None, "suggested_learning_rate": None}


@pytest.mark.parametrize("error", [KeyError("secret"), ZeroDivisionError("secret"), ValueError("secret")], ids=repr)
def test_a_defect_of_ours_is_not_shown(error: Exception) -> None:
    """Its trace stands in the worker's log; the user learns that it was not the data."""
    found = failure(error)
    assert found["code"] == "internal"
    assert "secret" not in found["detail"]


def test_numpy_running_out_of_memory_is_out_of_memory() -> None:
    with pytest.raises(MemoryError) as caught:
        np.empty(1 << 50)
    assert failure(caught.value)["code"] == "out_of_memory"


def test_every_error_of_the_engine_is_the_users_to_mend() -> None:
    """None of them reaches the user as a defect of ours."""
    kinds = [EngineError, *EngineError.__subclasses__()]
    assert {failure(kind("x"))["code"] for kind in kinds} == {"insufficient_data", "invalid_settings"}
