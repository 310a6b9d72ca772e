r"""What a cell is: the one home of the grammar of numbers.

A number is ``[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?`` in ASCII digits, or the same with a decimal comma; blanks
around it do not count. ``float()`` would take ``1_000`` and digits of other scripts.
"""

import re
from collections.abc import Sequence
from functools import cache
from math import isfinite

BLANKS = " \t"
# What no cell holds; for ``re`` and RE2.
CONTROLS = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
_NUMBER = r"[+-]?(?:[0-9]+(?:{0}[0-9]*)?|{0}[0-9]+)(?:[eE][+-]?[0-9]{{1,3}})?"
_NON_FINITE = r"[+-]?(?:[iI][nN][fF](?:[iI][nN][iI][tT][yY])?|[nN][aA][nN])"
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(?:[.,' ][0-9]{3})+(?:[.,][0-9]+)?")
_WITH_UNIT = re.compile(r"(?:[$€£] ?)?([+-]?[0-9][0-9.,' ]*?)(?: ?[%$€£])?")
_LONG_EXPONENT = re.compile(r"[0-9.,][eE][+-]?[0-9]{4,}")


@cache
def number_grammar(decimal: str) -> str:
    """The grammar as an anchored expression that both ``re`` and RE2 read.

    It takes infinities and NaN too, so that they are refused as what they are and not as texts.
    """
    return f"^{_cell(decimal)}$"


def _cell(decimal: str) -> str:
    return rf"[ \t]*(?:{_NUMBER.format(re.escape(decimal))}|{_NON_FINITE})[ \t]*"


@cache
def _compiled(decimal: str) -> re.Pattern[str]:
    return re.compile(number_grammar(decimal))


@cache
def _lines(decimal: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{_cell(decimal)}\n)*")


def is_number(cell: str, decimal: str) -> bool:
    """Whether the cell is meant as a number, be it finite or not."""
    return _compiled(decimal).match(cell) is not None and not cell.endswith("\n")


def are_numbers(cells: Sequence[str], decimal: str) -> bool:
    """Whether there are cells and all of them are meant as numbers: one match for all is quicker than one for each."""
    text = "\n".join(cells)
    return text.count("\n") < len(cells) and _lines(decimal).fullmatch(f"{text}\n") is not None


def other_decimal(decimal: str) -> str:
    """The decimal sign that this one may have been taken for."""
    return "," if decimal == "." else "."


def has_long_exponent(cell: str) -> bool:
    """Whether the cell would be a number if exponents might have more than three digits."""
    return _LONG_EXPONENT.search(cell) is not None


def is_grouped(cell: str) -> bool:
    """Whether the cell looks like a number whose thousands are set apart, as in 1,234,567.5."""
    return _GROUPED.fullmatch(cell) is not None


def looks_numeric(cell: str) -> bool:
    """Whether a person would read the cell as a number: another decimal sign, thousands, per cent, a currency."""
    found = _WITH_UNIT.fullmatch(cell.strip(BLANKS))
    return found is not None and (is_number(found[1], ".") or is_number(found[1], ",") or is_grouped(found[1]))


def is_finite(cell: str, decimal: str) -> bool:
    """Whether a cell that ``is_number`` fits into a float64."""
    return isfinite(float(cell.replace(decimal, ".")))
