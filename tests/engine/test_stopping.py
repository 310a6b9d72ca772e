"""Stop rules on made-up points."""

from math import inf, nan

import numpy as np
import pytest

from engine.descent import Point
from engine.stopping import EarlyStopping, Limits, counted, ended, first_tally

FULL = Limits(100, tolerance_cost=0.01)
SMALL = Limits(100, tolerance_cost=0.01, full_batch=False)


def end_of(costs: list[float], limits: Limits, norms: list[float] | None = None, thetas: list[float] | None = None):
    """Reason and iteration at which the costs end a run, (None, last) where they do not."""
    norms, thetas = norms or [1.0] * len(costs), thetas or [1.0 * k for k in range(len(costs))]
    points = [
        Point(k, np.array([theta]), cost, None, norm)
        for k, (cost, norm, theta) in enumerate(zip(costs, norms, thetas, strict=True))
    ]
    tally = first_tally(points[0])
    for point in points[1:]:
        if ended(tally, limits) is None:
            tally = counted(tally, point, limits)
    return ended(tally, limits), tally.iteration


@pytest.mark.parametrize(
    ("costs", "limits", "expected"),
    [
        ([100.0, *[50.0] * 5], FULL, (None, 5)),
        ([100.0, *[50.0] * 6], FULL, ("converged", 6)),
        ([100.0, 50, 50, 50, 50, 49, 49, 49, 49, 49], FULL, (None, 9)),
        ([1.0, 1e-9, 5e-9, 1e-9, 5e-9, 1e-9, 5e-9], FULL, ("converged", 6)),
        ([1.0, 1e-6, 5e-6, 1e-6, 5e-6, 1e-6, 5e-6], FULL, (None, 6)),
        ([0.0] * 6, FULL, ("converged", 5)),
        ([100.0, *[50.0] * 6], Limits(100), (None, 6)),
        ([3.0, 2, 1], Limits(2), ("max_iterations", 2)),
        ([100.0, 50, 60, 70, 60, 70], SMALL, (None, 5)),
        ([100.0, 50, 60, 70, 60, 70, 60], SMALL, ("converged", 6)),
        ([100.0, 50, 60, 70, 60, 70, 49.4, 70, 70, 70, 70], SMALL, (None, 10)),
        ([100.0, 50, 49.9, 49.8, 49.7, 49.6, 49.55], SMALL, ("converged", 6)),
    ],
    ids=[
        "four-calm",
        "five-calm",
        "calm-broken",
        "small-beside-start",
        "not-small",
        "zero",
        "off",
        "limit",
        "noise-four",
        "noise-five",
        "noise-new-best",
        "noise-creeping",
    ],
)
def test_cost_rules(costs: list[float], limits: Limits, expected: tuple[str | None, int]) -> None:
    """Full batch: five small changes in a row. Smaller batches: no better best over five entries."""
    assert end_of(costs, limits) == expected


@pytest.mark.parametrize(
    ("norms", "expected"),
    [([1, 0.2, 0.1], ("converged", 2)), ([0.0, 1, 1], ("converged", 0)), ([1, 1, 0.11], (None, 2))],
)
def test_gradient_rule(norms: list[float], expected: tuple[str | None, int]) -> None:
    """The norm reaches the tolerance, even at the start, and a norm of zero counts."""
    assert end_of([3.0, 2.0, 1.0], Limits(100, tolerance_gradient=0.1), norms=norms) == expected


@pytest.mark.parametrize(
    ("thetas", "expected"),
    [([0.0, 5, 5.04], ("converged", 2)), ([0.0, 5, 5.06], (None, 2)), ([0.0, 0.009, 1], ("converged", 1))],
)
def test_parameter_rule(thetas: list[float], expected: tuple[str | None, int]) -> None:
    """The largest change is at most tolerance * max(1, largest parameter)."""
    assert end_of([3.0, 2.0, 1.0], Limits(100, tolerance_parameters=0.01), thetas=thetas) == expected


@pytest.mark.parametrize(
    ("costs", "expected"),
    [
        ([1.0, 2.0, inf], ("diverged", 2)),
        ([1.0, 2.0, nan], ("diverged", 2)),
        ([1.0, *[2e6] * 9], (None, 9)),
        ([1.0, *[2e6] * 10], ("diverged", 10)),
        ([1.0, *[2e6] * 9, 1e6, *[2e6] * 9], (None, 19)),
        ([0.0, *[1e-300] * 10], ("diverged", 10)),
    ],
    ids=["inf", "nan", "nine", "ten", "interrupted", "from-zero"],
)
def test_divergence(costs: list[float], expected: tuple[str | None, int]) -> None:
    """The first cost that is not finite, or ten in a row above 1e6 times the start."""
    assert end_of(costs, Limits(100)) == expected


@pytest.mark.parametrize(
    ("costs", "first_bad"), [([1.0, 2.0, inf], 2), ([1.0, 5.0, *[2e6] * 10], 2), ([1.0, 2e6, inf], 1)]
)
def test_first_bad_iteration(costs: list[float], first_bad: int) -> None:
    """It is where the row of bad costs began."""
    tally = first_tally(Point(0, np.zeros(1), costs[0], None, None))
    for k, cost in enumerate(costs[1:], 1):
        tally = counted(tally, Point(k, np.zeros(1), cost, None, None), Limits(100))
    assert tally.bad_from == first_bad


def test_best_is_by_validation_cost_where_there_is_one() -> None:
    """A lower training cost does not make a point the best if the held-out rows disagree."""
    points = [Point(k, np.zeros(1), cost, None, None, held) for k, (cost, held) in enumerate([(3, 3), (2, 1), (1, 2)])]
    tally = first_tally(points[0])
    for point in points[1:]:
        tally = counted(tally, point, Limits(100))
    assert (tally.best.iteration, tally.latest.iteration) == (1, 2)


@pytest.mark.parametrize(
    ("held_out", "rule", "expected"),
    [
        ([5.0, 4, 3, 3, 3], EarlyStopping(2), ("early_stopping", 4)),
        ([5.0, 4, 3, 3, 2.9, 3, 3], EarlyStopping(2), ("early_stopping", 6)),
        ([5.0, 4, 3, 3, 2.9], EarlyStopping(2), (None, 4)),
        ([5.0, 4.5, 4.1, 3.7], EarlyStopping(2, 0.5), ("early_stopping", 2)),
        ([5.0, 4.4, 4.1, 3.5, 3.0], EarlyStopping(2, 0.5), (None, 4)),
        ([5.0, nan, inf, 4], EarlyStopping(2), ("early_stopping", 2)),
        ([5.0, 6, 6, 6], None, (None, 3)),
    ],
    ids=["patience", "starts-anew", "one-left", "creeping", "enough", "not-finite", "off"],
)
def test_early_stopping(held_out: list[float], rule, expected: tuple[str | None, int]) -> None:
    """`patience` entries in a row do not lower the best validation cost by more than min_delta."""
    limits, points = (
        Limits(100, early_stopping=rule),
        [Point(k, np.zeros(1), 1.0, None, None, c) for k, c in enumerate(held_out)],
    )
    tally = first_tally(points[0])
    for point in points[1:]:
        if ended(tally, limits) is None:
            tally = counted(tally, point, limits)
    assert (ended(tally, limits), tally.iteration) == expected
