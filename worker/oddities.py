"""What only the rows themselves show, and a user should know before the first iteration."""

from collections.abc import Collection, Iterator
from typing import Any, Final

import numpy as np

from contract.checks.case import listed_names
from engine.moments import MomentsCost
from engine.preparation import Preparation
from engine.problems import LinearProblem, Problem
from worker.data import Data

SAID: Final = {"few_rows", "duplicate_columns"}
"""Warnings after which it is no news that columns follow from others."""


def oddities(data: Data, problem: Problem, said: Collection[str]) -> list[dict[str, Any]]:
    """Warnings ``{code, detail, pointer}``; ``said`` are the codes of those that the job has already."""
    found = [*_constant_columns(data.preparation), *_untrained_categories(data), *_untrained_classes(data)]
    return found if SAID & set(said) else [*found, *_dependent_columns(problem)]


def _constant_columns(preparation: Preparation) -> Iterator[dict[str, Any]]:
    if preparation.constant:
        detail = f"Constant in the training rows, so they have no coefficient: {', '.join(preparation.constant)}."
        yield {"code": "constant_columns", "detail": detail, "pointer": "/features"}


def _untrained_categories(data: Data) -> Iterator[dict[str, Any]]:
    """Categories that only held-out rows have: these are measured without what the category adds."""
    for name, rows in data.untrained.items():
        detail = (
            f"{rows} held-out {'row has' if rows == 1 else 'rows have'} a category in column {name!r} that no training "
            "row has, and count as the base one in the metrics; to predictions it is unknown. Hold out other rows."
        )
        yield {"code": "untrained_categories", "detail": detail, "pointer": "/validation"}


def _untrained_classes(data: Data) -> Iterator[dict[str, Any]]:
    """Classes that only held-out rows have, or rows of weight zero."""
    if not data.classes:
        return
    counts = np.bincount(data.train.y.astype(np.intp), data.train.weights, minlength=len(data.classes))
    if missing := [name for name, count in zip(data.classes, counts, strict=True) if not count]:
        detail = f"No training row that counts is of the classes {listed_names(missing)}, so they cannot be learnt."
        cure = "Hold out other rows." if data.held_out is not None else "Give some of their rows a weight."
        pointer = "/validation" if data.held_out is not None else "/weight_column"
        yield {"code": "untrained_classes", "detail": f"{detail} {cure}", "pointer": pointer}


def _dependent_columns(problem: Problem) -> Iterator[dict[str, Any]]:
    full = problem.full if isinstance(problem, LinearProblem) else None
    if isinstance(full, MomentsCost) and full.dependent:
        follow = "follows" if full.dependent == 1 else "follow"
        detail = (
            f"To the precision of float64, {full.dependent} of the columns of the fit {follow} from the others: what "
            "tells them apart is not fitted, and the optimum is that without it. Leave some out, or take their "
            "difference for a feature."
        )
        yield {"code": "dependent_columns", "detail": detail, "pointer": "/features"}
