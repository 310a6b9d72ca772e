"""What the engine refuses, each with a sentence that names the cure.

EngineError
├── DataError        values, columns or rows that cannot be fitted
├── SplitError       a validation split that leaves one side without rows
├── BatchError       batches that cannot be drawn from the training rows
├── StepError        an optimizer that cannot take the steps of a cost
├── InitialError     starting parameters that do not belong to the model or have no finite cost
└── ExpressionError  a text that is no expression
"""


class EngineError(ValueError):
    """The root: the request cannot be computed, and the text says why and what would help."""


class DataError(EngineError):
    """The data cannot be fitted."""


def not_finite(place: str) -> DataError:
    """The error of a target, feature or column that has cells which cannot be counted with."""
    return DataError(
        f"{place} has a cell that is missing, not finite, or too large to square: drop its row, or use a larger unit."
    )


class SplitError(EngineError):
    """The rows cannot be divided as asked."""


class BatchError(EngineError):
    """The batches cannot be drawn as asked."""


class StepError(EngineError):
    """The optimizer cannot take the steps of this cost."""


class InitialError(EngineError):
    """The starting parameters cannot be used."""


class ExpressionError(EngineError):
    """The text is no expression; `position` is where in it, counted from 0, None where it is the whole."""

    def __init__(self, detail: str, position: int | None = None) -> None:
        super().__init__(detail)
        self.position = position
