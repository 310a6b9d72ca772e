"""Columns in their roles: target, weights, held-out rows, missing cells; what runs with a warning, and what never."""

from typing import Any

import pytest

from contract.dataset import ColumnSummary, Dataset
from tests.support.columns import ROWS, check, dataset, number, refused, text

GIVEN = dataset(
    number("x"),
    number("w", 0.0, 5.0),
    number("minus", -0.5, 5.0),
    number("zero", 0.0, 0.0),
    number("gaps", missing=10),
    number("empty", None, None, missing=ROWS),
    number("year", 1990, 1999),
    text("fold", "test", "train"),
    text("colour", "blue", "green", "red", missing=30),
    text("one", "CH"),
    ColumnSummary("id", "category", 0, levels=1001),
    number("y"),
)
FEW = {"target": "y", "features": ["x"]}
FOLD = {"column": "fold", "value": "test"}

WRONG: list[tuple[str, dict[str, Any], str, str, str]] = [
    # the target and the model
    ("linear-two", {"target": "fold"}, "/target", "invalid_settings", "take model 'logistic'"),
    ("linear-three", {"target": "colour"}, "/target", "invalid_settings", "take model 'softmax'"),
    ("linear-one", {"target": "one"}, "/target", "invalid_settings", "the same text everywhere"),
    (
        "logistic-three",
        {"target": "colour", "model": "logistic"},
        "/target",
        "invalid_settings",
        "take model 'softmax'",
    ),
    ("logistic-one", {"target": "one", "model": "logistic"}, "/target", "invalid_settings", "needs two"),
    ("logistic-number", {"model": "logistic"}, "/target", "invalid_settings", "numbers that are no classes"),
    ("softmax-number", {"model": "softmax"}, "/target", "invalid_settings", 'types={"y": "category"}'),
    ("softmax-one", {"target": "one", "model": "softmax"}, "/target", "invalid_settings", "needs two"),
    ("softmax-1001", {"target": "id", "model": "softmax"}, "/target", "invalid_settings", "more than 1000"),
    (
        "poisson",
        {"target": "minus", "loss": "poisson"},
        "/target",
        "invalid_settings",
        "holds -0.5; the loss 'poisson'",
    ),
    # class weights
    ("class-numbers", {"class_weight": "balanced"}, "/class_weight", "invalid_settings", "take weight_column"),
    (
        "class-unknown",
        {"target": "fold", "model": "logistic", "class_weight": {"train": 1, "test": 1, "tset/": 2}},
        "/class_weight/tset~1",
        "unknown_value",
        "the classes are: test, train.",
    ),
    (
        "class-missing",
        {"target": "fold", "model": "softmax", "class_weight": {"train": 1}},
        "/class_weight",
        "missing_field",
        "no weight for test;",
    ),
    # weights
    ("weights-unknown", {"weight_column": "wheight"}, "/weight_column", "unknown_column", "there are: x, w,"),
    ("weights-text", {"weight_column": "fold"}, "/weight_column", "invalid_settings", "holds text"),
    ("weights-target", {"weight_column": "y"}, "/weight_column", "invalid_settings", "is the target"),
    ("weights-minus", {"weight_column": "minus"}, "/weight_column", "invalid_settings", "holds -0.5"),
    ("weights-zero", {"weight_column": "zero"}, "/weight_column", "invalid_settings", "nothing but 0"),
    ("weights-gaps", {"weight_column": "gaps"}, "/missing", "missing_cells", '"drop" leaves their rows out'),
    ("weights-empty", {"weight_column": "empty"}, "/weight_column", "insufficient_data", "Every cell"),
    # rows held out by a column
    ("fold", {"validation": {"column": "flod", "value": 1}}, "/validation/column", "unknown_column", "mean 'fold'"),
    ("fold-y", {"validation": {"column": "y", "value": 1}}, "/validation/column", "invalid_settings", "the target"),
    ("fold-id", {"validation": {"column": "id", "value": "a"}}, "/validation/column", "invalid_settings", "1000"),
    ("fold-value", {"validation": FOLD | {"value": "tset"}}, "/validation/value", "unknown_value", "test, train"),
    ("fold-number", {"validation": FOLD | {"value": 1}}, "/validation/value", "wrong_type", "in quotes"),
    ("fold-text", {"validation": {"column": "year", "value": "1995"}}, "/validation/value", "wrong_type", "without"),
    ("fold-after", {"validation": {"column": "year", "value": 2000}}, "/validation/value", "unknown_value", "1999"),
    ("fold-before", {"validation": {"column": "year", "value": 1989.5}}, "/validation/value", "unknown_value", "1990"),
    ("fold-all", {"validation": {"column": "one", "value": "CH"}}, "/validation/value", "insufficient_data", "Every"),
    ("fold-zero", {"validation": {"column": "zero", "value": 0}}, "/validation/value", "insufficient_data", "Every"),
    (
        "fold-gaps",
        {"validation": {"column": "gaps", "value": 0}},
        "/missing",
        "missing_cells",
        '"drop" leaves their rows out',
    ),
    ("fold-batch", {"validation": FOLD, "batch_size": ROWS}, "/batch_size", "out_of_range", "training rows, 99"),
    # missing cells
    ("gaps", {"features": ["x", "gaps"]}, "/missing", "missing_cells", '"mean" fills them, or exclude'),
    ("gaps-target", {"target": "gaps"}, "/missing", "missing_cells", '"drop" leaves their rows out.'),
    ("empty-target", {"target": "empty", "missing": "drop"}, "/target", "insufficient_data", "Every cell"),
    ("empty-mean", {"features": ["empty"], "missing": "mean"}, "/features/0", "insufficient_data", "Every cell"),
    ("drop-batch", {"features": ["gaps"], "missing": "drop", "batch_size": 91}, "/batch_size", "out_of_range", "90"),
    (
        "drop-target",
        {"target": "gaps", "missing": "mean", "validation": {"fraction": 0.1}, "batch_size": 82},
        "/batch_size",
        "out_of_range",
        "81",
    ),
    # nothing to fit
    ("constants", {"features": ["zero", "one"], "intercept": False}, "/features", "insufficient_data", "cells differ"),
]


@pytest.mark.parametrize(
    ("settings", "pointer", "code", "words"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG]
)
def test_a_column_that_cannot_play_its_role_is_refused(
    settings: dict[str, Any], pointer: str, code: str, words: str
) -> None:
    error = refused(GIVEN, **(FEW | settings))
    assert [(place.pointer, place.code or "invalid_settings") for place in error.errors] == [(pointer, code)]
    assert words in error.errors[0].detail


@pytest.mark.parametrize(
    "settings",
    [
        {"target": "fold", "model": "logistic"},
        {"target": "fold", "model": "softmax"},
        {"target": "colour", "model": "softmax", "missing": "drop"},
        {"target": "fold", "model": "softmax", "class_weight": {"train": 1, "test": 2}},
        {"target": "fold", "model": "logistic", "class_weight": "balanced"},
        {"loss": "poisson"},
        {"target": "minus", "loss": "absolute"},
        {"weight_column": "w"},
        {"weight_column": "w", "features": ["x", "w"]},
        {"weight_column": "gaps", "missing": "mean"},
        {"validation": FOLD},
        {"validation": {"column": "year", "value": 1995}},
        {"validation": {"column": "gaps", "value": 0}, "missing": "mean"},
        {"features": ["x", "gaps", "colour"], "missing": "mean"},
        {"features": ["x", "gaps", "colour"], "missing": "drop"},
        {"target": "gaps", "missing": "drop"},
    ],
    ids=str,
)
def test_a_column_that_fits_its_role_is_taken(settings: dict[str, Any]) -> None:
    codes = {warning["code"] for warning in check(GIVEN, **(FEW | settings)).warnings}
    assert codes <= {"rows_left_out"}


def test_columns_in_other_roles_are_no_features_by_default() -> None:
    excluded = ["minus", "zero", "gaps", "empty", "colour", "one", "id"]
    checked = check(GIVEN, target="y", weight_column="w", validation=FOLD, exclude=excluded)
    assert checked.settings.features == ["x", "year"]


def test_an_empty_column_is_no_feature_by_default() -> None:
    checked = check(dataset(number("x"), number("empty", None, None, missing=ROWS), number("y")), target="y")
    assert checked.settings.features == ["x"]
    assert "'empty' (every cell is missing)" in checked.warnings[0]["detail"]


@pytest.mark.parametrize(("low", "std"), [(1e-200, 0.0), (0.0, 1e-150)], ids=["no-square", "no-digits"])
@pytest.mark.parametrize(("name", "pointer"), [("x", "/features/0"), ("y", "/target")], ids=["feature", "target"])
def test_cells_too_near_each_other_to_square_are_refused(name: str, pointer: str, low: float, std: float) -> None:
    """Their variance would be zero, or without digits: any parameters would look perfect."""
    near = number(name, low, 1e-149)._replace(std=std)
    error = refused(dataset(near, number("x" if name == "y" else "y")), target="y")
    assert [(place.pointer, place.code) for place in error.errors] == [(pointer, "out_of_range")]
    assert "1e-149 at most, too little to square; use a smaller unit" in error.detail


@pytest.mark.parametrize(
    ("given", "settings", "code", "words"),
    [
        (dataset(number("x"), number("y", 2, 2)), {}, "constant_target", "All cells of 'y' are the same"),
        (dataset(number("x"), number("y"), rows=1), {}, "few_rows", "1 training rows cannot determine 2 parameters"),
        (dataset(text("k", *"abcde"), number("y"), rows=4), {"features": ["k"]}, "few_rows", "determine 5 parameters"),
        (
            dataset(number("x")._replace(missing=2), number("y")._replace(missing=3)),
            {"missing": "drop"},
            "rows_left_out",
            "rows are left out for missing cells: 'y' (3), 'x' (2).",
        ),
        (
            dataset(number("x")._replace(missing=2), number("y")._replace(missing=3)),
            {"missing": "mean"},
            "rows_left_out",
            ": 'y' (3).",
        ),
        (
            dataset(number("x"), number("x")._replace(name="again"), number("z"), number("y")),
            {},
            "duplicate_columns",
            "'x' and 'again'.",
        ),
    ],
    ids=["target", "row", "levels", "drop", "mean", "duplicate"],
)
def test_what_runs_but_tells_little_is_warned_of(
    given: Dataset, settings: dict[str, Any], code: str, words: str
) -> None:
    (warning,) = check(given, **({"target": "y"} | settings)).warnings
    assert (warning["code"], warning["pointer"][0]) == (code, "/")
    assert words in warning["detail"]


@pytest.mark.parametrize("missing", ["drop", "mean"])
def test_a_gap_in_the_column_that_says_what_is_held_out_leaves_its_row_out(missing: str) -> None:
    """Nobody knows on which side such a row stands, so it is on none."""
    settings = FEW | {"validation": {"column": "gaps", "value": 0}, "missing": missing}
    (warning,) = check(GIVEN, **settings).warnings
    assert (warning["code"], "'gaps' (10)" in warning["detail"]) == ("rows_left_out", True)


def test_a_value_that_all_known_cells_have_leaves_nothing_to_train_on() -> None:
    """The rows of the missing cells are on neither side."""
    given = dataset(number("x"), text("fold", "test", missing=10), number("y"))
    error = refused(given, **FEW, missing="drop", validation=FOLD)
    assert [(place.pointer, place.code) for place in error.errors] == [("/validation/value", "insufficient_data")]
    assert error.detail.startswith("validation.value: Every cell of column 'fold' that is not missing is 'test'")


TRAINED = dataset(number("x"), text("colour", "blue", "red"), text("class", "a", "b"), number("y"))
OTHERS: list[tuple[str, tuple[ColumnSummary, ...], dict[str, Any], str]] = [
    ("no-target", (number("x"),), {}, "Has no column 'y'"),
    ("no-feature", (number("y"),), {}, "Has no column 'x'"),
    ("no-weights", (number("x"), number("y")), {"weight_column": "x2"}, "Has no column 'x2'"),
    ("type", (text("x", "1", "2"), number("y")), {}, "'x' holds text and that of the training rows numbers"),
    ("poisson", (number("x"), number("y", -2.0)), {"loss": "poisson"}, "'y' holds -2; the loss 'poisson'"),
    ("gaps", (number("x", missing=1), number("y")), {}, "has 1 missing cell;"),
    (
        "levels",
        (number("x"), text("colour", "green", "red"), number("y")),
        {"features": ["colour"], "missing": "drop"},
        "holds texts that the training rows do not have: green.",
    ),
    (
        "classes",
        (number("x"), text("class", "b", "c")),
        {"target": "class", "model": "softmax", "missing": "mean"},
        "holds texts that the training rows do not have: c.",
    ),
]


@pytest.mark.parametrize(("columns", "settings", "words"), [row[1:] for row in OTHERS], ids=[row[0] for row in OTHERS])
def test_held_out_rows_of_another_dataset_must_be_of_the_same_kind(
    columns: tuple[ColumnSummary, ...], settings: dict[str, Any], words: str
) -> None:
    trained = dataset(*TRAINED.columns, number("x2"))
    held_out = dataset(*columns, id="ds_other")
    error = refused(trained, held_out, **(FEW | {"validation": {"dataset": "ds_other"}} | settings))
    assert [place.pointer for place in error.errors] == ["/validation/dataset"]
    assert words in error.detail


@pytest.mark.parametrize(
    ("columns", "missing"),
    [
        ((number("y"), number("x"), text("more", "a")), "error"),
        ((text("colour", "red"), number("x"), number("y")), "error"),
        ((text("colour", "green"), number("x", missing=1), number("y")), "mean"),
    ],
    ids=["order", "fewer-levels", "filled"],
)
def test_held_out_rows_of_the_same_kind_are_taken(columns: tuple[ColumnSummary, ...], missing: str) -> None:
    features = ["x", "colour"] if any(column.name == "colour" for column in columns) else ["x"]
    settings = FEW | {"validation": {"dataset": "ds_other"}, "missing": missing, "features": features}
    assert check(TRAINED, dataset(*columns, id="ds_other"), **settings).warnings == []


def test_a_dataset_does_not_validate_itself() -> None:
    error = refused(TRAINED, TRAINED, **FEW, validation={"dataset": "ds_x"})
    assert [place.pointer for place in error.errors] == ["/validation/dataset"]


def test_more_memory_than_a_worker_may_use_is_refused_with_the_estimate() -> None:
    """A hundred million rows of three columns, and what is left once the batches that read them again are gone."""
    given = dataset(number("x"), number("z"), number("y"), rows=100_000_000)
    error = refused(given, target="y", batch_size=100, memory=4 << 30)
    assert (error.code, [place.pointer for place in error.errors]) == ("too_large_for_worker", ["/features"])
    assert "100000000 rows of 3 matrix columns take about 6.9 GiB and a worker may use 4.0 GiB" in error.detail
    assert "a full batch" in error.detail
    assert check(given, target="y", memory=5 << 30).warnings == []


def test_held_out_rows_of_another_dataset_take_memory_too() -> None:
    given, other = dataset(number("x"), number("y")), dataset(number("x"), number("y"), rows=10**8, id="ds_other")
    settings = {"target": "y", "validation": {"dataset": "ds_other"}}
    assert check(given, target="y", memory=1 << 30).warnings == []
    assert refused(given, other, **settings, memory=1 << 30).code == "too_large_for_worker"


@pytest.mark.parametrize(
    "validation", [{"fraction": 0.5}, {"column": "side", "value": 1}, {"dataset": "ds_other"}], ids=str
)
def test_each_side_of_the_split_is_asked_whether_its_matrix_is_held(validation: dict[str, Any]) -> None:
    """Least squares of 5000 rows and 4000 columns needs no matrix; of 2500 rows each side has more columns, and one."""
    columns, memory = [number(f"x{k}") for k in range(4000)], 1_050_000_000
    half, side = 2500 if "dataset" in validation else 5000, [number("side")] if "column" in validation else []
    given, other = (dataset(*columns, number("y"), *side, rows=half, id=name) for name in ("ds_x", "ds_other"))
    settings = {"target": "y", "features": [column.name for column in columns], "memory": memory}
    assert check(dataset(*columns, number("y"), rows=5000), **settings)
    held_out = other if "dataset" in validation else None
    assert refused(given, held_out, **settings, validation=validation).code == "too_large_for_worker"


def test_a_model_has_at_most_a_million_parameters() -> None:
    columns = [number(f"x{k}") for k in range(1001)]
    given = dataset(*columns, text("kind", *(f"k{k}" for k in range(1000))), rows=2000)
    error = refused(given, target="kind", model="softmax")
    assert (error.code, error.errors[0].pointer) == ("out_of_range", "/features")
    assert "1002000 parameters" in error.detail
