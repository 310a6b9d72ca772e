"""What is shown of a job's result."""

from service.shown import Shown, named, number, part, text, whole


class ParametersSchema(Shown):
    """A linear model in the original units of the columns."""

    intercept = number("Null in a model without one.", null=True)
    coefficients = named(
        number("A coefficient.", null=True),
        'By column; a level of a category is "column=level".',
        example={"rooms": 2.77, "river=yes": 0.3},
    )


class OtherSchema(Shown):
    """The parameters that were not chosen."""

    which = text("The best by cost, or the last.", choices=("last", "best"))
    iteration = whole("Where they were reached.")
    parameters = part(ParametersSchema)
    cost = number("J on the training rows.", null=True)
    validation_cost = number("J on the validation rows.", null=True)


class FitSchema(Shown):
    """How well the model fits some rows."""

    mse = number("Mean squared error.", null=True)
    rmse = number("Its square root.", null=True)
    mae = number("Mean absolute error.", null=True)
    r2 = number("Share of the target's variance that is explained; null for a constant target.", null=True)


class MetricsSchema(Shown):
    """Figures of merit."""

    train = part(FitSchema)
    validation = part(FitSchema, "Null without validation rows.", null=True)


class OptimumSchema(Shown):
    """The least cost that any parameters have, where it is known."""

    cost = number("The least cost.")
    optimality_gap = number("How far above it the descent ended.", minimum=0)


class ResultSchema(Shown):
    """What the descent came to."""

    parameters = part(ParametersSchema, "The last; with validation rows, the best by validation cost.")
    cost = number("J on the training rows at these parameters.", null=True)
    validation_cost = number("J on the validation rows.", null=True)
    iterations = whole("How many were made.")
    duration_seconds = number("Seconds of computing.", minimum=0)
    which = text("Which parameters these are.", choices=("last", "best"))
    other = part(OtherSchema)
    metrics = part(MetricsSchema)
    optimum = part(OptimumSchema, null=True)
    standard_errors = named(number("A standard error."), "By parameter; null where there are none.", null=True)
