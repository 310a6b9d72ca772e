"""JSON at the border: nothing is guessed when it comes in, nothing is lost when it goes out."""

import json

import numpy as np
import orjson
import pytest

from contract.errors import BadRequest
from service.json_codec import dump, load

DEPTH = 20


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param(b"", "invalid_json", id="empty"),
        pytest.param(b"{", "invalid_json", id="open"),
        pytest.param(b'{"a": 1,}', "invalid_json", id="trailing comma"),
        pytest.param(b"[1,]", "invalid_json", id="trailing comma in a list"),
        pytest.param(b"{'a': 1}", "invalid_json", id="single quotes"),
        pytest.param(b'{"a": 1} x', "invalid_json", id="more behind"),
        pytest.param(b'{"a": NaN}', "invalid_json", id="NaN"),
        pytest.param(b'{"a": Infinity}', "invalid_json", id="Infinity"),
        pytest.param(b'{"a": -Infinity}', "invalid_json", id="-Infinity"),
        pytest.param(b'{"a": %b}' % (b"1" * 5000), "invalid_json", id="5,000 digits"),
        pytest.param(b'\xef\xbb\xbf{"a": 1}', "invalid_json", id="BOM"),
        pytest.param('{"a": 1}'.encode("utf-16"), "invalid_json", id="UTF-16"),
        pytest.param('{"a": 1}'.encode("utf-16-le"), "invalid_json", id="UTF-16 without BOM"),
        pytest.param('{"a": 1}'.encode("utf-32-le"), "invalid_json", id="UTF-32"),
        pytest.param(b'{"a": "\xff"}', "invalid_json", id="not UTF-8"),
        pytest.param(b'{"a": "\xed\xa0\x80"}', "invalid_json", id="surrogate in UTF-8"),
        pytest.param(b'{"a": "\x01"}', "invalid_json", id="control character"),
        pytest.param(b'"unterminated [[[[[', "invalid_json", id="unterminated"),
        pytest.param(b'{"a": 1, "b": 2, "a": 3}', "duplicate_key", id="double member"),
        pytest.param(b'{"x": {"a": 1, "\\u0061": 3}}', "duplicate_key", id="double member, escaped"),
        pytest.param(b"[" * 4000, "json_too_deep", id="4,000 open"),
        pytest.param(b"[" * 100_000 + b"]" * 100_000, "json_too_deep", id="100,000 nested"),
        pytest.param(b'{"a":' * 21 + b"1" + b"}" * 21, "json_too_deep", id="21 objects"),
        pytest.param(b'["\\"", ' + b"[" * 20, "json_too_deep", id="behind an escaped quote"),
    ],
)
def test_what_is_not_strict_json_is_refused(text: bytes, code: str) -> None:
    with pytest.raises(BadRequest) as caught:
        load(text, DEPTH)
    assert caught.value.code == code
    assert len(caught.value.detail) < 300


@pytest.mark.parametrize(
    "text",
    [
        b"null",
        b"1e3",
        b'"[[[[[[[[[[[[[[[[[[[[[[[[["',
        rb'"\"[[[[[[[[[[[[[[[[[[[[[[["',
        b'{"a": {"a": [1, 2.5, "\xc3\xa4"]}}',
    ],
    ids=["null", "number", "brackets in a string", "brackets behind a quote in a string", "object"],
)
def test_strict_json_is_read_as_it_stands(text: bytes) -> None:
    assert load(text, DEPTH) == json.loads(text)


def test_the_deepest_level_allowed_is_allowed() -> None:
    assert load(b"[" * DEPTH + b"]" * DEPTH, DEPTH) == json.loads("[" * DEPTH + "]" * DEPTH)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b'"' + b'\\"' * 200_000, id="escaped quotes without an end"),
        pytest.param(b'"' * 400_001, id="quotes"),
        pytest.param(
            b'{"last": 1,' + b",".join(b'"k%d": 1' % k for k in range(200_000)) + b',"last": 2}', id="members"
        ),
    ],
)
def test_refusing_takes_no_longer_than_reading(text: bytes) -> None:
    """Each of these once took time with the square of its length: minutes for what a form field may hold."""
    with pytest.raises(BadRequest):
        load(text, DEPTH)


def test_a_double_name_is_echoed_shortly() -> None:
    with pytest.raises(BadRequest) as caught:
        load(b'{"%b": 1, "%b": 2}' % (b"x" * 10_000, b"x" * 10_000), DEPTH)
    assert len(caught.value.detail) < 200


def test_numbers_that_json_does_not_have_are_null() -> None:
    document = {"a": float("nan"), "b": [float("inf"), -float("inf")], "c": np.array([1.5, np.nan])}
    assert dump(document) == b'{"a":null,"b":[null,null],"c":[1.5,null]}\n'


def test_indented_json_says_the_same() -> None:
    """Also for parts that were JSON before and are handed on as they are."""
    document = {"a": orjson.Fragment(b'{"b":[1,2]}'), "c": 0.1}
    plain, pretty = dump(document), dump(document, pretty=True)
    assert json.loads(plain) == json.loads(pretty) == {"a": {"b": [1, 2]}, "c": 0.1}
    assert plain.count(b"\n") == 1
    assert pretty.count(b"\n") > 5
    assert pretty.endswith(b"}\n")


@pytest.mark.parametrize("number", [0.1, 1e-300, 1 / 3, 2**53, 1.7976931348623157e308])
def test_numbers_come_back_bit_for_bit(number: float) -> None:
    assert load(dump([number]), DEPTH) == [number]
