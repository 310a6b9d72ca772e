"""From the document of a fitted model (``contract/model.py``) to what predicts by it."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from contract.choices import of_kind
from engine.activations import Activation
from engine.arrays import FloatArray
from engine.encoding import Feature
from engine.expressions import parse
from engine.formula import formula_of
from engine.losses import LOSSES, CrossEntropy, Loss
from engine.network import Layer
from engine.prediction import Predictor, Scores, linear_scores, network_scores

Document = Mapping[str, Any]
Kind = Callable[[Document, Sequence[str]], tuple[Scores, int]]


def predictor_of(document: Document) -> Predictor:
    """The model of the document."""
    features = tuple(_feature(one) for one in document["features"] if one["columns"])
    names = [name for feature in features for name in feature.names]
    # The parameters of a formula have names of their own, which may be any.
    named = document["model"]["name"] == "formula"
    classes = () if named else tuple(document["parameters"].get("classes") or ())
    scores, width = KINDS[document["model"]["name"]](document, names)
    return Predictor(features, scores, _loss(document, len(classes)), classes, document.get("missing") == "drop", width)


def _feature(given: Document) -> Feature:
    levels = None if given["levels"] is None else tuple(given["levels"])
    fill = given["fill"]
    return Feature(given["name"], tuple(given["columns"]), levels, fill if fill is None or levels else float(fill))


def _loss(document: Document, classes: int) -> Loss:
    if document["model"]["name"] == "softmax" or (document["model"]["name"] == "network" and classes):
        return CrossEntropy(classes)
    return of_kind(LOSSES, document["loss"])


def _one_score(document: Document, names: Sequence[str]) -> tuple[Scores, int]:
    parameters = document["parameters"]
    weights = _numbers([parameters["coefficients"][name] for name in names])
    return linear_scores(weights, parameters["intercept"] or 0.0), len(names) + 1


def _score_per_class(document: Document, names: Sequence[str]) -> tuple[Scores, int]:
    parameters = document["parameters"]
    classes, intercepts = parameters["classes"], parameters["intercept"] or {}
    weights = _numbers([[parameters["coefficients"][one][name] for one in classes] for name in names])
    shifts = _numbers([intercepts.get(one, 0.0) for one in classes])
    return linear_scores(weights.reshape(len(names), len(classes)), shifts), len(names) + len(classes)


def _network(document: Document, names: Sequence[str]) -> tuple[Scores, int]:
    given = document["parameters"]["layers"]
    layers = [
        Layer(_numbers(layer["weights"]).reshape(-1, len(layer["bias"])), _numbers(layer["bias"])) for layer in given
    ]
    # Without a hidden layer none of the activations is used.
    activation: Activation = given[0]["activation"] if len(given) > 1 else "relu"
    return network_scores(layers, activation), len(names) + sum(layer.bias.size for layer in layers)


def _formula(document: Document, names: Sequence[str]) -> tuple[Scores, int]:
    expression = parse(document["model"]["expression"])
    formula = formula_of(expression, names, document["parameters"], scaled=False)
    return partial(formula.scores, formula.initial), len(names) + len(expression.nodes)


def _numbers(values: Sequence[Any]) -> FloatArray:
    """As float64; null, which stands for a number that JSON cannot hold, is NaN."""
    return np.array(values, dtype=np.float64)


KINDS: Mapping[str, Kind] = {
    "linear": _one_score,
    "logistic": _one_score,
    "softmax": _score_per_class,
    "network": _network,
    "formula": _formula,
}
"""By model: the document and the names of the inputs to scores, and the most numbers that a row becomes on the way."""
