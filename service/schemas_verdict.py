"""What is shown of settings that were checked and not run."""

from marshmallow import fields

from contract.sweep import MOST_JOBS
from service.schemas_dataset import DatasetSchema
from service.schemas_function import EffectiveFunctionSettingsSchema
from service.schemas_problem import WarningSchema
from service.schemas_settings import EffectiveSettingsSchema
from service.shown import Shown, either, flag, listed, named, part, whole


class ReadFileSchema(DatasetSchema):
    """The CSV as it was read."""

    class Meta(DatasetSchema.Meta):
        """marshmallow's place for options."""

        exclude = ("id", "warnings", "created_at", "expires_at")


class JobVerdictSchema(Shown):
    """What one job would have."""

    settings = either(
        EffectiveSettingsSchema,
        EffectiveFunctionSettingsSchema,
        about="All defaults filled in, features by name; dataset is null for a file.",
    )
    warnings = listed(part(WarningSchema), "What is odd about the file or the settings.")


class VerdictSchema(JobVerdictSchema):
    """Settings that can run."""

    valid = flag("Always true; what cannot run is refused as POST /v1/jobs refuses it.")
    dataset = part(ReadFileSchema, "The CSV; null for a function.", null=True)


class SweptVerdictSchema(JobVerdictSchema):
    """What one job of a sweep would have."""

    varied = named(fields.Raw(), "What it has of its own, as asked.", example={"learning_rate": 0.1})


class SweepVerdictSchema(Shown):
    """A sweep that can run."""

    valid = flag("Always true; what cannot run is refused as POST /v1/sweeps refuses it.")
    total = whole("How many jobs it would have.", minimum=1, maximum=MOST_JOBS)
    jobs = listed(part(SweptVerdictSchema), "In the order of the request.")
    dataset = part(ReadFileSchema, "The CSV; null for a function.", null=True)
