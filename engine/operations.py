"""What an expression may compute: each operation with its value and its exact partial derivatives, elementwise.

Where an operation has no derivative, that of one side or their mean is taken: 0 for abs at 0, a half each for equal
arguments of minimum and maximum. Where the value is not finite, neither need the derivative be.
"""

from collections.abc import Callable, Mapping
from math import log
from typing import Any, Final, NamedTuple

import numpy as np

Partial = Callable[..., Any]


class Operation(NamedTuple):
    """value(*arguments), and for each argument a function (*arguments, value) that is the derivative by it."""

    value: Callable[..., Any]
    partials: tuple[Partial, ...]


def chained(slope: Any, partial: Any) -> Any:
    """The product of the chain rule: zero where either of them is, beside infinity too.

    What does not change the value, as the exp(-x) of 1/(1 + exp(-x)) far below zero, has a share of none in its slope,
    however steep it is; so has what stands still beneath a corner, as the sum of sqrt(x**2 + y**2) at zero.
    """
    found = slope * partial
    return np.where((slope == 0.0) | (partial == 0.0), 0.0, found)[()] if np.isnan(found).any() else found


def _base_partial(base: Any, exponent: Any, _power: Any) -> Any:
    """Of a^b: b a^(b-1), which is zero for b = 0 wherever a is."""
    return chained(exponent, base ** (exponent - 1.0))


def _exponent_partial(base: Any, _exponent: Any, power: Any) -> Any:
    """Of a^b: a^b log a, which is zero where the power is, its limit."""
    return np.where(power == 0.0, 0.0, power * np.log(base))[()]


def _share(below: Any) -> Any:
    """1 where the difference is negative, 0 where it is positive, a half where it is zero, else NaN."""
    return 0.5 - 0.5 * np.sign(below)


OPERATORS: Final[Mapping[str, Operation]] = {
    "+": Operation(lambda a, b: a + b, (lambda *_: 1.0, lambda *_: 1.0)),
    "-": Operation(lambda a, b: a - b, (lambda *_: 1.0, lambda *_: -1.0)),
    "*": Operation(lambda a, b: a * b, (lambda _a, b, _c: b, lambda a, _b, _c: a)),
    "/": Operation(lambda a, b: a / b, (lambda _a, b, _c: 1.0 / b, lambda _a, b, c: -c / b)),
    "**": Operation(lambda a, b: a**b, (_base_partial, _exponent_partial)),
}

NEGATIVE: Final = "negative"
"""The name of the unary minus, which cannot be called."""

SIGN: Final[Mapping[str, Operation]] = {NEGATIVE: Operation(lambda a: -a, (lambda *_: -1.0,))}

FUNCTIONS: Final[Mapping[str, Operation]] = {
    "sin": Operation(np.sin, (lambda a, _: np.cos(a),)),
    "cos": Operation(np.cos, (lambda a, _: -np.sin(a),)),
    "tan": Operation(np.tan, (lambda _, c: 1.0 + c * c,)),
    "asin": Operation(np.arcsin, (lambda a, _: 1.0 / np.sqrt(1.0 - a * a),)),
    "acos": Operation(np.arccos, (lambda a, _: -1.0 / np.sqrt(1.0 - a * a),)),
    "atan": Operation(np.arctan, (lambda a, _: 1.0 / (1.0 + a * a),)),
    "sinh": Operation(np.sinh, (lambda a, _: np.cosh(a),)),
    "cosh": Operation(np.cosh, (lambda a, _: np.sinh(a),)),
    "tanh": Operation(np.tanh, (lambda _, c: 1.0 - c * c,)),
    "exp": Operation(np.exp, (lambda _, c: c,)),
    "log": Operation(np.log, (lambda a, _: 1.0 / a,)),
    "log2": Operation(np.log2, (lambda a, _: 1.0 / (a * log(2.0)),)),
    "log10": Operation(np.log10, (lambda a, _: 1.0 / (a * log(10.0)),)),
    "sqrt": Operation(np.sqrt, (lambda _, c: 0.5 / c,)),
    "abs": Operation(np.abs, (lambda a, _: np.sign(a),)),
    "minimum": Operation(np.minimum, (lambda a, b, _: _share(a - b), lambda a, b, _: _share(b - a))),
    "maximum": Operation(np.maximum, (lambda a, b, _: _share(b - a), lambda a, b, _: _share(a - b))),
}

OPERATIONS: Final[Mapping[str, Operation]] = {**OPERATORS, **SIGN, **FUNCTIONS}
