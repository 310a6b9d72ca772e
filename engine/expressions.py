"""The numbers of an expression, and its exact gradient by automatic differentiation over the same tree.

All of it is elementwise: variables are single numbers or columns of m rows, as NumPy broadcasts them. The gradient is
taken backwards through the tree (Linnainmaa 1976; Griewank and Walther, "Evaluating derivatives", 2008), so its cost is
a few times that of the value, however many variables there are. It holds a column for each of the at most 200 nodes:
give the rows of a large table in blocks. A result that is not a finite number is a value like any other.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from engine.arrays import FloatArray
from engine.errors import ExpressionError
from engine.expression_text import Call, Expression, Name, names, parse
from engine.operations import OPERATIONS

__all__ = ["Expression", "ExpressionError", "names", "parse", "value", "value_and_gradient"]

Values = Mapping[str, FloatArray | float]


def value(expression: Expression, values: Values) -> FloatArray:
    """The value in the shape that all of `values` broadcast to; raises KeyError for a variable without one."""
    with np.errstate(all="ignore"):
        return _shaped(_forward(expression, values)[-1], _shape(values))


def value_and_gradient(
    expression: Expression, values: Values, variables: Sequence[str]
) -> tuple[FloatArray, FloatArray]:
    """The value, and its partial derivatives by `variables`: shapes (m,) and (len(variables), m), or () and (·,).

    A variable that the expression does not have counts as one it does not depend on. Raises KeyError for a variable of
    the expression that has no value.
    """
    shape = _shape(values)
    with np.errstate(all="ignore"):
        numbers = _forward(expression, values)
        slopes = _backward(expression, numbers, set(variables))
        gradient = np.empty((len(variables), *shape))
        for row, name in enumerate(variables):
            gradient[row] = slopes.get(name, 0.0)
        return _shaped(numbers[-1], shape), gradient


def _forward(expression: Expression, values: Values) -> list[Any]:
    """The value of each node."""
    given = {name: np.asarray(values[name], dtype=np.float64)[()] for name in names(expression)}
    numbers: list[Any] = []
    for node in expression.nodes:
        if isinstance(node, Call):
            numbers.append(OPERATIONS[node.operation].value(*(numbers[k] for k in node.arguments)))
        else:
            numbers.append(given[node.name] if isinstance(node, Name) else node.value)
    return numbers


def _backward(expression: Expression, numbers: list[Any], variables: set[str]) -> dict[str, Any]:
    """The derivative of the last node by each variable that it depends on."""
    moving, found = _moving(expression, variables), dict[str, Any]()
    slopes: list[Any] = [0.0] * (len(numbers) - 1) + [np.float64(1.0)]
    for k in range(len(numbers) - 1, -1, -1):
        node, slope = expression.nodes[k], slopes[k]
        if isinstance(node, Name) and moving[k]:
            found[node.name] = found.get(node.name, 0.0) + slope
        elif isinstance(node, Call):
            arguments = [numbers[argument] for argument in node.arguments]
            for argument, partial in zip(node.arguments, OPERATIONS[node.operation].partials, strict=True):
                if moving[argument]:  # each node is an argument once
                    slopes[argument] = slope * partial(*arguments, numbers[k])
    return found


def _moving(expression: Expression, variables: set[str]) -> list[bool]:
    """Which nodes depend on the variables; the others have no derivative that could spoil it."""
    moving: list[bool] = []
    for node in expression.nodes:
        depends = isinstance(node, Call) and any(moving[k] for k in node.arguments)
        moving.append(depends or (isinstance(node, Name) and node.name in variables))
    return moving


def _shape(values: Values) -> tuple[int, ...]:
    return np.broadcast_shapes(*(np.shape(value) for value in values.values()))


def _shaped(found: Any, shape: tuple[int, ...]) -> FloatArray:
    """An array of the shape that nobody else writes into."""
    return np.array(np.broadcast_to(found, shape))
