"""Settings that are no good: rows 65 to 82 of the catalogue, as a field of a form, as a file in it, as the body."""

import json
from typing import Any, NamedTuple

import pytest
import requests

from contract.errors import MAX_PLACES, InvalidSettings
from contract.settings import load_settings
from tests.bad_input.cases import Case, check, dataset, job, settings_body, settings_field, settings_file, table, ways
from tests.support.processes import Stack


def everywhere(name: str, text: bytes, status: int, code: str) -> list[Case]:
    """The same text in every way; a field is text before it is JSON, so bytes that are none come as a file or body."""
    sends = {"file": settings_file(text), "body": settings_body(text)}
    return ways(name, {**sends, **({"field": settings_field(text)} if text.isascii() else {})}, status, code)


def in_y(member: bytes) -> bytes:
    """Settings with one more member, as it is written."""
    return b'{"target": "y", %b}' % member


CASES = [
    *everywhere("65-open", b"{", 400, "invalid_json"),
    *everywhere("65-trailing-comma", in_y(b""), 400, "invalid_json"),
    *everywhere("65-single-quotes", b"{'target': 'y'}", 400, "invalid_json"),
    *everywhere("65-empty", b"", 400, "invalid_json"),
    *everywhere("65-null", b"null", 422, "expected_object"),
    *everywhere("65-list", b"[]", 422, "expected_object"),
    *everywhere("65-text", b'"y"', 422, "expected_object"),
    *everywhere("65-quotes-without-end", b'"' + b'\\"' * 200_000, 400, "invalid_json"),
    *everywhere("66-4000", in_y(b'"labels": ' + b"[" * 4000), 400, "json_too_deep"),
    *everywhere("66-100000", b"[" * 100_000, 400, "json_too_deep"),
    *everywhere("66-21-objects", b'{"a":' * 21 + b"1" + b"}" * 21, 400, "json_too_deep"),
    *everywhere("67-NaN", in_y(b'"learning_rate": NaN'), 400, "invalid_json"),
    *everywhere("67-Infinity", in_y(b'"learning_rate": Infinity'), 400, "invalid_json"),
    *everywhere("67-minus-Infinity", in_y(b'"learning_rate": -Infinity'), 400, "invalid_json"),
    *everywhere("67-1e999", in_y(b'"learning_rate": 1e999'), 422, "non_finite"),
    *everywhere("68-5000-digits", in_y(b'"seed": %b' % (b"1" * 5000)), 400, "invalid_json"),
    *everywhere("68-4000-digits", in_y(b'"seed": %b' % (b"1" * 4000)), 422, "out_of_range"),
    *everywhere("68-4000-digits-as-float", in_y(b'"learning_rate": %b' % (b"1" * 4000)), 422, "out_of_range"),
    *everywhere("69-top", in_y(b'"target": "y"'), 400, "duplicate_key"),
    *everywhere("69-within", in_y(b'"tolerance": {"cost": 1, "cost": 1}'), 400, "duplicate_key"),
    *everywhere("70-byte", b'{"target": "\xff"}', 400, "invalid_json"),
    *everywhere("70-utf-16", '{"target": "y"}'.encode("utf-16"), 400, "invalid_json"),
    *everywhere("70-byte-order-mark", b'\xef\xbb\xbf{"target": "y"}', 400, "invalid_json"),
    *everywhere("71-value", in_y(b'"labels": {"a": "\\ud800"}'), 422, "invalid_string"),
    *everywhere("71-name", in_y(b'"labels": {"\\udc80": "a"}'), 422, "invalid_string"),
    *everywhere("71-field", in_y(b'"\\ud800": 1'), 422, "unknown_field"),
    *everywhere("71-parameter", in_y(b'"initial": {"\\udc80": 1}'), 422, "invalid_string"),
    *everywhere("71-hyperparameter", in_y(b'"optimizer": {"name": "sgd", "\\ud800": 1}'), 422, "unknown_field"),
    *everywhere("72-NUL", in_y(b'"labels": {"a": "\\u0000"}'), 422, "invalid_string"),
    *everywhere("72-control", in_y(b'"name": "a\\u001bb"'), 422, "invalid_string"),
    Case("72-megabyte", settings_body(in_y(b'"labels": {"a": "%b"}' % (b"x" * 1_000_000))), 422, "invalid_string"),
    Case("79-megabyte", settings_body(in_y(b'"optimizer": "%b"' % (b"x" * 1_000_000))), 422, "unknown_choice"),
]


@table(CASES)
def test_settings(running: Stack, case: Case) -> None:
    check(running, case)


class Wrong(NamedTuple):
    """Settings that can be read, the place that is wrong, the code, and words of the sentence."""

    id: str
    settings: dict[str, Any]
    pointer: str
    code: str
    words: str = ""


ADAM, MOMENTUM, RMSPROP = {"name": "adam"}, {"name": "momentum"}, {"name": "rmsprop"}
FOLD = {"column": "fold", "value": "test"}
# Predicts y from x; z is all 0, gone all missing, half has fractions, w is negative in places, kind has three classes.
CSV = "x,y,w,z,gone,half,kind,fold\n" + "".join(
    f"{k},{2 * k + k % 3},{k - 5},0,,{k / 2},{'abc'[k % 3]},{'test' if k % 4 == 0 else 'train'}\n" for k in range(24)
)

WRONG = [
    Wrong("73-typo", {"learnig_rate": 0.1}, "/learnig_rate", "unknown_field", "Did you mean 'learning_rate'?"),
    Wrong("73-proto", {"__proto__": {"target": "y"}}, "/__proto__", "unknown_field"),
    *[Wrong(f"73-{name}", {name: 1}, f"/{name}", "unknown_field") for name in ("state", "owner", "attempt")],
    Wrong("73-within", {"tolerance": {"costs": 1}}, "/tolerance/costs", "unknown_field"),
    Wrong("74-true", {"learning_rate": True}, "/learning_rate", "wrong_type", "not true"),
    Wrong("74-true-iterations", {"max_iterations": True}, "/max_iterations", "wrong_type"),
    Wrong("74-string", {"learning_rate": "0.1"}, "/learning_rate", "wrong_type", "Must be a JSON number, not '0.1'"),
    Wrong("74-string-seed", {"seed": "1"}, "/seed", "wrong_type"),
    Wrong("74-null", {"max_iterations": None}, "/max_iterations", "wrong_type", "not be null"),
    Wrong("74-null-target", {"target": None}, "/target", "wrong_type"),
    Wrong("74-number-for-text", {"name": 1}, "/name", "wrong_type"),
    Wrong("75-rate-0", {"learning_rate": 0}, "/learning_rate", "out_of_range", "greater than 0, not 0"),
    Wrong("75-rate-minus", {"learning_rate": -1}, "/learning_rate", "out_of_range", "greater than 0, not -1"),
    Wrong("75-beta-1", {"optimizer": MOMENTUM | {"beta": 1}}, "/optimizer/beta", "out_of_range", "less than 1"),
    Wrong("75-beta1-minus", {"optimizer": ADAM | {"beta1": -0.1}}, "/optimizer/beta1", "out_of_range", "at least 0"),
    Wrong("75-rho-1", {"optimizer": RMSPROP | {"rho": 1}}, "/optimizer/rho", "out_of_range"),
    Wrong("75-epsilon-0", {"optimizer": ADAM | {"epsilon": 0}}, "/optimizer/epsilon", "out_of_range"),
    *[
        Wrong(f"76-{value}", {"max_iterations": value}, "/max_iterations", "out_of_range")
        for value in (0, -1, 1e12, 10.5)
    ],
    Wrong("77-tolerance", {"tolerance": {"cost": -1e-9}}, "/tolerance/cost", "out_of_range"),
    Wrong("77-batch-0", {"batch_size": 0}, "/batch_size", "out_of_range"),
    Wrong("77-batch-25", {"batch_size": 25}, "/batch_size", "out_of_range", "training rows, 24"),
    *[
        Wrong(f"77-fraction-{value}", {"validation": {"fraction": value}}, "/validation/fraction", "out_of_range")
        for value in (0, 1, 0.001)
    ],
    *[Wrong(f"77-seed-{value}", {"seed": value}, "/seed", "out_of_range") for value in (-1, 2**64, 1.5)],
    Wrong("77-time_limit-0", {"time_limit": 0}, "/time_limit", "out_of_range"),
    Wrong(
        "77-patience-0",
        {"validation": FOLD, "early_stopping": {"patience": 0}},
        "/early_stopping/patience",
        "out_of_range",
    ),
    Wrong("77-early-alone", {"early_stopping": {}}, "/early_stopping", "invalid_settings", "say which with validation"),
    Wrong("77-divide-0", {"scaling": {"divide_by": 0}}, "/scaling/divide_by", "out_of_range"),
    Wrong(
        "78-unknown", {"initial": {"intercept": 0, "x": 1, "b": 1}}, "/initial/b", "unknown_parameter", "intercept, x"
    ),
    Wrong("78-missing", {"initial": {"x": 1}}, "/initial", "missing_parameter", "No value for intercept"),
    Wrong("78-null", {"initial": None}, "/initial", "wrong_type"),
    Wrong("78-null-value", {"initial": {"intercept": 0, "x": None}}, "/initial/x", "wrong_type"),
    Wrong("78-nested", {"initial": {"intercept": 0, "x": {"a": 1}}}, "/initial/x", "wrong_type"),
    *[
        Wrong(f"79-{field}", {field: "nonsense"}, f"/{field}", "unknown_choice", "there are: ")
        for field in ("optimizer", "loss", "penalty", "model", "learning_rate", "sampling", "scaling", "missing")
    ],
    Wrong("79-import", {"optimizer": "__import__"}, "/optimizer", "unknown_choice"),
    Wrong("79-schedule", {"learning_rate": {"schedule": "x"}}, "/learning_rate", "unknown_choice", "inverse_time"),
    Wrong("79-others", {"optimizer": ADAM | {"beta": 0.9}}, "/optimizer/beta", "unknown_field"),
    Wrong("81-linear", {"loss": "log_loss"}, "/loss", "invalid_settings", "which takes: squared"),
    Wrong("81-logistic", {"model": "logistic", "target": "fold", "loss": "squared"}, "/loss", "invalid_settings"),
    Wrong("81-fractions", {"model": "softmax", "target": "half"}, "/target", "invalid_settings", "no classes"),
    Wrong("81-many-numbers", {"model": "logistic", "target": "x"}, "/target", "invalid_settings", "24 classes"),
    Wrong("81-text", {"target": "kind"}, "/target", "invalid_settings", "take model 'softmax'"),
    Wrong("81-three", {"target": "kind", "model": "logistic"}, "/target", "invalid_settings", "take model 'softmax'"),
    Wrong("82-target", {"target": "gone", "missing": "drop"}, "/target", "insufficient_data", "leave the column out"),
    Wrong("82-weights-minus", {"weight_column": "w"}, "/weight_column", "invalid_settings", "holds -5"),
    Wrong("82-weights-zero", {"weight_column": "z"}, "/weight_column", "invalid_settings", "nothing but 0"),
    Wrong("82-weights-text", {"weight_column": "kind"}, "/weight_column", "invalid_settings", "holds text"),
    Wrong("82-column", {"validation": FOLD | {"column": "flod"}}, "/validation/column", "unknown_column", "'fold'?"),
    Wrong("82-value", {"validation": FOLD | {"value": "tset"}}, "/validation/value", "unknown_value", "test, train"),
    Wrong("82-dataset", {"validation": {"dataset": "ds_x"}}, "/validation/dataset", "unknown_dataset"),
]


@pytest.mark.parametrize("wrong", [pytest.param(wrong, id=wrong.id) for wrong in WRONG])
def test_a_setting(running: Stack, wrong: Wrong) -> None:
    """The place is said by its pointer, and the sentence holds the cure."""
    text = json.dumps({"target": "y", "features": ["x"], **wrong.settings})
    refusal = json.loads(check(running, Case(wrong.id, job(CSV, text), 422, wrong.code)).text)
    assert [place["pointer"] for place in refusal["errors"]] == [wrong.pointer]
    assert wrong.words in refusal["detail"]


def test_75_a_rate_too_small_for_a_float(running: Stack) -> None:
    """1e-400 is 0 as float64, so it is out of range like 0."""
    check(running, Case("75", settings_field(in_y(b'"learning_rate": 1e-400')), 422, "out_of_range"))


def test_78_a_hundred_thousand_initial_values(running: Stack) -> None:
    """Most of them, all wrong; the refusal names some of them."""
    uploaded = dataset(CSV)(running.base)
    assert isinstance(uploaded, requests.Response)
    settings = {"dataset": uploaded.json()["id"], "target": "y", "initial": {f"p{k}": 0 for k in range(100_000)}}
    found = check(running, Case("78", settings_body(json.dumps(settings)), 422, "unknown_parameter"))
    assert len(found.text) < 10_000


MANY = 100_001
BOUNDARIES = {"learning_rate": {"schedule": "piecewise", "values": [1], "boundaries": [""] * MANY}}
BY_NAME = {f"p{k}": 0 for k in range(MANY)}
TOO_MANY = {
    "73-members": (BY_NAME, "", "unknown_field"),
    "73-members-within": ({"optimizer": ADAM | BY_NAME}, "/optimizer", "unknown_field"),
    "78-initial": ({"initial": BY_NAME}, "/initial", "out_of_range"),
    "78-classes": ({"class_weight": BY_NAME}, "/class_weight", "out_of_range"),
    "78-features": ({"features": [0] * MANY}, "/features", "out_of_range"),
    "78-exclude": ({"exclude": [0] * MANY}, "/exclude", "out_of_range"),
    "78-boundaries": (BOUNDARIES, "/learning_rate/boundaries", "out_of_range"),
    "78-layers": ({"model": {"name": "network", "hidden": [""] * MANY}}, "/model/hidden", "out_of_range"),
}


@pytest.mark.parametrize(("settings", "pointer", "code"), TOO_MANY.values(), ids=TOO_MANY)
def test_too_many_members_are_counted_and_not_looked_at(settings: dict[str, Any], pointer: str, code: str) -> None:
    """What is wrong with each of a million members would take minutes to say."""
    with pytest.raises(InvalidSettings, match="members") as refusal:
        load_settings({"target": "y", **settings})
    assert [place.pointer for place in refusal.value.errors] == [pointer]
    assert refusal.value.code == code


def test_78_as_many_wrong_members_as_are_shown_are_looked_at() -> None:
    """The list is refused with the first of them."""
    with pytest.raises(InvalidSettings) as refusal:
        load_settings({"target": "y", "features": [0] * 100_000})
    assert [place.pointer for place in refusal.value.errors] == [f"/features/{k}" for k in range(MAX_PLACES)]


def test_80_more_memory_than_a_worker_has(running: Stack) -> None:
    """40,000 rows of ten texts with 50 levels each: two megabytes that would be half a gigabyte of matrix."""
    names = ",".join(f"c{k}" for k in range(40))
    lines = [",".join([f"t{(row * (k + 1)) % 50}" for k in range(40)]) for row in range(50)]
    csv = f"{names},y\n" + "".join(f"{lines[row % 50]},{row}\n" for row in range(40_000))
    settings = '{"target": "y", "batch_size": 32}'
    refusal = json.loads(check(running, Case("80", job(csv, settings), 422, "too_large_for_worker")).text)
    assert "40000 rows of" in refusal["detail"]
    assert "THALWEG_WORKER_MEMORY" in refusal["detail"]


def test_73_all_wrong_places_are_said_at_once(running: Stack) -> None:
    """Up to twenty of them."""
    settings = {"seed": -1, "optimizer": "addam", "labels": {"a": 1}, "tolerance": {"cost": -1}}
    case = Case("73-79", job(CSV, json.dumps({"target": "y", **settings})), 422)
    pointers = {place["pointer"] for place in json.loads(check(running, case).text)["errors"]}
    assert pointers == {"/seed", "/optimizer", "/labels/a", "/tolerance/cost"}
