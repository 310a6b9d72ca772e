"""What is shown of a job's result."""

from contract.model import FEW_PARAMETERS
from service.schemas_parameters import BY_COLUMN, by_name, fit, parameters
from service.shown import Shown, either, named, number, part, text, whole

MANY = f"Null where they are more than {FEW_PARAMETERS}: they stand in the job's model."


class OtherSchema(Shown):
    """The parameters that were not chosen."""

    which = text("The best by cost, or the last.", choices=("last", "best"))
    iteration = whole("Where they were reached.")
    parameters = parameters(f"In the original units. {MANY}", null=True)
    cost = number("J on the training rows.", null=True)
    validation_cost = number("J on the validation rows.", null=True)


class MetricsSchema(Shown):
    """Figures of merit."""

    train = fit("On the training rows.")
    validation = fit("Null without validation rows.", null=True)


class OptimumSchema(Shown):
    """The least cost that any parameters have: exact with the squared loss, to a hundredth of the gap by duality."""

    cost = number("The least cost.")
    optimality_gap = number("How far above it these parameters are.", minimum=0)


class StandardErrorsSchema(Shown):
    """Those of the parameters of a linear model at the optimum, in the original units of the columns.

    Null but for the squared loss without a penalty, and where columns depend on each other or there are not more rows
    than parameters.
    """

    intercept = number("Null in a model without one.", null=True)
    coefficients = named(number("A standard error.", null=True), BY_COLUMN)


class ResultSchema(Shown):
    """What the descent came to."""

    parameters = parameters(f"The last; with validation rows, the best by validation cost. {MANY}", null=True)
    cost = number("J on the training rows at these parameters.", null=True)
    validation_cost = number("J on the validation rows.", null=True)
    iterations = whole("How many were made.")
    duration_seconds = number("Seconds of computing.", minimum=0)
    which = text("Which parameters these are.", choices=("last", "best"))
    other = part(OtherSchema)
    metrics = part(MetricsSchema)
    optimum = part(OptimumSchema, "Null where it is not measured.", null=True)
    standard_errors = either(
        StandardErrorsSchema,
        by_name(),
        about="Of a linear model at the optimum, of a formula at its parameters.",
        null=True,
    )
