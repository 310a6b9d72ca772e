"""What is shown of fitted parameters and of how well they predict: for numbers, for two classes, for several."""

from marshmallow import fields

from engine.activations import ACTIVATIONS
from engine.class_metrics import MOST_CONFUSED
from service.shown import Shown, either, listed, named, number, part, text

BY_COLUMN = 'By column; a level of a category is "column=level".'


def _coefficients() -> fields.Dict:
    return named(number("A coefficient.", null=True), BY_COLUMN, example={"rooms": 2.77, "river=yes": 0.3})


def _classes() -> "fields.List[str]":
    return listed(text("A class."), "The classes in code-point order.", example=["no", "yes"])


class ParametersSchema(Shown):
    """A linear model in the original units of the columns."""

    intercept = number("Null in a model without one.", null=True)
    coefficients = _coefficients()


class LogisticParametersSchema(Shown):
    """A logistic model in the original units of the columns: the score of the second class."""

    classes = _classes()
    intercept = number("Null in a model without one.", null=True)
    coefficients = _coefficients()


class SoftmaxParametersSchema(Shown):
    """A softmax model in the original units of the columns: the scores of all classes."""

    classes = _classes()
    intercept = named(number("An intercept.", null=True), "By class; null in a model without intercepts.", null=True)
    coefficients = named(_coefficients(), "By class.")


class LayerSchema(Shown):
    """One layer: its outputs are activation(inputs · weights + bias)."""

    weights = listed(listed(number("A weight.", null=True), "By output."), "By input: a row for each.")
    bias = listed(number("A bias.", null=True), "By output.")
    activation = text(
        "What its outputs go through; softmax makes probabilities of the scores of the classes.",
        choices=(*ACTIVATIONS, "softmax", "identity"),
    )


class NetworkParametersSchema(Shown):
    """A network that takes the columns in their original units and, for a number, predicts it in its own."""

    classes = listed(text("A class."), "The outputs in code-point order; null for a number.", null=True)
    columns = listed(text("A column, or column=level, which is 1 where the row has it, else 0."), "The inputs.")
    layers = listed(part(LayerSchema), "From the inputs to the outputs.")


class FitSchema(Shown):
    """How well the model fits some rows."""

    mse = number("Mean squared error.", null=True)
    rmse = number("Its square root.", null=True)
    mae = number("Mean absolute error.", null=True)
    r2 = number("Share of the target's variance that is explained; null for a constant target.", null=True)


class ConfusionSchema(Shown):
    """How often which class was taken for which."""

    labels = _classes()
    counts = listed(
        listed(number("Rows, or the sum of their weights.", minimum=0), "By predicted class."), "By true class."
    )


class ClassFitSchema(Shown):
    """How well the model tells the classes of some rows."""

    accuracy = number("The share of rows predicted rightly.", minimum=0)
    log_loss = number("Mean -log of the probability given to the true class.", null=True)
    f1 = number("Of the second of two classes, or the mean over several; null where none occurs.", null=True)
    confusion = part(ConfusionSchema, f"Null for more than {MOST_CONFUSED} classes.", null=True)
    auc = number("Area under the ROC curve; null unless there are two classes that both occur.", null=True)


def by_name() -> fields.Dict:
    """A number for each parameter of an expression."""
    return named(number("Its value.", null=True), "Of an expression, by name.", example={"a": 5.1, "b": 0.3})


def parameters(about: str, *, null: bool = False) -> fields.Field[object]:
    """Those of any model."""
    kinds = (ParametersSchema, LogisticParametersSchema, SoftmaxParametersSchema, NetworkParametersSchema)
    return either(*kinds, by_name(), about=about, null=null)


def fit(about: str, *, null: bool = False) -> fields.Field[object]:
    """That of any model."""
    return either(FitSchema, ClassFitSchema, about=about, null=null)
