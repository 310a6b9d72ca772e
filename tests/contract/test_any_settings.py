"""Whatever a document holds, it becomes settings or a refusal with places; nothing else is ever raised."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from contract.columns import Checked, check_columns
from contract.errors import MAX_PLACES, InvalidSettings
from contract.settings import load_settings
from contract.settings_schema import SettingsSchema
from tests.support.columns import COLUMNS, dataset

NAMES = [column.name for column in COLUMNS]
CHOICES = [
    "auto",
    "adam",
    "momentum",
    "linear",
    "logistic",
    "softmax",
    "squared",
    "log_loss",
    "drop",
    "mean",
    "minmax",
    "l1",
    "l2",
    "elastic_net",
]
WORDS = st.sampled_from([*NAMES, *CHOICES])
NUMBERS = st.integers(-2, 200) | st.floats() | st.integers()
MEMBERS = st.sampled_from(
    [
        *("name", "beta", "schedule", "t0", "t1", "fraction", "method", "column", "value", "dataset", "divide_by"),
        *("strength", "l1_ratio", "cost", "patience", "min_delta", "every", "intercept", "rooms", "river=yes"),
    ]
)
LEAVES = st.none() | st.booleans() | NUMBERS | WORDS | st.text(max_size=5)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(MEMBERS | st.text(max_size=3), inner, max_size=3),
)
DOCUMENTS = st.dictionaries(st.sampled_from(sorted(SettingsSchema().fields)), VALUES, max_size=5)


def verdict(document: dict[str, Any]) -> Checked | InvalidSettings:
    try:
        return check_columns(load_settings(document), dataset())
    except InvalidSettings as error:
        return error


def same(checked: Checked) -> bool:
    """Whether the settings that a job shows are taken for what they are."""
    shown = json.loads(json.dumps(checked.settings.to_json(), allow_nan=False))
    return check_columns(load_settings(shown), dataset()).settings == checked.settings


@settings(max_examples=2 * settings.default.max_examples, derandomize=True, database=None, deadline=None)
@given(DOCUMENTS, st.booleans())
def test_any_document_is_taken_or_refused_in_words(document: dict[str, Any], sane: bool) -> None:
    """Refusals can be sent and say their places; what is taken can be stored and taken again."""
    found = verdict({"target": "price", **document} if sane else document)
    if isinstance(found, Checked):
        assert same(found)
    else:
        assert 1 <= len(found.errors) <= MAX_PLACES
        assert json.dumps([found.detail, found.places()], ensure_ascii=False).encode()
        assert all(place.pointer == "" or place.pointer.startswith("/") for place in found.errors)


FITTING = st.fixed_dictionaries(
    {"target": st.just("price"), "features": st.lists(st.sampled_from(["rooms", "river", "city"]), unique=True)},
    optional={
        "weight_column": st.sampled_from(["rooms", None]),
        "batch_size": st.none() | st.integers(1, 110),
        "validation": st.none()
        | st.fixed_dictionaries({"fraction": st.floats(0.001, 0.999)})
        | st.sampled_from([{"column": "river", "value": "no"}, {"column": "rooms", "value": 0.5}]),
        "scaling": st.sampled_from(["standard", "minmax", "none", {"divide_by": 2}]),
        "missing": st.sampled_from(["error", "drop", "mean"]),
        "intercept": st.booleans(),
        "tolerance": st.fixed_dictionaries({"cost": st.floats(0, 1)}),
        "optimizer": st.sampled_from(["auto", "adam", {"name": "momentum", "beta": 0.5}]),
        "seed": st.integers(0, 2**64 - 1),
    },
)


@settings(derandomize=True, database=None, deadline=None)
@given(FITTING)
def test_effective_settings_are_a_fixed_point(document: dict[str, Any]) -> None:
    """Posting what a job shows as its settings gives the same settings."""
    found = verdict(document)
    if isinstance(found, Checked):
        assert same(found)
    else:
        assert {place.pointer for place in found.errors} <= {"/batch_size", "/validation/fraction", "/features"}
