"""Strict marshmallow fields: a JSON number is a number, an integer is an integer, and nothing is repaired.

marshmallow's own fields take ``"0.5"`` and ``True`` for numbers. Here each refusal is a ``Complaint``: a sentence
for a person that carries the machine's code for the kind of mistake.
"""

import json
import math
import unicodedata
from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields

from contract.elsewhere import nearest

EXACT = 2**53
"""Whole numbers below it are told apart by float64."""
MAX_ECHO = 100
MAX_TEXT = 1000


class Complaint(str):
    """What is wrong, in a sentence, with the error code it stands for."""

    code: str

    def __new__(cls, code: str, sentence: str) -> "Complaint":
        """Make the sentence and attach the code."""
        complaint = super().__new__(cls, sentence)
        complaint.code = code
        return complaint


def refuse(code: str, sentence: str) -> ValidationError:
    """The error that a field raises for one wrong value."""
    return ValidationError([Complaint(code, sentence)])


def echo(value: object) -> str:
    """A wrong value as it may be shown: short, in the spelling of JSON, and text in quotes."""
    shown = json.dumps(value, default=repr) if isinstance(value, bool | dict | list | None) else repr(value)
    return shown if len(shown) <= MAX_ECHO else f"{shown[:MAX_ECHO]}…"


def pointer_step(name: object) -> str:
    """A member's name as a step of a JSON pointer (RFC 6901): short, and such that UTF-8 can hold it."""
    shown = str(name)[:MAX_ECHO].encode("utf-8", "backslashreplace").decode()
    return "/" + shown.replace("~", "~0").replace("/", "~1")


def one_of(value: object, allowed: list[str], what: str) -> ValidationError:
    """The refusal of a name that is not among ``allowed``, with the nearest one suggested."""
    hint = nearest(value, allowed) if isinstance(value, str) else ""
    return refuse("unknown_choice", f"{echo(value)} is no {what}; there are: {', '.join(allowed)}.{hint}")


class Number(fields.Field[float]):
    """A finite JSON number within a range, as float64."""

    def __init__(
        self,
        *,
        above: float | None = None,
        least: float | None = None,
        below: float | None = None,
        most: float | None = None,
        **options: Any,
    ) -> None:
        self.above, self.least, self.below, self.most = above, least, below, most
        limits = {"exclusiveMinimum": above, "minimum": least, "exclusiveMaximum": below, "maximum": most}
        metadata = {"type": self.kind} | {k: v for k, v in limits.items() if v is not None}
        super().__init__(metadata=metadata | options.pop("metadata", {}), **options)

    kind = "number"

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise refuse("wrong_type", f"Must be a JSON {self.kind}, not {echo(value)}.")
        return self._in_range(self._convert(value))

    def _convert(self, value: float) -> float:
        try:
            number = float(value)
        except OverflowError:
            raise refuse("out_of_range", "Is too large for a float64.") from None
        if not math.isfinite(number):
            raise refuse("non_finite", "Must be a finite number.")
        return number

    def _in_range(self, value: float) -> float:
        inside = (
            (self.above is None or value > self.above)
            and (self.least is None or value >= self.least)
            and (self.below is None or value < self.below)
            and (self.most is None or value <= self.most)
        )
        if not inside:
            whole = isinstance(value, float) and value.is_integer() and abs(value) < EXACT
            shown = int(value) if whole else value
            raise refuse("out_of_range", f"Must be {self._range()}, not {echo(shown)}.")
        return value

    def _range(self) -> str:
        lower = [f"greater than {self.above:g}"] if self.above is not None else []
        lower += [f"at least {self.least:g}"] if self.least is not None else []
        upper = [f"less than {self.below:g}"] if self.below is not None else []
        upper += [f"at most {self.most:g}"] if self.most is not None else []
        return " and ".join(lower + upper)


class Integer(Number):
    """A whole JSON number, however it is written (1000, 1e3, 1000.0), within a range."""

    kind = "integer"

    def _convert(self, value: float) -> int:
        if isinstance(value, float) and not value.is_integer():
            raise refuse(
                "out_of_range" if math.isfinite(value) else "non_finite", f"Must be a whole number, not {echo(value)}."
            )
        return int(value)


class Flag(fields.Field[bool]):
    """JSON true or false."""

    def __init__(self, **options: Any) -> None:
        super().__init__(metadata={"type": "boolean"} | options.pop("metadata", {}), **options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> bool:
        if not isinstance(value, bool):
            raise refuse("wrong_type", f"Must be true or false, not {echo(value)}.")
        return value


class Text(fields.Field[str]):
    """A string without control characters that UTF-8 can hold, of bounded length; or one of ``choices``."""

    def __init__(
        self, *, choices: list[str] | None = None, what: str = "choice", most: int = MAX_TEXT, **options: Any
    ) -> None:
        self.choices, self.what, self.most = choices, what, most
        metadata: dict[str, Any] = {"type": "string"} | ({"enum": choices} if choices else {"maxLength": most})
        super().__init__(metadata=metadata | options.pop("metadata", {}), **options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> str:
        if not isinstance(value, str):
            raise refuse("wrong_type", f"Must be a string, not {echo(value)}.")
        if self.choices is not None and value not in self.choices:
            raise one_of(value, self.choices, self.what)
        if len(value) > self.most or not (value.isprintable() or _is_clean(value)):
            raise refuse(
                "invalid_string", f"Must be text of at most {self.most} characters without control characters."
            )
        return value


class LabelName(Text):
    """A label's name: it ends at the colon before its value wherever jobs are found by it (``name:value``)."""

    def __init__(self, **options: Any) -> None:
        super().__init__(metadata={"pattern": "^[^:]+$"} | options.pop("metadata", {}), **options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> str:
        name = super()._deserialize(value, attr, data)
        if not name or ":" in name:
            raise refuse("invalid_string", "The name of a label must have at least one character, and no colon.")
        return name


def _is_clean(text: str) -> bool:
    return not any(unicodedata.category(letter) in ("Cc", "Cs") for letter in text)


class Cell(fields.Field[Any]):
    """What a cell of a table may hold: text, or a finite number."""

    def __init__(self, **options: Any) -> None:
        self.text, self.number = Text(), Number()
        super().__init__(metadata={"type": ["string", "number"]} | options.pop("metadata", {}), **options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> Any:
        if isinstance(value, str):
            return self.text.deserialize(value)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise refuse("wrong_type", f"Must be a string or a number, not {echo(value)}.")
        return self.number.deserialize(value)
