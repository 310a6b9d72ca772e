"""Settings held against columns: every wrong name and size is found before a job is accepted."""

from typing import Any

import numpy as np
import pytest

from contract.checks.case import Case
from contract.checks.parameters import coefficient_names
from contract.checks.rows import training_rows
from contract.errors import MAX_PLACES
from contract.settings import load_settings
from engine.arrays import count
from engine.preparation import fit_preparation
from engine.split import split_rows
from engine.table import CategoryColumn, NumberColumn
from tests.support.columns import COLUMNS, ROWS, check, dataset, number, refused, text

NAMES = {column.name: column for column in COLUMNS}


SCALED: dict[str, Any] = {"features": ["rooms"]}
WRONG: list[tuple[str, dict[str, Any], str, str, str]] = [
    ("target", {"target": "prise"}, "/target", "unknown_column", "Did you mean 'price'?"),
    ("feature", {"features": ["rooms", "rivers"]}, "/features/1", "unknown_column", "Did you mean 'river'?"),
    ("exclude", {"exclude": ["aeg", "age"]}, "/exclude/0", "unknown_column", "Did you mean 'age'?"),
    ("listed", {"features": ["???"]}, "/features/0", "unknown_column", "there are: rooms, age, river, street"),
    ("target-feature", {"features": ["price"]}, "/features/0", "invalid_settings", "is the target"),
    ("target-excluded", {"exclude": ["age", "price"]}, "/exclude", "invalid_settings", "is the target"),
    ("twice", {"features": ["rooms", "river", "rooms"]}, "/features/2", "invalid_settings", "twice"),
    ("51-levels", {"features": ["street"]}, "/features/0", "invalid_settings", "holds 51 different texts"),
    ("1001-levels", {"features": ["id"]}, "/features/0", "invalid_settings", "holds more than 1000 different texts"),
    ("missing", {"features": ["rooms", "age"]}, "/missing", "missing_cells", "'age' has 3 missing cells"),
    ("missing-default", {}, "/missing", "missing_cells", "'age' has 3 missing cells"),
    ("nothing", {"features": [], "intercept": False}, "/features", "insufficient_data", "nothing to fit"),
    ("excluded-feature", {"features": ["rooms"], "exclude": ["rooms"]}, "/features/0", "invalid_settings", "excluded"),
    ("batch", {"exclude": ["age"], "batch_size": 101}, "/batch_size", "out_of_range", "training rows, 100"),
    (
        "batch-of-training-rows",
        {"exclude": ["age"], "batch_size": 81, "validation": {"fraction": 0.2}},
        "/batch_size",
        "out_of_range",
        "training rows, 80",
    ),
    (
        "no-validation",
        {"exclude": ["age"], "validation": {"fraction": 0.001}},
        "/validation/fraction",
        "out_of_range",
        "100 to train on and 0 to validate",
    ),
    (
        "no-training",
        {"exclude": ["age"], "validation": {"fraction": 0.999}},
        "/validation/fraction",
        "out_of_range",
        "0 to train on and 100 to validate",
    ),
    *[
        (
            f"divided-by-{divisor}",
            SCALED | {"scaling": {"divide_by": divisor}},
            "/scaling/divide_by",
            "out_of_range",
            words,
        )
        for divisor, words in [(1e-300, "take a larger divisor"), (1e300, "take a smaller divisor")]
    ],
    *[
        (
            f"far-{name}",
            SCALED | {"initial": {"intercept": 0, "rooms": 0, name: 1e300}},
            f"/initial/{name}",
            "out_of_range",
            "nearer",
        )
        for name in ("intercept", "rooms")
    ],
    (
        "initial-unknown",
        {"features": ["rooms"], "initial": {"intercept": 0, "rooms": 1, "a/b": 1}},
        "/initial/a~1b",
        "unknown_parameter",
        "there are: intercept, rooms.",
    ),
    (
        "initial-missing",
        {"features": ["rooms", "river"], "initial": {"intercept": 0, "rooms": 1}},
        "/initial",
        "missing_parameter",
        "No value for river=yes",
    ),
    (
        "initial-softmax",
        {"features": ["rooms"], "target": "river", "model": "softmax", "initial": {"intercept": 0, "rooms": 1}},
        "/initial",
        "invalid_settings",
        "take 'zeros' or 'random'",
    ),
    (
        "initial-first-level",
        {"features": ["river"], "initial": {"intercept": 0, "river=yes": 1, "river=no": 1}},
        "/initial/river=no",
        "unknown_parameter",
        "there are: intercept, river=yes.",
    ),
    (
        "initial-no-intercept",
        {"features": ["rooms"], "intercept": False, "initial": {"intercept": 0, "rooms": 1}},
        "/initial/intercept",
        "unknown_parameter",
        "there are: rooms.",
    ),
]


@pytest.mark.parametrize(
    ("settings", "pointer", "code", "words"), [row[1:] for row in WRONG], ids=[r[0] for r in WRONG]
)
def test_what_does_not_fit_is_refused_where_it_stands(
    settings: dict[str, Any], pointer: str, code: str, words: str
) -> None:
    error = refused(**settings)
    assert [place.pointer for place in error.errors] == [pointer]
    assert error.code == code
    assert words in error.errors[0].detail


def test_features_default_to_all_other_usable_columns() -> None:
    """The effective settings name them, in the order of the file, and what was left out is said."""
    checked = check(exclude=["age", "city"])
    assert checked.settings.features == ["rooms", "river"]
    assert checked.settings.dataset == "ds_x"
    (warning,) = checked.warnings
    assert (warning["code"], warning["pointer"]) == ("columns_left_out", "/features")
    for left_out in (
        "'street' (51 different texts)",
        "'country' (the same text everywhere)",
        "'id' (more than 1000 different texts)",
    ):
        assert left_out in warning["detail"]
    assert "river" not in warning["detail"]


def test_excluded_columns_are_left_out_silently() -> None:
    checked = check(exclude=["age", "street", "country", "id"])
    assert checked.settings.features == ["rooms", "river", "city"]
    assert checked.warnings == []


@pytest.mark.parametrize("missing", [0, 2])
def test_a_different_text_in_every_row_is_no_category(missing: int) -> None:
    """A name or an id of few rows has few levels and tells nothing all the same."""
    given = dataset(text("name", "a", "b", "c", missing=missing), number("price"), rows=3 + missing)
    checked = check(given)
    assert checked.settings.features == []
    assert "'name' (a different text in every row)" in checked.warnings[0]["detail"]
    assert "a different text in every row" in refused(given, features=["name"]).detail


def test_a_constant_text_may_be_named() -> None:
    """It is dropped by the worker, as constant numbers are."""
    assert check(features=["rooms", "country"]).settings.features == ["rooms", "country"]


def test_exactly_fifty_levels_are_categories() -> None:
    assert check(features=["city"]).settings.features == ["city"]


@pytest.mark.parametrize(
    ("intercept", "expected"),
    [
        (True, ["intercept", "rooms", "river=yes"]),
        (False, ["rooms", "river=no", "river=yes"]),
    ],
)
def test_parameters_have_the_names_that_the_engine_gives_them(intercept: bool, expected: list[str]) -> None:
    settings = load_settings({"target": "price", "features": ["rooms", "river"], "intercept": intercept})
    assert coefficient_names(Case(settings, NAMES, ROWS)) == expected
    table = {
        "rooms": NumberColumn(np.arange(4.0)),
        "river": CategoryColumn(np.array([0, 1, 0, 1], np.int32), ("no", "yes")),
    }
    fitted = fit_preparation(table, ["rooms", "river"], slice(None), intercept=intercept, scaling="none")
    assert [name for name in expected if name != "intercept"] == list(fitted.names)


def test_initial_with_the_right_names_is_taken() -> None:
    initial = {"intercept": 1, "rooms": 2, "river=yes": 3}
    assert check(features=["rooms", "river"], initial=initial).settings.initial == initial


@pytest.mark.parametrize("rows", [2, 3, 7, 10, 101])
@pytest.mark.parametrize("fraction", [0.1, 0.25, 0.5, 0.9])
def test_training_rows_are_those_of_the_engine(rows: int, fraction: float) -> None:
    """The API counts before the engine splits: both must round the same way, and refuse the same."""
    settings = load_settings({"target": "price", "validation": {"fraction": fraction}})
    counted = training_rows(Case(settings, NAMES, rows))
    if 0 < counted < rows:
        assert counted == count(split_rows(rows, fraction, "random", 0).train)
    else:
        with pytest.raises(ValueError, match="must be at least 1"):
            split_rows(rows, fraction, "random", 0)


@pytest.mark.parametrize(
    "settings",
    [
        {"features": [f"x{k}" for k in range(100_000)]},
        {"exclude": [f"x{k}" for k in range(100_000)]},
        {"features": ["rooms"], "initial": {f"x{k}": 0 for k in range(100_000)}},
    ],
    ids=["features", "exclude", "initial"],
)
def test_a_flood_of_wrong_names_is_cut(settings: dict[str, Any]) -> None:
    """Each wrong name costs a search for the nearest one, so the search ends with what is shown."""
    assert len(refused(**settings).errors) == MAX_PLACES


def test_ten_thousand_columns_are_checked_at_once() -> None:
    """As many columns as a dataset may have, each named: the work grows with their number, not with its square."""
    given = dataset(*(number(f"x{k}") for k in range(10_000)), number("price"))
    features = [f"x{k}" for k in range(10_000)]
    assert check(given, features=features).settings.features == features
    assert check(given, exclude=features[1:]).settings.features == ["x0"]
    assert "and 9951 more" in refused(given, target="prise").detail
