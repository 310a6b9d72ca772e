"""What is shown of settings that were checked and not run."""

from service.schemas_dataset import DatasetSchema
from service.schemas_function import EffectiveFunctionSettingsSchema
from service.schemas_problem import WarningSchema
from service.schemas_settings import EffectiveSettingsSchema
from service.shown import Shown, either, flag, listed, part


class ReadFileSchema(DatasetSchema):
    """The CSV as it was read."""

    class Meta(DatasetSchema.Meta):
        """marshmallow's place for options."""

        exclude = ("id", "warnings", "created_at", "expires_at")


class VerdictSchema(Shown):
    """Settings that can run."""

    valid = flag("Always true; what cannot run is refused as POST /v1/jobs refuses it.")
    settings = either(
        EffectiveSettingsSchema,
        EffectiveFunctionSettingsSchema,
        about="All defaults filled in, features by name; dataset is null for a file.",
    )
    warnings = listed(part(WarningSchema), "What is odd about the file or the settings.")
    dataset = part(ReadFileSchema, "The CSV; null for a function.", null=True)
