"""Strict fields: what they say about themselves to the API's description is what they enforce."""

import pytest
from marshmallow import ValidationError

from contract.fields import MAX_ECHO, Complaint, Integer, Number, Text, echo, pointer_step


@pytest.mark.parametrize(
    ("field", "described"),
    [
        (Number(above=0, below=1), {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}),
        (Integer(least=1, most=5), {"type": "integer", "minimum": 1, "maximum": 5}),
        (Text(choices=["a", "b"]), {"type": "string", "enum": ["a", "b"]}),
        (Text(), {"type": "string", "maxLength": 1000}),
    ],
    ids=["number", "integer", "choice", "text"],
)
def test_ranges_are_described(field: Number | Text, described: dict[str, object]) -> None:
    assert field.metadata == described


@pytest.mark.parametrize(
    ("value", "inside"), [(0, False), (0.5, True), (1, False), (-0.0, False), (5e-324, True), (1 - 2**-53, True)]
)
def test_exclusive_bounds_exclude(value: float, inside: bool) -> None:
    field = Number(above=0, below=1)
    if inside:
        assert field.deserialize(value) == value
    else:
        with pytest.raises(ValidationError, match="greater than 0 and less than 1"):
            field.deserialize(value)


def test_a_refusal_carries_its_code() -> None:
    with pytest.raises(ValidationError) as caught:
        Number().deserialize("1")
    (message,) = caught.value.messages
    assert isinstance(message, Complaint)
    assert message.code == "wrong_type"


def test_what_is_echoed_is_short_and_printable() -> None:
    assert len(echo("x" * 10_000)) == MAX_ECHO + 1
    assert echo("\ud800\x00\n") == r"'\ud800\x00\n'"


@pytest.mark.parametrize(
    ("name", "step"), [("a", "/a"), ("a/b", "/a~1b"), ("~", "/~0"), ("~1", "/~01"), (3, "/3"), ("\ud800", r"/\ud800")]
)
def test_pointers_escape_their_steps(name: object, step: str) -> None:
    assert pointer_step(name) == step
