"""Where a function job begins: at one point, or at several that are drawn in a box."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, cast

import numpy as np
from marshmallow import ValidationError, fields

from contract.choices import MOST_MEMBERS, Strict
from contract.elsewhere import nearest
from contract.errors import FieldError
from contract.fields import Complaint, Integer, Number, echo, pointer_step, refuse
from contract.shapes import ByName
from engine.arrays import FloatArray
from engine.function_problem import FunctionProblem
from engine.randomness import starts_in_box

MOST_STARTS: Final = 100


class _Interval(fields.List[float]):
    """Two numbers that rise."""

    def __init__(self) -> None:
        super().__init__(Number(), metadata={"minItems": 2, "maxItems": 2})

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **options: Any) -> list[Any]:
        if not isinstance(value, list) or len(value) != 2:
            raise refuse("wrong_type", f"Must be a list of two numbers, from and to, not {echo(value)}.")
        low, high = cast("list[float]", super()._deserialize(value, attr, data, **options))
        if not low < high:
            raise refuse("out_of_range", f"Must rise: {low:g} is not less than {high:g}.")
        return [low, high]


class _BoxSchema(Strict):
    random = ByName(_Interval(), most=MOST_MEMBERS, required=True)
    count = Integer(least=1, most=MOST_STARTS, load_default=1)


class StartField(fields.Field[dict[str, Any]]):
    """A number for each variable, or a box with the number of starts that are drawn in it."""

    def __init__(self, **options: Any) -> None:
        self.point, self.box = ByName(Number(), most=MOST_MEMBERS), _BoxSchema()
        super().__init__(**options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            sentence = f'Must be an object of numbers by variable, or {{"random": …}}, not {echo(value)}.'
            raise refuse("wrong_type", sentence)
        if is_box(value):
            return dict(self.box.load(value))
        if "count" in value and isinstance(value.get("random"), list | str):
            raise ValidationError(
                {"random": [Complaint("wrong_type", "Must be an object of from and to by variable.")]}
            )
        return dict(self.point.deserialize(value))


def is_box(initial: Mapping[str, Any]) -> bool:
    """Whether starts are drawn; ``random`` may be a variable as well, and is a number then."""
    return isinstance(initial.get("random"), Mapping)


def starts(initial: Mapping[str, Any], variables: Sequence[str], seed: int) -> FloatArray:
    """The points (count, d) in the order of the variables."""
    if not is_box(initial):
        return np.array([[initial[name] for name in variables]], dtype=np.float64)
    low, high = np.array([initial["random"][name] for name in variables], dtype=np.float64).T
    return starts_in_box(low, high, initial["count"], seed)


def wrong_start(initial: Mapping[str, Any], problem: FunctionProblem) -> Iterator[FieldError]:
    """Variables that there are not, variables that are not given, and a point from which nothing leads on."""
    by_name, pointer = (initial["random"], "/initial/random") if is_box(initial) else (initial, "/initial")
    known = ", ".join(problem.variables)
    for name in by_name:
        if name not in problem.variables:
            detail = f"The function has no variable {echo(name)}; it has: {known}.{nearest(name, problem.variables)}"
            yield FieldError(pointer + pointer_step(name), detail, "unknown_parameter")
    if missing := [name for name in problem.variables if name not in by_name]:
        detail = f"No value for {', '.join(missing)}; give one for each of: {known}."
        yield FieldError(pointer, detail, "missing_parameter")
    elif not is_box(initial):
        yield from _stuck(problem, starts(initial, problem.variables, 0)[0])


def _stuck(problem: FunctionProblem, point: FloatArray) -> Iterator[FieldError]:
    cost, gradient = problem.cost_and_gradient(point)
    if not np.isfinite(cost):
        yield FieldError("/initial", f"The function is {_shown(cost)} here: start where it has a finite value.")
    elif not np.isfinite(gradient).all():
        yield FieldError("/initial", "The function has a value here but no finite gradient: start beside this point.")


def _shown(cost: float) -> str:
    return "not a real number" if np.isnan(cost) else "infinite"
