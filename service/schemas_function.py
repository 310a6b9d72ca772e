"""What is shown of function jobs: their settings, what was resolved, and what they came to."""

from typing import get_args

from contract.function_settings import FunctionSettingsSchema
from engine.stationary import Kind
from engine.training import Reason
from service.schemas_settings import ASKED, Filled
from service.shown import Shown, listed, named, number, part, text, whole

ABOUT_FUNCTION = {
    "function": "What is minimised: an expression of named variables, or a known function by its name.",
    "initial": "Where each variable begins, or a box in which so many starts are drawn.",
    "max_iterations": "One is a step. Each start has as many.",
    "history": "Record every k-th iteration, and the variables with it.",
}

EffectiveFunctionSettingsSchema = Shown.from_dict(
    {name: Filled(asked) for name, asked in FunctionSettingsSchema._declared_fields.items()},
    name="EffectiveFunctionSettingsSchema",
)


class ResolvedFunctionSchema(Shown):
    """Every "auto" as a number. Posted as settings it repeats the runs bit for bit."""

    optimizer = Filled(ASKED["optimizer"], words=False)
    learning_rate = Filled(ASKED["learning_rate"], words=False)


class BestPointSchema(Shown):
    """The point of the path where the function was least."""

    which = text("The best.", choices=("best",))
    iteration = whole("Where it was reached.")
    parameters = named(number("A variable's value."), "By variable.")
    cost = number("The function there.")


class StartSchema(Shown):
    """What came of one start."""

    initial = named(number("A variable's value."), "Where it began, by variable.", example={"x": -1.2, "y": 1.0})
    parameters = named(number("A variable's value."), "Where it ended; null where the start has no value.", null=True)
    cost = number("The function where it ended.", null=True)
    iterations = whole("How many were made.")
    stop_reason = text("Why it ended.", null=True, choices=get_args(Reason))


class FunctionResultSchema(Shown):
    """What the descent on a function came to, from the best of its starts."""

    parameters = named(number("A variable's value."), "The last point, by variable.", example={"x": 1.0, "y": 1.0})
    cost = number("The function there.")
    gradient_norm = number("L2 norm of the gradient there.", null=True, minimum=0)
    iterations = whole("How many were made.")
    duration_seconds = number("Seconds of computing, for all starts.", minimum=0)
    which = text("Always the last.", choices=("last",))
    other = part(BestPointSchema)
    stationary_point = text(
        "What the point is, by the eigenvalues of the second derivatives; none where the gradient is not small.",
        choices=get_args(Kind),
    )
    gradient_check = number(
        "The largest difference of exact and central partial derivatives at the start and at the end, relative to the "
        "largest of them; null where they are not finite.",
        null=True,
        minimum=0,
    )
    starts = listed(part(StartSchema), "Each start and where it ended, the best first.")
