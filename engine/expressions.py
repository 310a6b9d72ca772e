"""The numbers of an expression, and its exact gradient by automatic differentiation over the same tree.

All of it is elementwise: variables are single numbers or columns of m rows, as NumPy broadcasts them. The gradient is
taken backwards through the tree (Linnainmaa 1976; Griewank and Walther, "Evaluating derivatives", 2008), so its cost is
a few times that of the value, however many variables there are. It holds a column for each of the at most 200 nodes:
give the rows of a large table in blocks. A result that is not a finite number is a value like any other, but what the
value does not depend on where it is saturated has no share in the gradient, infinite or not.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from operator import mul
from typing import Any, NamedTuple

import numpy as np

from engine.arrays import FloatArray
from engine.errors import ExpressionError
from engine.expression_text import Call, Expression, Name, Number, constants, names, parse, quoted
from engine.operations import OPERATIONS, Partial, chained

__all__ = ["Expression", "ExpressionError", "constants", "names", "parse", "quoted", "value", "value_and_gradient"]

Values = Mapping[str, FloatArray | float]


class _Forward(NamedTuple):
    """The way up the tree: nodes with their constants, where the variables stand, and the operations in order."""

    constants: tuple[Any, ...]
    variables: tuple[tuple[int, str], ...]
    calls: tuple[tuple[int, Partial, tuple[int, ...]], ...]


class _Backward(NamedTuple):
    """The way down: node, argument, derivative by it and its arguments; at last where the variables stand, by row.

    What does not depend on the variables is left out: it costs nothing, and columns of data need no derivative.
    """

    partials: tuple[tuple[int, int, Partial, tuple[int, ...]], ...]
    leaves: tuple[tuple[int, int], ...]


def value(expression: Expression, values: Values) -> FloatArray:
    """The value in the shape that all of `values` broadcast to; raises KeyError for a variable without one."""
    with np.errstate(all="ignore"):
        return _shaped(_numbers(expression, values)[-1], _shape(values))


def value_and_gradient(
    expression: Expression, values: Values, variables: Sequence[str]
) -> tuple[FloatArray, FloatArray]:
    """The value, and its partial derivatives by `variables`: shapes (m,) and (len(variables), m), or () and (·,).

    A variable that the expression does not have counts as one it does not depend on. Raises KeyError for a variable of
    the expression that has no value.
    """
    way, shape = _backward(expression, tuple(variables)), _shape(values)
    with np.errstate(all="ignore"):
        numbers = _numbers(expression, values)
        gradient = _gradient(way, numbers, (len(variables), *shape), mul)
        # Only where a product of zero and infinity went through is it taken with an eye on those, which costs more.
        if np.isnan(gradient).any():
            gradient = _gradient(way, numbers, gradient.shape, chained)
        return _shaped(numbers[-1], shape), gradient


def _gradient(way: _Backward, numbers: Sequence[Any], shape: tuple[int, ...], times: Callable[..., Any]) -> FloatArray:
    """The partial derivatives from the values of the nodes; `times` is the product of the chain rule."""
    slopes: list[Any] = [1.0] * len(numbers)
    for k, argument, partial, arguments in way.partials:
        slopes[argument] = times(slopes[k], partial(*[numbers[j] for j in arguments], numbers[k]))
    gradient = np.zeros(shape)
    for k, row in way.leaves:
        gradient[row] += slopes[k]
    return gradient


def _numbers(expression: Expression, values: Values) -> list[Any]:
    """The value of each node."""
    way = _forward(expression)
    numbers = list(way.constants)
    for k, name in way.variables:
        numbers[k] = np.asarray(values[name], dtype=np.float64)[()]
    for k, function, arguments in way.calls:
        numbers[k] = function(*[numbers[j] for j in arguments])
    return numbers


@lru_cache(maxsize=64)
def _forward(expression: Expression) -> _Forward:
    nodes = expression.nodes
    return _Forward(
        tuple(node.value if isinstance(node, Number) else None for node in nodes),
        tuple((k, node.name) for k, node in enumerate(nodes) if isinstance(node, Name)),
        tuple(
            (k, OPERATIONS[node.operation].value, node.arguments)
            for k, node in enumerate(nodes)
            if isinstance(node, Call)
        ),
    )


@lru_cache(maxsize=64)
def _backward(expression: Expression, variables: tuple[str, ...]) -> _Backward:
    moving: list[bool] = []
    partials, leaves = list[Any](), list[tuple[int, int]]()
    for k, node in enumerate(expression.nodes):
        depends = isinstance(node, Name) and node.name in variables
        if isinstance(node, Name) and depends:
            leaves.append((k, variables.index(node.name)))
        elif isinstance(node, Call):
            by_argument = zip(node.arguments, OPERATIONS[node.operation].partials, strict=True)
            own = [(k, argument, partial, node.arguments) for argument, partial in by_argument if moving[argument]]
            partials.append(own)
            depends = bool(own)
        moving.append(depends)
    return _Backward(tuple(one for own in reversed(partials) for one in own), tuple(leaves))


def _shape(values: Values) -> tuple[int, ...]:
    shapes = {np.shape(value) for value in values.values()}
    return np.broadcast_shapes(*shapes) if len(shapes) > 1 else next(iter(shapes), ())


def _shaped(found: Any, shape: tuple[int, ...]) -> FloatArray:
    """An array of the shape that nobody else writes into."""
    return np.array(found) if np.shape(found) == shape else np.array(np.broadcast_to(found, shape))
