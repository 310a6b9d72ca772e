"""A sweep's picture: a curve for each job, named by what varied, and nothing hidden."""

from collections.abc import Iterator
from typing import Any
from weakref import ref

import numpy as np
import pytest

from contract.job import decode_job
from engine.history import COLUMNS
from service.plot_canvas import Frame, render
from service.plot_curves import MOST_CURVES, MOST_POINTS, Curve
from service.plot_scene import Scene
from service.plot_sweep import Child, entry, sweep_curves, swept, told
from tests.support.pictures import dashes, marked, texts

X = np.arange(4.0)
JOB = decode_job({b"id": b"job_a", b"varied": b'{"seed": 1}'}, None)


def child(varied: dict[str, Any], *values: float, diverged: bool = False) -> Child:
    return Child(varied, Curve("", X[: len(values)], np.array(values), diverged))


def svg(*children: Child) -> bytes:
    return render(lambda: sweep_curves(Frame("Cost: sweep"), children), "svg")


def test_each_job_is_a_curve_named_by_what_varied() -> None:
    rates = [child({"learning_rate": rate}, 9, 9 - rate, 1) for rate in (0.01, 0.1, 0.5)]
    found = svg(*rates)
    assert marked(found) == ["curve-0", "curve-1", "curve-2"]
    assert {"learning_rate", "0.01", "0.1", "0.5"} <= set(texts(found))


def test_a_job_that_diverged_is_dashed_and_said_to_be() -> None:
    found = svg(child({"learning_rate": 0.1}, 9, 5, 1), child({"learning_rate": 9}, 9, 1e99, diverged=True))
    assert "9 (diverged)" in texts(found)
    assert dashes(found, "curve-1")
    assert not dashes(found, "curve-0")
    assert "diverged-1" in marked(found)


def test_jobs_that_vary_different_settings_have_gaps_in_their_names() -> None:
    found = svg(child({"optimizer": "adam"}, 2, 1), child({"learning_rate": 0.1}, 2, 1))
    assert {"optimizer, learning_rate", "adam, -", "-, 0.1"} <= set(texts(found))


def test_a_job_that_has_not_begun_is_named_without_a_curve() -> None:
    assert "0.5" in texts(svg(child({"learning_rate": 0.1}, 2, 1), child({"learning_rate": 0.5})))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.1, "0.1"),
        (1e-7, "1e-07"),
        (32, "32"),
        (None, "none"),
        ("adam", "adam"),
        ({"name": "momentum", "beta": 0.9, "nesterov": True}, "momentum beta=0.9 nesterov=True"),
        ({"schedule": "step", "initial": 0.1}, "step initial=0.1"),
    ],
)
def test_settings_are_told_in_few_letters(value: Any, shown: str) -> None:
    assert told(value) == shown
    assert entry({"a": value}, ["a"]) == shown


def test_of_each_job_no_more_is_kept_than_is_drawn() -> None:
    """Histories are large: of 9,000 entries with 200 parameters 15 MB. At most the last one read is still there."""
    alive: list[ref[Any]] = []

    def scenes() -> Iterator[Scene]:
        for _ in range(4):
            rows = np.random.default_rng(0).normal(size=(9_000, len(COLUMNS) + 3))
            alive.append(ref(rows))
            yield Scene(JOB, {"name": "n"}, "abc", rows)
            del rows
            assert sum(found() is not None for found in alive) <= 1

    found = swept(scenes(), "parameters")
    assert "parameters" in found.kinds
    assert [child.parameter for child in found.children] == [*"abc"] * 4
    assert max(len(child.curve.y) for child in found.children) <= MOST_POINTS


def test_curves_for_which_there_is_no_room_have_no_points() -> None:
    names = [f"w{k}" for k in range(MOST_CURVES + 5)]
    rows = np.ones((10, len(COLUMNS) + len(names)))
    found = swept([Scene(JOB, {"name": "n"}, names, rows)], "parameters")
    assert [child.curve.y.size for child in found.children] == [10] * MOST_CURVES + [0] * 5
