"""The catalogue: names and defaults are the engine's, and the ranges those that settings are held to."""

from collections.abc import Mapping
from typing import Any

import pytest
import requests

from contract.errors import InvalidSettings
from contract.settings import load_settings
from engine.losses import LOSSES
from engine.models import MODELS
from engine.optimizers import FULL_BATCH_ONLY, OPTIMIZERS
from engine.penalties import PENALTIES
from engine.schedules import SCHEDULES
from service.catalogue import catalogue
from tests.support.jobs import submit

ENGINE: Mapping[str, Mapping[str, type[Any]]] = {
    "losses": LOSSES,
    "penalties": PENALTIES,
    "optimizers": OPTIMIZERS,
    "schedules": {name: kind for name, kind in SCHEDULES.items() if name != "constant"},
}
SETTINGS = {
    "models": ("model", "name"),
    "losses": ("loss", "name"),
    "penalties": ("penalty", "name"),
    "optimizers": ("optimizer", "name"),
    "schedules": ("learning_rate", "schedule"),
}
MODEL_OF_LOSS = {loss: model["name"] for model in reversed(catalogue()["models"]) for loss in model["losses"]}
# 0 and 1 are numbers, counts and classes.
CLASSES = "a,b,y\n" + "".join(f"{k % 7},{k * k % 11},{int(k % 7 + k % 3 > 4)}\n" for k in range(40))
REQUIRED = {"number": 0.5, "integer": 3, "string": "p*a + q"}
START = {"initial": {"p": 0.1, "q": 0.1}}
"""The parameters of that expression, which a formula must have."""
REQUIRED_LISTS = {"boundaries": [1], "values": [0.5, 0.25]}
JUST_OUTSIDE = {
    "minimum": lambda bound, least: bound - least,
    "exclusiveMinimum": lambda bound, _: bound,
    "maximum": lambda bound, least: bound + least,
    "exclusiveMaximum": lambda bound, _: bound,
}


ENTRIES = [
    pytest.param(section, entry, id=f"{section}-{entry['name']}")
    for section in SETTINGS
    for entry in catalogue()[section]
]


def given(section: str, entry: Mapping[str, Any], **changed: Any) -> dict[str, Any]:
    """Settings that name this entry, with a number for each member that is required."""
    setting, key = SETTINGS[section]
    required = [one for one in entry["parameters"] if one["required"]]
    members = {one["name"]: REQUIRED.get(one["type"]) or REQUIRED_LISTS[one["name"]] for one in required}
    model = {"model": MODEL_OF_LOSS[entry["name"]]} if section == "losses" else {}
    start = START if entry["name"] == "formula" else {}
    return {"target": "y", **model, **start, setting: {key: entry["name"], **members, **changed}}


def test_the_names_are_those_of_the_engine() -> None:
    found = {section: [entry["name"] for entry in catalogue()[section]] for section in ENGINE}
    assert found == {section: list(kinds) for section, kinds in ENGINE.items()}
    assert {entry["name"] for entry in catalogue()["models"]} == {*MODELS, "network", "formula"}


@pytest.mark.parametrize(("section", "entry"), [one for one in ENTRIES if one.values[0] in ENGINE])
def test_the_defaults_are_those_of_the_engine(section: str, entry: Mapping[str, Any]) -> None:
    kind = ENGINE[section][entry["name"]]
    assert tuple(one["name"] for one in entry["parameters"]) == kind._fields  # type: ignore[attr-defined]
    shown = {one["name"]: one["default"] for one in entry["parameters"] if not one["required"]}
    assert shown == kind._field_defaults  # type: ignore[attr-defined]


@pytest.mark.parametrize(("section", "entry"), ENTRIES)
def test_the_defaults_are_those_of_settings(section: str, entry: Mapping[str, Any]) -> None:
    loaded = getattr(load_settings(given(section, entry)), SETTINGS[section][0])
    for one in entry["parameters"]:
        assert one["required"] or loaded[one["name"]] == one["default"]


@pytest.mark.parametrize(("section", "entry"), ENTRIES)
def test_the_ranges_are_those_of_settings(section: str, entry: Mapping[str, Any]) -> None:
    """Just outside of a bound is refused at the member, in a list at its first one; every number has a bound."""
    for one in entry["parameters"]:
        assert one["range"] or one["type"] not in ("number", "integer", "array")
        several, pointer = one["type"] == "array", f"/{SETTINGS[section][0]}/{one['name']}"
        for limit, bound in one["range"].items():
            outside = JUST_OUTSIDE[limit](bound, 1e-9 if abs(bound) < 1e3 else 1)
            with pytest.raises(InvalidSettings) as caught:
                load_settings(given(section, entry, **{one["name"]: [outside] if several else outside}))
            assert [place["pointer"] for place in caught.value.places()] == [pointer + several * "/0"]


@pytest.mark.parametrize("batch_size", [None, 7])
@pytest.mark.parametrize(("section", "entry"), ENTRIES)
def test_every_name_runs_as_a_job(base: str, section: str, entry: Mapping[str, Any], batch_size: int | None) -> None:
    """Nothing is listed that a worker cannot do, in full batch or in small ones, where it takes them."""
    if batch_size and OPTIMIZERS.get(entry["name"]) in FULL_BATCH_ONLY:
        return
    loss = {"loss": "log_loss"} if entry["name"] == "network" else {}
    settings = {"batch_size": batch_size, "max_iterations": 10, **loss, **given(section, entry)}
    job = submit(base, settings, CLASSES, wait=30)
    assert (job["state"], job["error"]) == ("succeeded", None)
    costs = requests.get(base + job["links"]["history"], timeout=5).json()["cost"]
    assert all(cost is not None for cost in costs)
    assert section == "penalties" or min(costs) < costs[0]


def test_the_losses_of_a_model_fit_it() -> None:
    """The first one is its default, but for a network, whose target decides."""
    for model in catalogue()["models"]:
        settings = given("models", model)
        first = "by_target" if model["name"] == "network" else model["losses"][0]
        assert load_settings(settings).loss["name"] == first
        assert [load_settings({**settings, "loss": loss}).loss["name"] for loss in model["losses"]] == model["losses"]


def test_it_is_served_and_known_again(base: str) -> None:
    first = requests.get(f"{base}/v1/catalogue", timeout=5)
    assert (first.status_code, first.json()) == (200, catalogue())
    again = requests.get(f"{base}/v1/catalogue?pretty", headers={"If-None-Match": first.headers["ETag"]}, timeout=5)
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    other = requests.get(f"{base}/v1/catalogue?pretty", headers={"If-None-Match": 'W/"other"'}, timeout=5)
    assert (other.status_code, other.json()) == (200, catalogue())
