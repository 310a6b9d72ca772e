"""What a job's failure is called, and the sentence that its owner reads."""

from typing import Any

import structlog

from contract.errors import ThalwegError
from contract.job import job_error
from engine.errors import DataError, EngineError
from engine.training import Outcome

log = structlog.get_logger()


def failure(error: Exception) -> dict[str, Any]:
    """The job's ``error`` for an exception that ended it; one of our own defects goes to the log with its trace."""
    if isinstance(error, MemoryError):
        return job_error("out_of_memory", "The job needs more memory than this worker has; use fewer columns or rows.")
    if isinstance(error, EngineError):
        return job_error("insufficient_data" if isinstance(error, DataError) else "invalid_settings", str(error))
    if isinstance(error, ThalwegError):
        return job_error(error.code, error.detail)
    log.error("job_failed_internally", exc_info=error)
    return job_error("internal", "The worker met an error of its own; its log, under this job's id, says which.")


def divergence(outcome: Outcome, suggested: float | None) -> dict[str, Any]:
    """The job's ``error`` for a descent that diverged, with a learning rate that would not have, if one is known."""
    bad = outcome.first_bad_iteration
    if outcome.lost:
        detail = (
            f"Before iteration {bad} the descent came to a point where the cost is a number but its gradient is none, "
            "such as infinity minus infinity. Begin elsewhere, or write the expression another way."
        )
        return job_error("diverged", detail, bad)
    cure = "the learning rate is too large" if suggested else "steps were too long, and so were shorter ones"
    rate = f"; try {suggested:.4g}" if suggested else "; begin nearer to the minimum, or take another optimizer"
    detail = f"The cost grew beyond all bounds from iteration {bad} on: {cure}{rate}."
    return job_error("diverged", detail, bad, suggested)
