"""What is shown of datasets."""

from service.schemas_problem import WarningSchema
from service.shown import DATASET_ID, Shown, flag, listed, number, part, text, time, whole


class DialectSchema(Shown):
    """How the CSV was written."""

    delimiter = text("What separates cells.", example=",")
    decimal = text("The decimal sign.", choices=(".", ","))
    header = flag("Whether the first line held the names.")
    encoding = text("The encoding of the text.", choices=("utf-8",))


class ColumnSchema(Shown):
    """One column; numbers have ``min`` to ``std``, categories their levels in code-point order."""

    name = text("From the header, or c1, c2, … without one.", example="rooms")
    type = text("What its cells hold.", choices=("number", "category"))
    missing = whole("How many cells are missing.")
    min = number("The least number.", null=True, optional=True)
    max = number("The greatest number.", null=True, optional=True)
    mean = number("The mean.", null=True, optional=True)
    std = number("The population standard deviation.", null=True, optional=True)
    categories = listed(text("A level."), "The levels, where they are not too many to be kept.", optional=True)
    levels = whole("How many levels there are, where they are too many to be kept.", optional=True)


class DatasetRowSchema(Shown):
    """A dataset as a row of a list."""

    id = text("The dataset's id.", pattern=DATASET_ID, example="ds_grlw47zmefjfb26haugwh3dj7y")
    name = text("The option, or the file's name.", null=True, example="housing.csv")
    rows = whole("Data rows.", minimum=1)
    bytes = whole("The size of the CSV.")
    sha256 = text("The digest of the CSV's bytes.", pattern="^[0-9a-f]{64}$")
    dialect = part(DialectSchema)
    created_at = time("When it was uploaded.", null=False)
    expires_at = time("When it goes, if no job uses it until then.", null=False)


class DatasetSchema(DatasetRowSchema):
    """A CSV that was read, without its cells."""

    columns = listed(part(ColumnSchema), "In the order of the file.")
    warnings = listed(part(WarningSchema), "What the reader found odd.")


class DatasetListSchema(Shown):
    """One page of a list."""

    datasets = listed(part(DatasetRowSchema), "Newest first.")
    next = text("The cursor of the following page.", null=True, example="117")
