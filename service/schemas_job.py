"""What is shown of jobs."""

from typing import get_args

from marshmallow import fields

from contract.job import STATES
from engine.training import Reason
from service.schemas_function import EffectiveFunctionSettingsSchema, FunctionResultSchema, ResolvedFunctionSchema
from service.schemas_problem import WarningSchema
from service.schemas_result import ResultSchema
from service.schemas_settings import EffectiveSettingsSchema, ResolvedSchema
from service.shown import JOB_ID, SWEEP_ID, Shown, either, listed, named, number, part, text, time, whole


class ProgressSchema(Shown):
    """How far a job is."""

    iteration = whole("Iterations so far.")
    max_iterations = whole("The most that it may take.", minimum=1)
    fraction = number("The one divided by the other.", minimum=0, maximum=1)
    cost = number("The latest cost.", null=True)
    eta_seconds = number("Seconds to max_iterations at the latest speed.", null=True, minimum=0)


class JobErrorSchema(Shown):
    """Why a job failed."""

    code = text("The machine's word for it.", example="diverged")
    detail = text("A sentence with the cure.")
    iteration = whole("The first bad iteration of a divergence.", null=True)
    suggested_learning_rate = number("One that would have been stable.", null=True)


class AdviceSchema(Shown):
    """What the problem's curvature says about learning rates."""

    curvature = number("Largest eigenvalue of the Hessian.", null=True)
    condition_number = number(
        "Largest by smallest eigenvalue; of losses without a curvature, that of the squared loss.", null=True
    )
    largest_stable_learning_rate = number("Below it plain descent is stable.", null=True)


class LinksSchema(Shown):
    """Where to go from here."""

    self = text("This job.", format="uri-reference")
    history = text("Its cost history.", format="uri-reference")
    plot = text("A picture of its cost; 409 until there is a history.", format="uri-reference")
    model = text("Its fitted model; null until there is one, and for functions.", format="uri-reference", null=True)


class _HeadSchema(Shown):
    id = text("The job's id.", pattern=JOB_ID, example="job_5d2le4nkt5o7j3izwyt6qua7jm")
    state = text("Where it stands.", choices=STATES)
    stop_reason = text("Why the descent ended.", null=True, choices=get_args(Reason))
    name = text("As given.", null=True)
    labels = named(text("A value."), "As given.", example={"team": "blue"})
    created_at = time("When it was accepted.", null=False)
    started_at = time("When a worker first began it.")
    finished_at = time("When it ended.")


class LightJobSchema(_HeadSchema):
    """A job as a row of a list."""

    progress = part(ProgressSchema)
    cost = number("That of the result; the latest one until there is a result.", null=True)
    error_code = text("Of a failed job.", null=True)
    varied = named(fields.Raw(), "What it has of its own, as asked, in a sweep.", optional=True)


class JobListSchema(Shown):
    """One page of a list."""

    jobs = listed(part(LightJobSchema), "Newest first; with `finished_after` in the order in which they ended.")
    next = text("The cursor of the following page; never null with `finished_after`.", null=True, example="117")


class DeletedSchema(Shown):
    """What a deletion came to."""

    deleted = whole(
        "How many jobs are gone. One request deletes some 20,000; the next one goes on, until it answers 0."
    )


class JobSchema(_HeadSchema):
    """A job."""

    parent = text("The job that this one continues.", null=True, pattern=JOB_ID)
    children = listed(text("A job's id.", pattern=JOB_ID), "The jobs that continue this one, oldest first.")
    sweep = text("The sweep that it is part of.", null=True, pattern=SWEEP_ID)
    expires_at = time("When its record goes; a job of a sweep goes with the sweep.")
    attempt = whole("How often a worker has begun it.")
    worker = text("The worker that has it, or had it last.", null=True, example="vm:18946")
    lease_expires_at = time("When another worker may take it over.")
    version = text("The version of that worker.", null=True, example="0.1.0")
    progress = part(ProgressSchema)
    queue_position = whole("How many jobs are before it; null unless queued.", null=True)
    settings = either(
        EffectiveSettingsSchema,
        EffectiveFunctionSettingsSchema,
        about='What was asked, defaults filled in, "auto" still "auto".',
    )
    warnings = listed(part(WarningSchema), "What was accepted and may not be what was meant.")
    resolved = either(
        ResolvedSchema,
        ResolvedFunctionSchema,
        about='Every "auto" as a number; null until the first iteration.',
        null=True,
    )
    advice = part(AdviceSchema, "Null until the first iteration.", null=True)
    result = either(ResultSchema, FunctionResultSchema, about="Null until the job has ended with one.", null=True)
    error = part(JobErrorSchema, "Null unless failed.", null=True)
    links = part(LinksSchema)
