"""What is shown to operators and their tools."""

from service.shown import JOB_ID, Shown, flag, listed, text, time, whole


class AliveSchema(Shown):
    """The process answers."""

    status = text("Always this.", choices=("alive",))


class ReadinessSchema(Shown):
    """Whether jobs can be accepted."""

    ready = flag("Whether they can.")
    reasons = listed(text("A sentence."), "Why not.")
    warnings = listed(text("A sentence."), "What an operator should mend.")


class WorkerSchema(Shown):
    """A worker process."""

    id = text("Its name in job records.", example="vm:18946")
    host = text("The host's name.", example="vm")
    pid = whole("Its process id there.", minimum=1)
    version = text("The version that it runs.", example="0.1.0")
    job = text("The job that it runs now.", null=True, pattern=JOB_ID)
    last_seen = time("When it was last heard of.", null=False)
