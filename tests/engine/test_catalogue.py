"""The docstrings of what settings may name begin with a formula and a reference, which the catalogue shows."""

from collections.abc import Mapping
from typing import Any

import pytest

from engine.catalogue import MODEL_FORMULAS, Described, described
from engine.losses import LOSSES
from engine.models import MODELS
from engine.optimizers import OPTIMIZERS
from engine.penalties import PENALTIES
from engine.schedules import SCHEDULES

KINDS: Mapping[str, type[Any]] = {**LOSSES, **OPTIMIZERS, **PENALTIES, **SCHEDULES}
WITHOUT_SOURCE = {"constant", "none"}


@pytest.mark.parametrize("name", KINDS)
def test_a_formula_and_its_source(name: str) -> None:
    """If this fails, let the docstring begin with ``formula (author year).`` and an empty line after it."""
    formula, reference = described(KINDS[name])
    assert formula
    assert (reference is None) == (name in WITHOUT_SOURCE)


def test_every_model_is_described() -> None:
    assert MODEL_FORMULAS.keys() >= MODELS.keys()


@pytest.mark.parametrize(
    ("docstring", "expected"),
    [
        (
            "√x (if x > 0)\n    for x (Heron; Newton 1669).\n\n    More (2026).",
            ("√x (if x > 0) for x", "Heron; Newton 1669"),
        ),
        ("The same (always).", ("The same (always)", None)),
    ],
)
def test_the_first_paragraph_is_taken_apart(docstring: str, expected: Described) -> None:
    """A reference stands in the last parentheses and names a year; whatever else is in parentheses is formula."""
    assert described(type("Kind", (), {"__doc__": docstring})) == expected
