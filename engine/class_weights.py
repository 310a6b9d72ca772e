"""Class weights: the factor by which the rows of each class count in the cost, beside their own weights.

A row of class k with weight w counts as one of weight w cₖ; the products have mean 1 like any weights, so integer
factors equal repeated rows and a common factor changes nothing. Metrics do not know of them.
"""

from collections.abc import Mapping
from typing import Literal, TypeVar

import numpy as np

from engine.arrays import FloatArray
from engine.classes import Classes
from engine.network_rows import NetworkRows
from engine.rows import RowsCost, Scored, normalised

Weighable = TypeVar("Weighable", RowsCost, NetworkRows)
ClassWeight = Literal["balanced"] | Mapping[str, float]


def class_factors(asked: ClassWeight, training: Scored, classes: Classes) -> FloatArray:
    """The factors c (K,) of the classes, whose places are the targets of the training rows.

    balanced: cₖ = Σ wᵢ / (n Σ wᵢ over the rows of class k), with n the number of classes that training rows of positive
    weight have: each of them has the same say. A class that none of them has counts 1.
    """
    if asked != "balanced":
        return np.array([asked[name] for name in classes], dtype=np.float64)
    counts = np.bincount(training.y.astype(np.intp), training.weights, minlength=len(classes))
    there = counts > 0.0
    return np.where(there, counts.sum() / (there.sum() * np.where(there, counts, 1.0)), 1.0)


def weigh_classes(data: Weighable, factors: FloatArray) -> Weighable:
    """The rows with their weights times the factors (K,) of their classes. Raises DataError where all are zero."""
    weights = factors[data.y.astype(np.intp)]
    if data.weights is not None:
        weights *= data.weights
    shares, unit = normalised(weights)
    return data._replace(weights=shares, unit=unit)
