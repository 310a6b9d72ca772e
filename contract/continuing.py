"""What a job becomes that goes on from another one's state: its settings, and whether it may."""

from functools import cache
from typing import Any, Final

import orjson

from contract.choices import Strict
from contract.errors import Conflict, FieldError, InvalidSettings
from contract.fields import Integer
from contract.job import JobRecord
from contract.places import loaded
from contract.settings_schema import MOST_ITERATIONS

ENDED: Final = "wait for its end, or cancel it, then continue it"

WITHOUT_RESULT: Final = {
    "failed": "The job failed without a result to go on from; its error says what to change before it is posted again.",
    "cancelled": "The job was cancelled before it had a result; post it again.",
}


class ContinueSchema(Strict):
    """What a continuation may say."""

    max_iterations = Integer(least=1, most=MOST_ITERATIONS, required=True)


def more_iterations(document: Any) -> int:
    """How many more iterations are asked for; raises ``InvalidSettings``."""
    if not isinstance(document, dict):
        detail = 'The body must be a JSON object such as {"max_iterations": 100}.'
        raise InvalidSettings([FieldError("", detail, "expected_object")])
    return int(loaded(_schema(), document)["max_iterations"])


def continued_settings(parent: JobRecord, more: int) -> dict[str, Any]:
    """The parent's settings, with so many iterations beyond its last one; a function begins at the best start only.

    Raises ``Conflict`` where the parent has not ended with a result to go on from, ``InvalidSettings`` where that is
    more iterations than any job may have.
    """
    _refuse_without_result(parent)
    last = iterations_of(parent) + more
    if last > MOST_ITERATIONS:
        detail = f"A job has at most {MOST_ITERATIONS} iterations; this one has made {last - more}."
        raise InvalidSettings([FieldError("/max_iterations", detail, "out_of_range")])
    settings = {**orjson.loads(parent.settings), "max_iterations": last}
    if "function" in settings:
        settings["initial"] = orjson.loads(parent.result or b"{}")["starts"][0]["initial"]
    return settings


def iterations_of(job: JobRecord) -> int:
    """The whole iterations of the run that a job with a result tells of."""
    return int(orjson.loads(job.result or b"{}")["iterations"])


def _refuse_without_result(job: JobRecord) -> None:
    if not job.is_terminal:
        raise Conflict(f"The job is {job.state}; {ENDED}.")
    if job.stop_reason == "diverged":
        raise Conflict("The job diverged, so there is nothing to go on from; post it again with a smaller rate.")
    if job.result is None:
        raise Conflict(WITHOUT_RESULT.get(job.state, "The job has no result; post it again."))


@cache
def _schema() -> ContinueSchema:
    """One instance for all documents."""
    return ContinueSchema()
