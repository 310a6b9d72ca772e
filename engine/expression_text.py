"""Expressions as text: what may be written, and the tree that it becomes.

expression: a sum of products of powers of operands, with + - * / ** and unary minus, which bind as in Python: ** binds
closest and from the right, then the minus, so -x**2 is -(x**2). operand: a number, a variable, pi, e, an expression in
parentheses, or a call of one of FUNCTIONS. A variable is a letter or _ followed by letters, digits and _, only ASCII;
or any text in backticks, where one that is part of the name is written twice.

The text is read here and not by Python's own parser: nothing but the above can ever become a tree, every complaint has
its place, and no text warns, folds letters or uses up the stack. All numbers are float64 from the start.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from keyword import iskeyword
from math import e, isfinite, pi
from typing import Final, NamedTuple

import numpy as np

from engine.errors import ExpressionError
from engine.operations import FUNCTIONS, NEGATIVE

MOST_CHARACTERS: Final = 500
MOST_NODES: Final = 200
"""Numbers, variables, operators and calls."""
DEEPEST: Final = 30
"""Parentheses, calls, signs and exponents within each other; a long sum is not deep."""

CONSTANTS: Final = {"pi": pi, "e": e}
BINDING: Final = {"+": 1, "-": 1, "*": 2, "/": 2, "**": 4}
SIGN_BINDING: Final = 3
TOKEN: Final = re.compile(
    r"[ \t]*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<quoted>`(?:[^`]|``)+`)|(?P<sign>\*\*|[-+*/(),]))",
    re.ASCII,
)
CURES: Final = {
    "^": "write ** for a power",
    "%": "there is no remainder",
    "=": "there is nothing to assign",
    ".": "a column's name with it stands in backticks",
    "`": "a name stands between two of them, and one that is part of the name is written twice",
    '"': "a column's name stands in backticks, `so`",
    "'": "a column's name stands in backticks, `so`",
    "\N{SUPERSCRIPT TWO}": "write **2",
    "\N{SUPERSCRIPT THREE}": "write **3",
    "\N{MINUS SIGN}": "write -",
    "\N{EN DASH}": "write -",
    "\N{MULTIPLICATION SIGN}": "write *",
    "\N{MIDDLE DOT}": "write *",
    "\N{DOT OPERATOR}": "write *",
    "\N{DIVISION SIGN}": "write /",
    "\N{SQUARE ROOT}": "write sqrt(x)",
    "\N{GREEK SMALL LETTER PI}": "write pi",
}


class Number(NamedTuple):
    """A leaf that is the same everywhere."""

    value: np.float64


class Name(NamedTuple):
    """A leaf that is a variable."""

    name: str


class Call(NamedTuple):
    """An operation (a key of OPERATIONS) on earlier nodes of the tree."""

    operation: str
    arguments: tuple[int, ...]


Node = Number | Name | Call


class Expression(NamedTuple):
    """The tree in postfix order: arguments stand before what takes them, and the whole is the last node."""

    text: str
    nodes: tuple[Node, ...]

    def __hash__(self) -> int:
        """That of the text, from which the tree follows."""
        return hash(self.text)


class _Token(NamedTuple):
    kind: str
    text: str
    position: int


@lru_cache(maxsize=64)
def parse(text: str) -> Expression:
    """The tree of a text of at most 500 characters, 200 nodes, 30 levels; raises ExpressionError."""
    if not text.strip(" \t"):
        raise ExpressionError("There is nothing to compute: write an expression such as x**2 + 1.")
    if len(text) > MOST_CHARACTERS:
        raise ExpressionError(f"It has {len(text)} characters; at most {MOST_CHARACTERS} are allowed.", MOST_CHARACTERS)
    reader = _Reader(tuple(_tokens(text)))
    reader.expression(0, 0)
    if (left := reader.upcoming).kind != "end":
        raise _unexpected(left, "An operator such as + or * is missing")
    return Expression(text, tuple(reader.nodes))


def names(expression: Expression) -> tuple[str, ...]:
    """The variables in order of first use, without backticks."""
    return tuple(dict.fromkeys(node.name for node in expression.nodes if isinstance(node, Name)))


def constants(expression: Expression) -> tuple[tuple[str, int], ...]:
    """The constants in its text, pi and e, each with the place of its first use, counted from 0."""
    return _places((token.text, token.position) for token in _tokens(expression.text) if token.text in CONSTANTS)


def quoted(expression: Expression) -> tuple[tuple[str, int], ...]:
    """The names in backticks, without those, each with the place of its first use, counted from 0."""
    return _places((_unquoted(token), token.position) for token in _tokens(expression.text) if token.kind == "quoted")


def _places(found: Iterable[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    first: dict[str, int] = {}
    for name, position in found:
        first.setdefault(name, position)
    return tuple(first.items())


def _tokens(text: str) -> Iterator[_Token]:
    position, end = 0, len(text.rstrip(" \t"))
    while position < end:
        found = TOKEN.match(text, position)
        if found is None:
            at = position + len(text[position:]) - len(text[position:].lstrip(" \t"))
            cure = CURES.get(text[at], "use numbers, variables of plain letters, + - * / **, parentheses and functions")
            raise ExpressionError(f"{text[at]!r} cannot be used here: {cure}.", at)
        kind = str(found.lastgroup)
        yield _Token(kind, found[kind], found.start(kind))
        position = found.end()
    yield _Token("end", "", end)


class _Reader:
    """The way through the tokens, and the nodes so far; what reads a part answers the number of its node."""

    def __init__(self, tokens: tuple[_Token, ...]) -> None:
        self.nodes: list[Node] = []
        self._tokens = tokens
        self._next = 0

    @property
    def upcoming(self) -> _Token:
        return self._tokens[self._next]

    def expression(self, binding: int, depth: int) -> int:
        """An operand, and all operators behind it that bind closer than `binding`."""
        left = self._operand(depth + 1)
        while (operator := self.upcoming).kind == "sign" and BINDING.get(operator.text, 0) > binding:
            self._next += 1
            own = BINDING[operator.text]
            # From the right: an exponent takes further powers, and a sign, to itself.
            right = self.expression(own - 1 if operator.text == "**" else own, depth + (operator.text == "**"))
            left = self._add(Call(operator.text, (left, right)), operator)
        return left

    def _operand(self, depth: int) -> int:
        token = self.upcoming
        if depth > DEEPEST:
            raise ExpressionError(f"Parentheses, signs and powers are nested deeper than {DEEPEST}.", token.position)
        self._next += 1
        if token.kind == "number":
            return self._add(_number(token), token)
        if token.kind == "name":
            return self._call(token, depth) if self.upcoming.text == "(" else self._add(_variable(token), token)
        if token.kind == "quoted":
            return self._add(Name(_unquoted(token)), token)
        if token.text == "-":
            return self._add(Call(NEGATIVE, (self.expression(SIGN_BINDING, depth),)), token)
        if token.text == "(":
            inner = self.expression(0, depth)
            self._close(token)
            return inner
        raise _unexpected(token, "A number, variable, function or parenthesis is missing")

    def _call(self, name: _Token, depth: int) -> int:
        if name.text not in FUNCTIONS:
            detail = f"{name.text:.100} is not a function; there are: {', '.join(FUNCTIONS)}."
            raise ExpressionError(detail, name.position)
        arguments: list[int] = []
        opening = self.upcoming
        while not arguments or self.upcoming.text == ",":
            self._next += 1
            arguments.append(self.expression(0, depth))
        self._close(opening)
        if len(arguments) != (wanted := len(FUNCTIONS[name.text].partials)):
            detail = f"{name.text} takes {wanted} argument{'s' * (wanted > 1)}, not {len(arguments)}."
            raise ExpressionError(detail, name.position)
        return self._add(Call(name.text, tuple(arguments)), name)

    def _close(self, opening: _Token) -> None:
        if self.upcoming.kind == "end":
            raise ExpressionError("This parenthesis is not closed.", opening.position)
        if self.upcoming.text != ")":
            raise _unexpected(self.upcoming, "An operator or a closing parenthesis is missing")
        self._next += 1

    def _add(self, node: Node, token: _Token) -> int:
        if len(self.nodes) == MOST_NODES:
            detail = f"It has more than {MOST_NODES} numbers, variables, operators and calls."
            raise ExpressionError(detail, token.position)
        self.nodes.append(node)
        return len(self.nodes) - 1


def _number(token: _Token) -> Number:
    if not isfinite(value := float(token.text)):
        raise ExpressionError("This number is too large for float64.", token.position)
    return Number(np.float64(value))


def _variable(token: _Token) -> Name | Number:
    if token.text in CONSTANTS:
        return Number(np.float64(CONSTANTS[token.text]))
    if token.text in FUNCTIONS:
        raise ExpressionError(f"{token.text} is a function: write {token.text}(x).", token.position)
    if iskeyword(token.text):
        raise ExpressionError(f"{token.text} cannot name a variable.", token.position)
    return Name(token.text)


def _unquoted(token: _Token) -> str:
    return token.text[1:-1].replace("``", "`")


def _unexpected(token: _Token, missing: str) -> ExpressionError:
    where = f"before {token.text:.100}" if token.text else "at the end"
    return ExpressionError(f"{missing} {where}.", token.position)
