"""Networks before they run: layers within bounds, a loss that the target decides, and what a network cannot have."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from contract.class_target import with_classes
from contract.columns import Checked, check_columns
from contract.errors import FieldError, InvalidSettings
from contract.settings import load_settings
from tests.support.columns import check, dataset, number, refused, text
from tests.support.datasets import write_dataset

GIVEN = dataset(number("x"), text("colour", "blue", "green", "red"), number("y", 0, 9.5))
PLAIN = {"target": "y", "model": "network"}


def places(**settings: Any) -> list[tuple[str, str]]:
    error = refused(GIVEN, **{**PLAIN, **settings})
    return [(place.pointer, place.detail) for place in error.errors]


def network(**members: Any) -> dict[str, Any]:
    return {"name": "network", **members}


def test_what_is_not_said() -> None:
    """The defaults of a network, and how long it may take."""
    settings = check(GIVEN, **PLAIN).settings
    assert settings.model == network(hidden=[128], activation="relu", dtype="float64")
    assert (settings.max_iterations, settings.batch_size, settings.loss) == (50, None, {"name": "squared"})
    assert check(GIVEN, **PLAIN, batch_size=8).settings.max_iterations == 50
    assert check(GIVEN, **PLAIN, max_iterations=7).settings.max_iterations == 7
    assert check(GIVEN, **PLAIN).warnings == []


@pytest.mark.parametrize(
    ("members", "place", "words"),
    [
        ({"hidden": [1] * 11}, "/model/hidden", "at most 10 members, not 11"),
        ({"hidden": [5, 0]}, "/model/hidden/1", "at least 1"),
        ({"hidden": [10_001]}, "/model/hidden/0", "at most 10000"),
        ({"hidden": [2.5]}, "/model/hidden/0", "whole number"),
        ({"hidden": 128}, "/model/hidden", "list"),
        ({"activation": "rellu"}, "/model/activation", "Did you mean 'relu'"),
        ({"dtype": "float16"}, "/model/dtype", "float64, float32"),
        ({"layers": 3}, "/model/layers", "no field"),
        ({"hidden": [1000, 1000]}, "/model/hidden", "1007001 parameters and may have 1000000"),
    ],
    ids=["layers", "no-unit", "units", "half", "number", "activation", "dtype", "unknown", "parameters"],
)
def test_layers(members: dict[str, Any], place: str, words: str) -> None:
    """Each bound is refused at its place; the most parameters are those of all layers, with all levels as inputs."""
    ((found, detail),) = places(model=network(**members))
    assert (found, words in detail) == (place, True), detail


@pytest.mark.parametrize("hidden", [[], [1], [1] * 10, [10_000]], ids=len)
def test_layers_at_the_bounds(hidden: list[int]) -> None:
    assert check(GIVEN, target="y", model=network(hidden=hidden)).settings.model["hidden"] == hidden


@pytest.mark.parametrize(
    ("settings", "place", "words"),
    [
        ({"intercept": False}, "/intercept", "bias"),
        ({"initial": {"x": 1.0}}, "/initial", "'auto'"),
        ({"initial": "zeros"}, "/initial", "alike"),
        ({"loss": "hinge"}, "/loss", "squared, log_loss"),
        ({"loss": "log_loss"}, "/target", "loss 'squared'"),
        ({"target": "colour", "loss": "squared"}, "/target", "loss 'log_loss'"),
    ],
    ids=["intercept", "initial", "zeros", "loss", "classes", "numbers"],
)
def test_what_does_not_fit(settings: dict[str, Any], place: str, words: str) -> None:
    ((found, detail),) = places(**settings)
    assert (found, words in detail) == (place, True), detail


def test_zeros_where_there_is_nothing_hidden() -> None:
    """Without hidden layers the cost is convex and any start will do."""
    assert check(GIVEN, target="y", model=network(hidden=[]), initial="zeros").settings.initial == "zeros"


def decided(folder: Path, cells: Any, **settings: Any) -> Checked:
    """Settings held against columns x and y of which y has the given cells."""
    values = np.array(cells, dtype=np.float64)
    written = write_dataset(folder, {"x": np.arange(values.size) * 1.0, "y": values})
    low, high = float(values.min()), float(values.max())
    loaded = load_settings({**PLAIN, **settings})
    given = dataset(number("x"), number("y", low, high), rows=values.size, id=written)
    return check_columns(loaded, with_classes(given, loaded, folder))


@pytest.mark.parametrize(
    ("cells", "loss"),
    [(np.arange(100) / 7, "squared"), (np.arange(51), "squared"), ([3, 3, 3], "squared")],
    ids=["fractions", "51", "constant"],
)
def test_numbers_that_are_no_classes(tmp_path: Path, cells: Any, loss: str) -> None:
    """Fractions and many different whole numbers are quantities, whoever says nothing."""
    assert decided(tmp_path, cells).settings.loss == {"name": loss}


@pytest.mark.parametrize("cells", [[0, 1, 1, 0], np.arange(50)], ids=["two", "50"])
def test_numbers_that_may_be_classes(tmp_path: Path, cells: Any) -> None:
    """Few whole numbers are refused with the two ways out, and each of them is taken."""
    with pytest.raises(InvalidSettings) as caught:
        decided(tmp_path, cells)
    (place,) = caught.value.errors
    assert isinstance(place, FieldError)
    assert (place.pointer, place.code) == ("/loss", "missing_field")
    for words in ("'log_loss'", "'squared'", 'types={"y": "category"}', f"{len(set(cells))} different"):
        assert words in place.detail
    for loss in ("log_loss", "squared"):
        assert decided(tmp_path, cells, loss=loss).settings.loss == {"name": loss}


def test_text_is_classes() -> None:
    settings = check(GIVEN, target="colour", model="network").settings
    assert (settings.loss, settings.predicts_classes) == ({"name": "log_loss"}, True)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_memory(dtype: str) -> None:
    """A matrix that does not fit is refused before the job is queued; float32 takes half of it."""
    given = dataset(*(number(f"x{k}") for k in range(784)), number("y"), rows=1_000_000)
    settings = {"target": "y", "model": network(dtype=dtype), "batch_size": 32}
    needed = 1_000_000 * 784 * (8 if dtype == "float64" else 4)
    assert refused(given, memory=needed, **settings).errors[0].code == "too_large_for_worker"
    assert check(given, memory=1.1 * needed, **settings)
