"""The losses that a row may have, as NamedTuples of their hyperparameters, and the bounds of their second derivatives.

Their values and derivatives stand in ``engine/loss_formulas.py``.
"""

from collections.abc import Mapping
from math import inf
from typing import NamedTuple


class Squared(NamedTuple):
    """½ (z - y)², so that the cost is half the mean squared error (Legendre 1805)."""


class Absolute(NamedTuple):
    """|z - y|: the best constant is the median (Boscovich 1757)."""


class Huber(NamedTuple):
    """½ r² for |r| <= delta, else delta (|r| - ½ delta), with r = z - y in the units of the target (Huber 1964)."""

    delta: float = 1.35


class Quantile(NamedTuple):
    """q (y - z) for z <= y, else (1 - q) (z - y), with q = quantile (Koenker and Bassett 1978).

    The best constant has a share q of the targets below.
    """

    quantile: float = 0.5


class LogCosh(NamedTuple):
    """log cosh(z - y) (Green 1990)."""


class Poisson(NamedTuple):
    """e^z - y z - y + y log y, half the deviance of Poisson's distribution (Nelder and Wedderburn 1972).

    The mean is e^z, and 0 log 0 = 0. The loss is -log of the probability of y but for a constant of the data that
    makes a perfect prediction cost nothing.
    """


class Hinge(NamedTuple):
    """max(0, 1 - s z) with s = -1 for y = 0 and 1 for y = 1 (Cortes and Vapnik 1995)."""


class SquaredHinge(NamedTuple):
    """max(0, 1 - s z)², not halved, with s = -1 for y = 0 and 1 for y = 1 (Chang, Hsieh and Lin 2008)."""


class LogLoss(NamedTuple):
    """log(1 + e^z) - y z for y of 0 or 1; with K classes log Σₖ e^zₖ - z_y (Cox 1958).

    That is -log of the probability 1/(1 + e^-z) given to the true class. CrossEntropy is the one for K classes.
    """


class CrossEntropy(NamedTuple):
    """log Σ e^zₖ - z_y for class numbers y: -log of the probability e^z_y / Σ e^zₖ given to the true class."""

    classes: int


Loss = Squared | Absolute | Huber | Quantile | LogCosh | Poisson | LogLoss | CrossEntropy | Hinge | SquaredHinge

LOSSES: Mapping[str, type[Loss]] = {
    "squared": Squared,
    "absolute": Absolute,
    "huber": Huber,
    "quantile": Quantile,
    "log_cosh": LogCosh,
    "poisson": Poisson,
    "log_loss": LogLoss,
    "hinge": Hinge,
    "squared_hinge": SquaredHinge,
}
"""The losses that settings name; for a model with several scores a row log_loss means CrossEntropy."""


class Bend(NamedTuple):
    """Second derivatives with respect to the scores: the largest anywhere, and the least non-zero one at z = 0.

    The latter is, where it depends on the target, that at the target. Both are 0 where the loss is made of straight
    lines, and the largest is inf where there is no bound.
    """

    largest: float
    at_zero: float


def bend(loss: Loss) -> Bend:
    """The bounds from which rates follow; that of the cross-entropy is Böhning's (1992), tight for two classes."""
    if isinstance(loss, CrossEntropy):
        return Bend(0.5, 1.0 / loss.classes)
    return BENDS[type(loss)]


def scores_per_row(loss: Loss) -> int:
    """K, the number of scores that a row has."""
    return loss.classes if isinstance(loss, CrossEntropy) else 1


BENDS: Mapping[type[Loss], Bend] = {
    Squared: Bend(1.0, 1.0),
    Absolute: Bend(0.0, 0.0),
    Huber: Bend(1.0, 1.0),
    Quantile: Bend(0.0, 0.0),
    LogCosh: Bend(1.0, 1.0),
    Poisson: Bend(inf, 1.0),
    LogLoss: Bend(0.25, 0.25),
    Hinge: Bend(0.0, 0.0),
    SquaredHinge: Bend(2.0, 2.0),
}
