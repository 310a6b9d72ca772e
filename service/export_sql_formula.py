"""A formula as SQL: its tree from the leaves up.

What depends on no column is computed here. An operation whose SQL says an argument more than once, since neither
database may be asked for a logarithm of zero or PostgreSQL for too large a power, has that argument as a column of the
stage before: written out it would double with every level of the tree. So has one that is nested too deep for SQLite.

Powers, exponentials, sinh and cosh beyond float64's range and logarithms of zero are infinite on the way, as in
``/predictions``; what is no number, a division by zero among them, is NULL. PostgreSQL breaks off where other products,
quotients or sums leave the range.
"""

from collections.abc import Mapping, Sequence
from math import log
from typing import Any, Final, NamedTuple

import numpy as np

from engine.expression_text import Call, Expression, Node, Number, parse
from engine.operations import NEGATIVE, OPERATIONS
from service.csv_options import dialect_of
from service.sql_texts import (
    FINITE,
    INFINITE,
    LARGEST,
    LARGEST_POWER,
    SMALLEST_POWER,
    Columns,
    Query,
    Stage,
    cells,
    natural_power,
    number,
    quoted,
)

EXP: Final = natural_power("{0}", f" WHEN {{0}} <= {INFINITE} THEN {INFINITE}")
POWER: Final = (
    "CASE WHEN {0} IS NULL THEN NULL WHEN {1} = 0 THEN 1.0"
    f" WHEN {{0}} = 0 THEN CASE WHEN {{1}} > 0 AND {{1}} <= {INFINITE} THEN 0.0 END"
    " WHEN {0} < 0 AND {1} <> floor({1}) THEN NULL"
    f" WHEN {{1}} * ln(abs({{0}})) < {SMALLEST_POWER} THEN 0.0"
    f" WHEN {{1}} * ln(abs({{0}})) <= {LARGEST_POWER} THEN power({{0}}, {{1}})"
    f" WHEN {{0}} > 0 AND {{1}} * ln({{0}}) <= {INFINITE} THEN {INFINITE} END"
)
"""Of a negative base NULL beyond the range, where the sign hangs on the exponent's last digit."""

WRITTEN: Final[Mapping[str, str]] = {
    **{operator: f"({{0}} {operator} {{1}})" for operator in "+-*"},
    "/": "({0} / NULLIF({1}, 0.0))",
    "**": POWER,
    NEGATIVE: "(- {0})",
    **{name: f"CASE WHEN abs({{0}}) <= {LARGEST} THEN {name}({{0}}) END" for name in ("sin", "cos", "tan")},
    **{name: f"CASE WHEN abs({{0}}) <= 1 THEN {name}({{0}}) END" for name in ("asin", "acos")},
    **{name: f"{name}({{0}})" for name in ("atan", "sinh", "cosh", "tanh", "abs")},
    "exp": EXP,
    # Of one base, for what else is called log differs from one database to the other.
    **{
        f"log{base}": f"(CASE WHEN {{0}} > 0 THEN ln({{0}}) WHEN {{0}} = 0 THEN - {INFINITE} END{divided})"
        for base, divided in (("", ""), (2, f" / {log(2)}"), (10, f" / {log(10)}"))
    },
    "sqrt": "CASE WHEN {0} >= 0 THEN sqrt({0}) END",
    # What is no number is larger than all in PostgreSQL.
    "minimum": f"CASE WHEN {{0}} <= {{1}} AND {{1}} <= {INFINITE} THEN {{0}}"
    f" WHEN {{1}} <= {{0}} AND {{0}} <= {INFINITE} THEN {{1}} END",
    "maximum": f"CASE WHEN {{0}} <= {{1}} AND {{1}} <= {INFINITE} THEN {{1}}"
    f" WHEN {{1}} <= {{0}} AND {{0}} <= {INFINITE} THEN {{0}} END",
}
"""Each operation of the tree, {0} and {1} for its arguments."""

DEEPEST: Final = 20
"""Levels of parentheses; SQLite's parser holds 100 symbols, of which each level may be three."""

SQUARE: Final = "({0} * {0})"
QUOTIENT: Final = "({0} / {1})"


class _Term(NamedTuple):
    """SQL that may stand in any stage from that number on; `constant` is what it is worth everywhere, if that is known.

    depth: levels of operations in it; what has none may be said more than once.
    """

    sql: str
    stage: int = 0
    depth: int = 0
    constant: np.float64 | None = None


def formula_query(model: Mapping[str, Any], source: str, key: Columns) -> Query:
    """The prediction of each row of `source`."""
    expression, used = parse(model["model"]["expression"]), [one for one in model["features"] if one["columns"]]
    inputs = cells(used, dialect_of(model))
    leaves = {feature["name"]: _Term(f"p.c{k}") for k, feature in enumerate(used, 1)}
    leaves |= {name: _constant(value) for name, value in model["parameters"].items()}
    writer = _Writer(leaves)
    found = writer.term(expression)
    if model["loss"]["name"] == "poisson":
        found = writer.call("exp", [found])
    answer = writer.written(FINITE, [found])
    stages = [Stage("stage0", [*key, *inputs], source)]
    for k, columns in enumerate(writer.columns, 1):
        stages.append(Stage(f"stage{k}", [("p.*", ""), *columns], f"stage{k - 1} AS p"))
    return Query(stages, [(quoted("prediction"), answer.sql)])


class _Writer:
    """The way up a tree, and the columns of the stages so far, after that of the table's cells."""

    def __init__(self, leaves: Mapping[str, _Term]) -> None:
        self.columns: list[list[tuple[str, str]]] = []
        self._leaves = leaves

    def term(self, expression: Expression) -> _Term:
        """The whole."""
        terms: list[_Term] = []
        for node in expression.nodes:
            terms.append(self._node(node, terms))
        return terms[-1]

    def call(self, operation: str, arguments: Sequence[_Term]) -> _Term:
        """An operation on terms; a number where they are numbers."""
        constants = [one.constant for one in arguments]
        if None not in constants:
            with np.errstate(all="ignore"):
                return _constant(OPERATIONS[operation].value(*constants))
        if operation == "**" and constants[1] == 2.0:
            return self.written(SQUARE, arguments)
        if operation == "/" and constants[1]:
            return self.written(QUOTIENT, arguments)
        return self.written(WRITTEN[operation], arguments)

    def written(self, sql: str, arguments: Sequence[_Term]) -> _Term:
        """The SQL of an operation with these arguments."""
        several = [sql.count(f"{{{k}}}") > 1 for k in range(len(arguments))]
        short = [
            self._held(one) if one.depth == DEEPEST or (one.depth and more) else one
            for one, more in zip(arguments, several, strict=True)
        ]
        depth = 1 + max(one.depth for one in short)
        return _Term(sql.format(*(one.sql for one in short)), max(one.stage for one in short), depth)

    def _node(self, node: Node, terms: Sequence[_Term]) -> _Term:
        if isinstance(node, Call):
            return self.call(node.operation, [terms[k] for k in node.arguments])
        return _constant(node.value) if isinstance(node, Number) else self._leaves[node.name]

    def _held(self, term: _Term) -> _Term:
        """The term as a column of the next stage."""
        if term.stage == len(self.columns):
            self.columns.append([])
        columns = self.columns[term.stage]
        columns.append((f"n{term.stage + 1}_{len(columns) + 1}", term.sql))
        return _Term(f"p.{columns[-1][0]}", term.stage + 1)


def _constant(value: float | np.float64 | None) -> _Term:
    """A number; null stands for one that JSON cannot hold."""
    known = np.float64(np.nan if value is None else value)
    return _Term(number(float(known)), constant=known)
