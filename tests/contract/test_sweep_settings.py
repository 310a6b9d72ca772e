"""A sweep's document: which jobs it makes, and where each of its mistakes stands."""

from typing import Any

import pytest

from contract.errors import InvalidSettings
from contract.sweep import MOST_JOBS
from contract.sweep_settings import VARIABLE, RunSchema, load_sweep

BASE = {"target": "y", "optimizer": "adam"}


def jobs(**parts: Any) -> list[dict[str, Any]]:
    asked = load_sweep({"base": BASE, **parts})
    return [asked.document(variation) for variation in asked.variations]


def places(document: Any) -> list[tuple[str, str | None]]:
    with pytest.raises(InvalidSettings) as caught:
        load_sweep(document)
    return [(place.pointer, place.code) for place in caught.value.errors]


def test_a_grid_makes_every_combination_in_the_documents_order() -> None:
    """The last name varies fastest, and what varies goes before what base says."""
    found = jobs(vary={"optimizer": ["sgd", {"name": "momentum"}], "batch_size": [None, 8]})
    assert found == [
        {"target": "y", "optimizer": optimizer, "batch_size": size}
        for optimizer in ("sgd", {"name": "momentum"})
        for size in (None, 8)
    ]


def test_a_list_makes_one_job_of_each_member() -> None:
    """An empty one is base as it stands, without defaults of its own."""
    assert RunSchema().load({}) == {}
    assert jobs(runs=[{}, {"learning_rate": 0.1}]) == [BASE, {**BASE, "learning_rate": 0.1}]


@pytest.mark.parametrize("name", VARIABLE)
def test_what_varies_is_read_as_the_setting_is(name: str) -> None:
    """Each wrong value is told where it stands, and there is no default for what is not given."""
    for wrong in ({}, [], True, "nobody"):
        assert [place for place, _ in places({"base": {}, "runs": [{}, {name: wrong}]})] in (
            [f"/runs/1/{name}"],
            [f"/runs/1/{name}/name"],
            [f"/runs/1/{name}/schedule"],
        )
        (place,) = places({"base": {}, "vary": {name: [wrong]}})
        assert place[0].startswith(f"/vary/{name}/0")


@pytest.mark.parametrize("name", ["seed", "target", "validation", "initial", "dataset", "name", "nobody", "a/b"])
def test_nothing_else_varies(name: str) -> None:
    """Other rows, splits, starts or orders are no sweep."""
    step = name.replace("/", "~1")
    assert places({"base": {}, "vary": {name: [1]}}) == [(f"/vary/{step}", "unknown_field")]
    assert places({"base": {}, "runs": [{name: 1}]}) == [(f"/runs/0/{step}", "unknown_field")]


RATES = {"learning_rate": [0.1]}


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (None, [("", "expected_object")]),
        ([], [("", "expected_object")]),
        ({}, [("/base", "missing_field")]),
        ({"base": {}}, [("", "invalid_sweep")]),
        ({"base": {}, "vary": RATES, "runs": [{}]}, [("", "invalid_sweep")]),
        ({"base": None, "vary": RATES}, [("/base", "wrong_type")]),
        ({"base": [], "vary": RATES}, [("/base", "wrong_type")]),
        ({"base": {}, "vary": []}, [("/vary", "wrong_type")]),
        ({"base": {}, "vary": None}, [("/vary", "wrong_type")]),
        ({"base": {}, "vary": {}}, [("/vary", "out_of_range")]),
        ({"base": {}, "vary": {"learning_rate": 0.1}}, [("/vary/learning_rate", "wrong_type")]),
        ({"base": {}, "vary": {"learning_rate": None}}, [("/vary/learning_rate", "wrong_type")]),
        ({"base": {}, "vary": {"learning_rate": []}}, [("/vary/learning_rate", "out_of_range")]),
        ({"base": {}, "vary": {"learning_rate": [1] * 65}}, [("/vary/learning_rate", "out_of_range")]),
        ({"base": {}, "vary": {"learning_rate": [0.1, -1]}}, [("/vary/learning_rate/1", "out_of_range")]),
        ({"base": {}, "runs": {}}, [("/runs", "wrong_type")]),
        ({"base": {}, "runs": []}, [("/runs", "out_of_range")]),
        ({"base": {}, "runs": [{}] * 65}, [("/runs", "out_of_range")]),
        ({"base": {}, "runs": [3]}, [("/runs/0", "wrong_type")]),
        ({"base": {}, "runs": [None]}, [("/runs/0", "wrong_type")]),
        ({"base": {}, "vary": RATES, "target_cost": "low"}, [("/target_cost", "wrong_type")]),
        ({"base": {}, "vary": RATES, "target_cost": 10**400}, [("/target_cost", "out_of_range")]),
        ({"base": {}, "vary": RATES, "varied": {}}, [("/varied", "unknown_field")]),
        ({"base": {}, "vary": RATES, "target": "y"}, [("/target", "unknown_field")]),
    ],
    ids=str,
)
def test_a_wrong_document_is_told_by_its_places(document: Any, expected: list[tuple[str, str]]) -> None:
    assert places(document) == expected


def test_a_grid_makes_no_more_jobs_than_a_sweep_has() -> None:
    """However many a short document would make."""
    within = {"batch_size": list(range(1, 9)), "max_iterations": list(range(1, 9))}
    assert len(jobs(vary=within)) == MOST_JOBS
    beyond = {name: [*range(1, 65)] for name in ("batch_size", "max_iterations", "learning_rate")}
    assert places({"base": {}, "vary": beyond}) == [("/vary", "out_of_range")]


def test_a_place_in_a_jobs_settings_is_one_in_the_document() -> None:
    """Of what varies it is the value's, of anything else it is base's."""
    asked = load_sweep({"base": BASE, "vary": {"learning_rate": [0.1, 0.2], "penalty": ["none"]}})
    pointers = ["/learning_rate", "/penalty/strength", "/learning_rates", "/initial/penalty", ""]
    assert [asked.variations[1].pointer(pointer) for pointer in pointers] == [
        *("/vary/learning_rate/1", "/vary/penalty/0/strength", "/base/learning_rates", "/base/initial/penalty", "/base")
    ]


@pytest.mark.parametrize(
    ("name", "cured"), [("name", True), ("labels", True), ("target", True), ("function", True), ("varied", False)]
)
def test_a_setting_beside_base_is_told_where_it_goes(name: str, cured: bool) -> None:
    with pytest.raises(InvalidSettings) as caught:
        load_sweep({"base": {}, "vary": RATES, name: "x"})
    (place,) = caught.value.errors
    assert (place.pointer, "it goes into base" in place.detail) == (f"/{name}", cured)
