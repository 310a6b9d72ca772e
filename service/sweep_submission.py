"""From the body of a request to a sweep that can be accepted: every job checked before one is queued.

The jobs share their rows, so the CSV is read once, and a wrong place is told where it stands in the sweep's document.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

import orjson

from contract.any_settings import most_history
from contract.errors import FieldError, InvalidSettings, InvalidSweep
from contract.function_settings import load_function_settings
from contract.hint import Hint
from contract.job import new_id
from contract.settings import load_settings
from contract.store_sweeps import NewJob
from contract.sweep_settings import SweepSettings, Variation, load_sweep
from service.function_submission import FunctionSubmission
from service.settings_reader import as_the_model_reads, check_read
from service.submission import Received, Submission, submission

OneJob = Submission | FunctionSubmission

MOST_BYTES: Final = 64 << 20
"""Of the settings of all jobs of a sweep."""
MOST_HISTORY: Final = 128 << 20
"""Of the histories of all jobs of a sweep: a quarter of the memory that Redis has where nobody gives it more."""
BULKY = "These settings have {} bytes in each of {} jobs, more than {} together: name fewer columns or make fewer jobs."
LONG = (
    "The histories of these {} jobs may take {} bytes, more than {} together: record fewer iterations (every) or no "
    "parameters, or make fewer jobs."
)
DOUBLE = "Jobs {} and {} of the sweep would be the same; leave one of them out."


class SweepSubmission(NamedTuple):
    """A sweep that may be accepted as it stands; ``jobs`` are in the order of its variations."""

    asked: SweepSettings
    jobs: list[OneJob]

    @property
    def first(self) -> OneJob:
        """What it says of datasets holds for all."""
        return self.jobs[0]

    def record(self) -> dict[str, Any]:
        """The fields of the sweep's record."""
        settings = self.first.settings
        target = orjson.dumps(self.asked.target_cost)
        return {"name": orjson.dumps(settings.name), "labels": settings.labels, "target_cost": target}

    def verdict(self) -> dict[str, Any]:
        """What there is to say of a sweep that will not be run."""
        pairs = zip(self.asked.variations, self.jobs, strict=True)
        jobs = [{"varied": orjson.Fragment(_varied(variation)), **job.verdict()} for variation, job in pairs]
        return {"valid": True, "total": len(jobs), "jobs": jobs, "dataset": self.first.about_dataset()}

    def new_jobs(self, hint: Hint) -> list[NewJob]:
        """The jobs with the fields of their records; each may be run once its hint is there."""
        pairs = zip(self.asked.variations, self.jobs, strict=True)
        return [_new_job(hint, variation, job) for variation, job in pairs]


@contextmanager
def sweep_submission(body: Received, *, kept: bool = True) -> Iterator[SweepSubmission]:
    """The sweep in a body; what is left behind, and what is raised, is as of ``submission``."""
    asked = load_sweep(body.document)
    first = asked.variations[0]
    with _placed(first), submission(body._replace(document=asked.document(first)), kept=kept) as found:
        _refuse_bulky(found, len(asked.variations))
        jobs = [found, *_others(asked, found)]
        _refuse_doubles(asked.variations, jobs)
        _refuse_long(jobs)
        yield SweepSubmission(asked, jobs)


def _refuse_bulky(found: OneJob, jobs: int) -> None:
    """Each job has its settings: what one may be long, many would fill Redis with."""
    size = len(orjson.dumps(found.settings.to_json()))
    if size * jobs > MOST_BYTES:
        raise InvalidSweep([FieldError("/base", BULKY.format(size, jobs, MOST_BYTES), "sweep_too_large")])


def _refuse_long(jobs: Sequence[OneJob]) -> None:
    """So may the histories of many jobs, of which each alone is welcome."""
    size = sum(most_history(job.settings, job.recorded) for job in jobs)
    if size > MOST_HISTORY:
        detail = LONG.format(len(jobs), size, MOST_HISTORY)
        raise InvalidSweep([FieldError("/base/history", detail, "sweep_too_large")])


def _others(asked: SweepSettings, found: OneJob) -> list[OneJob]:
    """All jobs but the first one, whose dataset is theirs too."""
    read = _like(found)
    jobs, wrong = list[OneJob](), dict[FieldError, None]()
    for variation in asked.variations[1:]:
        try:
            with _placed(variation):
                jobs.append(read(asked.document(variation)))
        except InvalidSweep as error:
            wrong |= dict.fromkeys(error.errors)
    if wrong:
        raise InvalidSweep(wrong)
    return jobs


def _like(found: OneJob) -> Callable[[dict[str, Any]], OneJob]:
    """What reads a settings document for the same dataset, or the same function."""
    if isinstance(found, FunctionSubmission):
        return lambda document: FunctionSubmission(load_function_settings(document))
    read = as_the_model_reads(found.settings, found.dataset, found.held_out)
    return lambda document: found._replace(checked=check_read(load_settings(document), *read))


@contextmanager
def _placed(variation: Variation) -> Iterator[None]:
    """Tell wrong places in a job's settings by where they stand in the sweep's document."""
    try:
        yield
    except InvalidSweep:
        raise
    except InvalidSettings as error:
        places = (place._replace(pointer=variation.pointer(place.pointer)) for place in error.errors)
        raise InvalidSweep(places, error.code) from None


def _refuse_doubles(variations: Sequence[Variation], jobs: Sequence[OneJob]) -> None:
    seen: dict[bytes, int] = {}
    for index, job in enumerate(jobs):
        same = seen.setdefault(orjson.dumps(job.settings.to_json()), index)
        if same != index:
            pointer = _difference(variations[same], variations[index])
            raise InvalidSweep([FieldError(pointer, DOUBLE.format(same + 1, index + 1), "duplicate_job")])


def _difference(first: Variation, second: Variation) -> str:
    """The first place of the second one that is no place of the first one."""
    known = first.pointers.values()
    return next((place for place in second.pointers.values() if place not in known), second.place)


def _new_job(hint: Hint, variation: Variation, job: OneJob) -> NewJob:
    job_id = new_id("job")
    return NewJob(job_id, hint(job_id), {**job.record(), "varied": _varied(variation)})


def _varied(variation: Variation) -> bytes:
    # Not orjson: a whole number that float64 holds may have more digits than its integers.
    return json.dumps(variation.settings).encode()
