"""What tells the models over rows apart: what their target is, which loss they have, and what theta means.

linear: the score is the prediction, or with Poisson's loss its logarithm. logistic: the score is positive where the
second of two classes is predicted, and with the log loss that class has the probability 1/(1 + e^-z). softmax: one
score for each class, whose probability is e^zₖ / Σ e^z.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from engine.arrays import FloatArray, Rows
from engine.class_metrics import ClassMetrics, class_metrics
from engine.classes import Classes, class_numbers, classes_of
from engine.errors import DataError, InitialError
from engine.losses import CrossEntropy, Loss
from engine.metrics import RegressionMetrics, regression_metrics
from engine.parameters import Parameters, to_fit, to_original
from engine.preparation import Preparation
from engine.rows import Scored
from engine.table import Column, NumberColumn


class OneSet(NamedTuple):
    """Parameters of a score that speaks for the second of two classes, in the original units of the columns."""

    classes: Classes
    intercept: float | None
    coefficients: dict[str, float]


class SetPerClass(NamedTuple):
    """Parameters of each class's score, by class, in the original units of the columns."""

    classes: Classes
    intercept: dict[str, float] | None
    coefficients: dict[str, dict[str, float]]


class Model(NamedTuple):
    """The functions in which the models differ; `classes` is empty where the target is a number.

    classes(column, name, used rows): the classes of a target. targets(column, name, rows, classes): y (n,).
    loss(asked, classes): that of a row. parameters(preparation, theta, classes): theta in original units, a NamedTuple.
    start(preparation, parameters): the theta of original parameters. metrics(data, theta, classes): how well the
    rows are predicted.
    """

    classes: Callable[[Column, str, Rows], Classes]
    targets: Callable[[Column, str, Rows, Classes], FloatArray]
    loss: Callable[[Loss, Classes], Loss]
    parameters: Callable[[Preparation, FloatArray, Classes], Any]
    start: Callable[[Preparation, Parameters], FloatArray]
    metrics: Callable[[Scored, FloatArray, Classes], RegressionMetrics | ClassMetrics]


def _no_classes(_column: Column, _name: str, _used: Rows) -> Classes:
    return ()


def _numbers(column: Column, name: str, rows: Rows, _classes: Classes) -> FloatArray:
    if not isinstance(column, NumberColumn):
        raise DataError(f"The target {name!r} holds text; a linear model needs numbers, or choose a class model.")
    return column.values[rows]


def _two_classes(column: Column, name: str, used: Rows) -> Classes:
    classes = classes_of(column, name, used)
    if len(classes) != 2:
        raise DataError(f"The target {name!r} has {len(classes)} classes; logistic needs two: choose softmax.")
    return classes


def _as_asked(asked: Loss, _classes: Classes) -> Loss:
    return asked


def _linear_parameters(preparation: Preparation, theta: FloatArray, _classes: Classes) -> Parameters:
    return to_original(preparation, theta)


def _logistic_parameters(preparation: Preparation, theta: FloatArray, classes: Classes) -> OneSet:
    return OneSet(classes, *to_original(preparation, theta))


def _softmax_parameters(preparation: Preparation, theta: FloatArray, classes: Classes) -> SetPerClass:
    sets = {name: to_original(preparation, row) for name, row in zip(classes, _per_class(theta, classes), strict=True)}
    intercepts = {name: one.intercept for name, one in sets.items() if one.intercept is not None}
    return SetPerClass(classes, intercepts or None, {name: one.coefficients for name, one in sets.items()})


def _no_start(_preparation: Preparation, _parameters: Parameters) -> FloatArray:
    raise InitialError('A softmax model starts from "zeros" or at "random", not from given parameters.')


def _regression_metrics(data: Scored, theta: FloatArray, _classes: Classes) -> RegressionMetrics:
    return regression_metrics(data, theta)


def _per_class(theta: FloatArray, classes: Classes) -> FloatArray:
    return theta.reshape(len(classes), -1)


MODELS: Mapping[str, Model] = {
    "linear": Model(_no_classes, _numbers, _as_asked, _linear_parameters, to_fit, _regression_metrics),
    "logistic": Model(_two_classes, class_numbers, _as_asked, _logistic_parameters, to_fit, class_metrics),
    "softmax": Model(
        classes_of,
        class_numbers,
        lambda _asked, classes: CrossEntropy(len(classes)),
        _softmax_parameters,
        _no_start,
        class_metrics,
    ),
}
