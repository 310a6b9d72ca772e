"""The history as columns: what is kept when it is asked for in fewer points, and what is null."""

import json
from typing import Any

import numpy as np
import pytest

from contract.job import JobRecord
from contract.store import Store
from engine.history import COLUMNS
from service.history import chosen_rows, history_view
from service.json_codec import dump
from tests.support.records import accept


@pytest.fixture
def job(store: Store) -> JobRecord:
    return store.job(accept(store, history={"total": 7, "stride": 2}))


def rows(costs: list[float], held_out: list[float] | None = None) -> bytes:
    table = np.full((len(costs), len(COLUMNS)), np.nan)
    table[:, 0] = range(0, 2 * len(costs), 2)
    table[:, 1] = costs
    if held_out:
        table[:, 2] = held_out
    return table.astype("<f8").tobytes()


def view(job: JobRecord, packed: bytes, points: int | None = None, since: int | None = None) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(dump(history_view(job, packed, points, since)))
    return document


def test_columns_have_the_names_of_the_contract(job: JobRecord) -> None:
    found = view(job, rows([3, 2, 1]))
    assert list(found) == [
        *("job", "total", "stride", "start", "iterations"),
        *("cost", "validation_cost", "learning_rate", "gradient_norm", "seconds"),
        *("optimality_gap", "accuracy", "validation_accuracy", "parameters"),
    ]
    assert (found["job"], found["total"], found["stride"]) == (job.id, 7, 2)
    assert (found["iterations"], found["cost"]) == ([0, 2, 4], [3, 2, 1])


def test_what_is_not_known_is_null(job: JobRecord) -> None:
    """A column of nothing is null where the job has no such column; single numbers are null in their place."""
    found = view(job, rows([3, float("nan"), 1]))
    assert (found["cost"], found["validation_cost"]) == ([3, None, 1], None)
    assert view(job, rows([1, 2], [float("nan"), 5]))["validation_cost"] == [None, 5]


def test_a_job_that_has_none_yet_has_an_empty_history(store: Store) -> None:
    found = view(store.job(accept(store)), b"")
    assert (found["total"], found["stride"], found["iterations"], found["cost"]) == (0, 1, [], [])


@pytest.mark.parametrize(("since", "expected"), [(0, [2, 4]), (1, [2, 4]), (2, [4]), (4, []), (99, [])])
def test_since_gives_later_iterations(job: JobRecord, since: int, expected: list[int]) -> None:
    assert view(job, rows([3, 2, 1]), since=since)["iterations"] == expected


@pytest.mark.parametrize("points", [4, 5, 10, 37, 100, 999])
def test_fewer_points_keep_both_ends_and_extremes(job: JobRecord, points: int) -> None:
    """A spike of one iteration is seen, however few points are asked for, and there are no more than asked for."""
    costs = np.linspace(10, 1, 1000)
    costs[613], costs[614] = 99.0, 0.5
    found = view(job, rows(costs.tolist()), points=points)
    assert len(found["cost"]) <= points
    assert found["iterations"] == sorted(set(found["iterations"]))
    assert {0, 2 * 613, 2 * 614, 2 * 999} <= set(found["iterations"])
    assert [costs[iteration // 2] for iteration in found["iterations"]] == found["cost"]


def test_a_cost_that_only_falls_has_all_its_points(job: JobRecord) -> None:
    """Its extremes are its ends; evenly spaced rows take the places that this leaves."""
    assert view(job, rows(np.linspace(9, 1, 101).tolist()), points=6)["iterations"] == [0, 2, 50, 100, 150, 200]


def test_the_beginning_is_as_well_shown_as_the_end() -> None:
    """Costs fall fast first, and a long axis of iterations may be logarithmic."""
    chosen = chosen_rows(np.exp(-np.arange(10_001) / 100), 200)
    decades = [np.count_nonzero((chosen >= 10**k) & (chosen < 10 ** (k + 1))) for k in range(4)]
    assert decades[0] == 9
    assert min(decades[1:]) > 20
    assert np.diff(chosen).max() < 10_000 / 45


@pytest.mark.parametrize("points", [1, 2, 3])
def test_the_four_marks_are_never_dropped(job: JobRecord, points: int) -> None:
    assert view(job, rows([5, 9, 1, 4, 4, 4]), points=points)["iterations"] == [0, 2, 4, 10]


@pytest.mark.parametrize("points", [3, 10])
def test_as_many_points_as_there_are_is_everything(job: JobRecord, points: int) -> None:
    assert view(job, rows([3, 2, 1]), points=points)["iterations"] == [0, 2, 4]


def test_unknown_costs_do_not_hide_the_others(job: JobRecord) -> None:
    costs = [5.0, *[float("nan")] * 50, 3.0]
    found = view(job, rows(costs), points=10)
    assert (found["cost"][0], found["cost"][-1]) == (5, 3)
    assert len(found["cost"]) <= 10
