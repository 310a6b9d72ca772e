"""What a refusal looks like (RFC 9457), and a warning."""

from service.shown import Shown, listed, part, text, whole


class PlaceSchema(Shown):
    """A wrong place: a member of the JSON by its pointer, or a cell of the CSV by row, line and column."""

    pointer = text("JSON pointer (RFC 6901) into the settings.", optional=True, example="/learning_rate")
    detail = text("What is wrong, and the cure.")
    row = whole("The data row, 1 being the first.", minimum=1, optional=True)
    line = whole("The line of the file.", minimum=1, optional=True)
    column = text("The column's name.", optional=True)
    value = text("The cell's text.", optional=True)


class ProblemSchema(Shown):
    """A refusal."""

    type = text("A URI for this code.", format="uri", example="https://thalweg.dev/errors/out_of_range")
    title = text("The kind of error in two words.", example="Invalid settings")
    status = whole("The HTTP status.", minimum=400, maximum=599, example=422)
    code = text("The machine's word for the error.", pattern="^[a-z_0-9]+$", example="out_of_range")
    detail = text("A sentence with the place and the cure.", example="learning_rate: Must be greater than 0, not -1.")
    request_id = text("The id under which the server logged this request.", null=True, example="79d5e32967398909")
    errors = listed(part(PlaceSchema), "The wrong places, where there are some.")


class WarningSchema(Shown):
    """Something that was accepted and may not be what was meant."""

    code = text("The machine's word for it.", example="columns_left_out")
    detail = text("A sentence.")
    pointer = text("The setting that it is about.", null=True, example="/features")
