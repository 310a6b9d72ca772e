"""What is shown of sweeps."""

from marshmallow import fields

from contract.job import STATES, TERMINAL
from contract.sweep import MOST_JOBS
from service.schemas_job import LightJobSchema
from service.shown import JOB_ID, SWEEP_ID, Shown, listed, named, number, part, text, time, whole


class SweepProgressSchema(Shown):
    """How far a sweep is."""

    finished = whole("Jobs that have ended.")
    total = whole("Jobs.", minimum=1, maximum=MOST_JOBS)


class RankedSchema(Shown):
    """A job of a sweep that has ended."""

    job = text("The job's id.", pattern=JOB_ID)
    state = text("How it ended.", choices=tuple(state for state in STATES if state in TERMINAL))
    varied = named(fields.Raw(), "What it has of its own, as asked.", example={"learning_rate": 0.1})
    cost = number("J on the training rows at its parameters; null without some.", null=True)
    validation_cost = number("J on the validation rows.", null=True)
    iterations_to_target = whole(
        "The iteration of the first entry of its history whose cost is at most the target: up to a stride late where "
        "the history is thinned. Null where there is none, or the sweep runs.",
        null=True,
    )
    seconds_to_target = number("Seconds of computing until then.", null=True, minimum=0)


class SweepLinksSchema(Shown):
    """Where to go from here."""

    self = text("This sweep.", format="uri-reference")
    jobs = text("The list of its jobs.", format="uri-reference")
    plot = text("A picture with the cost of each job; 409 until one has begun.", format="uri-reference")


class SweepRowSchema(Shown):
    """A sweep as a row of a list."""

    id = text("The sweep's id.", pattern=SWEEP_ID, example="sweep_5d2le4nkt5o7j3izwyt6qua7jm")
    state = text(
        "Queued until its first job begins, running until its last one has ended; then cancelled if it was, succeeded "
        "if any job has, else failed.",
        choices=STATES,
    )
    name = text("As given in base.", null=True)
    labels = named(text("A value."), "As given in base.", example={"team": "blue"})
    created_at = time("When it was accepted.", null=False)
    started_at = time("When a worker first began one of its jobs.")
    finished_at = time("When the last of its jobs ended.")
    expires_at = time("When it goes, and its jobs with it.")
    progress = part(SweepProgressSchema)


class SweepSchema(SweepRowSchema):
    """Several jobs on the same rows, split, start and order of batches."""

    queue_position = whole("How many jobs are before the first of its own; null unless queued.", null=True)
    jobs = listed(part(LightJobSchema), "In the order of the request; a grid's last name varies fastest.")
    target_cost = number(
        "As given; else, once the sweep has ended, the least cost that any job ended with that has not failed, and one "
        "hundredth of the way back to that job's first cost.",
        null=True,
    )
    ranking = listed(
        part(RankedSchema),
        "Jobs that have ended: by validation cost where any has one, by cost else, null behind the others; then the "
        "cancelled ones, then the failed ones.",
    )
    links = part(SweepLinksSchema)


class SweepListSchema(Shown):
    """One page of a list."""

    sweeps = listed(part(SweepRowSchema), "Newest first.")
    next = text("The cursor of the following page.", null=True, example="117")
