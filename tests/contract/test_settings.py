"""Settings: what may be asked, what is filled in, and where a wrong value is said to be wrong."""

import json
from itertools import chain
from typing import Any

import orjson
import pytest

from contract.choices import FITTING_LOSSES
from contract.elsewhere import ELSEWHERE
from contract.errors import MAX_PLACES, InputCorrupt, InvalidSettings
from contract.settings import load_settings, stored_settings
from contract.settings_schema import SettingsSchema
from engine.losses import LOSSES
from engine.optimizers import OPTIMIZERS
from engine.penalties import PENALTIES
from engine.schedules import SCHEDULES

DEFAULTS = {
    "name": None,
    "labels": {},
    "dataset": None,
    "features": None,
    "exclude": [],
    "weight_column": None,
    "model": {"name": "linear"},
    "loss": {"name": "squared"},
    "penalty": {"name": "none"},
    "optimizer": "auto",
    "learning_rate": "auto",
    "batch_size": None,
    "sampling": "shuffle",
    "steps_per_iteration": None,
    "max_iterations": 10_000,
    "tolerance": {"cost": 1e-9, "gradient": 0.0, "parameters": 0.0},
    "early_stopping": None,
    "validation": None,
    "scaling": "standard",
    "intercept": True,
    "missing": "error",
    "initial": "auto",
    "class_weight": None,
    "gradient_clip": None,
    "averaging": False,
    "history": {"every": 1, "parameters": False},
    "seed": 0,
    "time_limit": 3600.0,
}
# The table of the HTTP contract.
HYPERPARAMETERS = {
    "sgd": {},
    "momentum": {"beta": 0.9, "dampening": 0, "nesterov": False, "restart": False},
    "adagrad": {"epsilon": 1e-8},
    "rmsprop": {"rho": 0.9, "epsilon": 1e-8},
    "adam": {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8},
    "amsgrad": {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8},
    "nadam": {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "momentum_decay": 0.004},
    "adamax": {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8},
    "adamw": {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "weight_decay": 0.01},
    "adadelta": {"rho": 0.9, "epsilon": 1e-6},
    "lion": {"beta1": 0.9, "beta2": 0.99, "weight_decay": 0},
    "rprop": {"grow": 1.2, "shrink": 0.5},
}
PENALTY_MEMBERS = {"none": {}, "l1": {}, "l2": {}, "elastic_net": {"l1_ratio": 0.5}}
L1 = {"name": "l1", "strength": 1}


def load(**settings: Any) -> dict[str, Any]:
    return load_settings({"target": "y", **settings}).to_json()


def refused(document: Any) -> InvalidSettings:
    with pytest.raises(InvalidSettings) as caught:
        load_settings(document)
    return caught.value


def test_defaults_are_those_of_the_contract() -> None:
    assert load() == {"target": "y", **DEFAULTS}


def test_every_field_has_its_default_in_this_table() -> None:
    assert set(SettingsSchema().fields) == {"target", *DEFAULTS}


def test_smaller_batches_have_defaults_of_their_own() -> None:
    loaded = load(batch_size=10)
    assert (loaded["max_iterations"], loaded["tolerance"]["cost"]) == (1000, 1e-4)


@pytest.mark.parametrize(
    ("field", "given", "effective"),
    [
        ("validation", {"fraction": 0.2}, {"fraction": 0.2, "method": "random"}),
        ("validation", {"column": "fold", "value": "test"}, {"column": "fold", "value": "test"}),
        ("validation", {"column": "fold", "value": 1}, {"column": "fold", "value": 1.0}),
        ("validation", {"dataset": "ds_x"}, {"dataset": "ds_x"}),
        ("scaling", "minmax", "minmax"),
        ("scaling", {"divide_by": 255}, {"divide_by": 255.0}),
    ],
    ids=str,
)
def test_kinds_are_told_by_their_members(field: str, given: object, effective: object) -> None:
    assert load(**{field: given})[field] == effective


def test_early_stopping_has_defaults_of_its_own() -> None:
    given = load(validation={"fraction": 0.5}, early_stopping={})
    assert given["early_stopping"] == {"patience": 5, "min_delta": 0.0}


LOSSES_OF = {
    "linear": {
        "squared": {},
        "absolute": {},
        "huber": {"delta": 1.35},
        "quantile": {"quantile": 0.5},
        "log_cosh": {},
        "poisson": {},
    },
    "logistic": {"log_loss": {}, "hinge": {}, "squared_hinge": {}},
    "softmax": {"log_loss": {}},
}


@pytest.mark.parametrize("model", LOSSES_OF)
def test_the_loss_fits_the_model(model: str) -> None:
    """The first one is the default; every other name is refused with those that fit."""
    assert load(model=model)["loss"] == {"name": next(iter(LOSSES_OF[model]))}
    for name, defaults in LOSSES_OF[model].items():
        assert load(model=model, loss=name)["loss"] == {"name": name, **defaults}
    for other in {*chain(*LOSSES_OF.values())} - {*LOSSES_OF[model]}:
        error = refused({"target": "y", "model": model, "loss": other})
        assert [place.pointer for place in error.errors] == ["/loss"]
        assert ", ".join(LOSSES_OF[model]) in error.detail


def test_the_losses_of_the_settings_are_those_of_the_engine() -> None:
    assert {*chain(*LOSSES_OF.values())} == set(LOSSES)


def test_a_partial_tolerance_keeps_the_other_defaults() -> None:
    assert load(tolerance={"gradient": 1e-3})["tolerance"] == {"cost": 1e-9, "gradient": 1e-3, "parameters": 0.0}
    assert load(batch_size=1, tolerance={"parameters": 1})["tolerance"]["cost"] == 1e-4


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizers_have_the_names_and_defaults_of_the_engine(name: str) -> None:
    """A name alone is short for the name with its defaults, and these are the engine's and the contract's."""
    loaded = load(optimizer=name)["optimizer"]
    assert loaded == {"name": name, **OPTIMIZERS[name]()._asdict()} == {"name": name, **HYPERPARAMETERS[name]}
    assert load(optimizer={"name": name})["optimizer"] == loaded


def test_the_contract_and_the_engine_have_the_same_optimizers() -> None:
    assert set(OPTIMIZERS) == set(HYPERPARAMETERS)


@pytest.mark.parametrize("name", PENALTIES)
def test_penalties_have_the_names_and_fields_of_the_engine(name: str) -> None:
    """All but none need a strength."""
    given = {"name": name} if name == "none" else {"name": name, "strength": 2.0}
    assert load(penalty=given)["penalty"] == {**given, **PENALTY_MEMBERS[name]}
    assert PENALTIES[name]._field_defaults == PENALTY_MEMBERS[name]


@pytest.mark.parametrize(
    ("penalty", "optimizers"),
    [
        (L1, ("auto", "sgd", "momentum")),
        ({"name": "elastic_net", "strength": 1}, ("auto", "sgd", "momentum")),
        ({"name": "elastic_net", "strength": 1, "l1_ratio": 0}, ("auto", *OPTIMIZERS)),
        ({"name": "l2", "strength": 1}, ("auto", *OPTIMIZERS)),
    ],
    ids=["l1", "elastic_net", "no-l1", "l2"],
)
def test_an_l1_part_needs_one_rate_for_all(penalty: dict[str, Any], optimizers: tuple[str, ...]) -> None:
    """Elementwise rates have no exact zeros: they are refused at the penalty, and nothing else is."""
    for optimizer in ("auto", *OPTIMIZERS):
        document = {"target": "y", "penalty": penalty, "optimizer": optimizer}
        if optimizer in optimizers:
            assert load_settings(document).penalty["name"] == penalty["name"]
        else:
            assert [place["pointer"] for place in refused(document).places()] == ["/penalty"]


# Members that are required, and what is filled in; the table of the HTTP contract and two members that all have.
SCHEDULE_FIELDS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "inverse_time": ({"t0": 1.0, "t1": 2.0}, {}),
    "inverse_power": ({"initial": 1.0, "power": 0.5}, {}),
    "exponential": ({"initial": 1.0, "gamma": 0.5, "steps": 10}, {}),
    "step": ({"initial": 1.0, "gamma": 0.5, "steps": 10}, {}),
    "piecewise": ({"boundaries": [1, 5], "values": [1.0, 0.5, 2.0]}, {}),
    "polynomial": ({"initial": 1.0, "final": 0.0, "horizon": 7}, {"power": 1.0}),
    "cosine": ({"initial": 1.0, "final": 0.0, "horizon": 7}, {}),
}


@pytest.mark.parametrize("name", sorted(set(SCHEDULES) - {"constant"}))
def test_schedules_have_the_names_and_fields_of_the_engine(name: str) -> None:
    """Filled in are the engine's defaults, which are the contract's."""
    given, more = SCHEDULE_FIELDS[name]
    expected = {"schedule": name, **SCHEDULES[name](**given)._asdict()}
    assert expected == {"schedule": name, **given, **more, "per": "step", "warmup": 0}
    assert load(learning_rate={"schedule": name, **given})["learning_rate"] == expected


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"optimizer": {"name": "momentum", "nesterov": True}, "learning_rate": 0.1, "labels": {"a": "b"}},
        {"learning_rate": {"schedule": "inverse_time", "t0": 1, "t1": 2, "per": "iteration"}, "batch_size": 3},
        {"learning_rate": {"schedule": "piecewise", "boundaries": [10, 20], "values": [1, 0.5, 0.1], "warmup": 5}},
        {"features": ["a"], "initial": {"a": 1, "intercept": 0}, "validation": {"fraction": 0.2}, "history": {}},
    ],
    ids=["defaults", "momentum", "schedule", "piecewise", "names"],
)
def test_settings_come_back_from_the_record_as_they_were(settings: dict[str, Any]) -> None:
    """What the worker reads is what was validated, and effective settings are valid settings."""
    loaded = load_settings({"target": "y", **settings})
    assert stored_settings(orjson.dumps(loaded.to_json())) == loaded
    assert load_settings(json.loads(json.dumps(loaded.to_json()))) == loaded


@pytest.mark.parametrize(
    "text",
    [b"", b"{", b"[]", b"null", b"{}", b'{"target": "y", "colour": "red"}', b'{"target": "y", "seed": "a"}'],
    ids=ascii,
)
def test_a_record_that_nobody_validated_is_corrupt(text: bytes) -> None:
    with pytest.raises(InputCorrupt, match="post the job again"):
        stored_settings(text)


def test_an_older_record_gets_the_defaults_of_what_it_lacks() -> None:
    loaded = load_settings({"target": "y", "seed": 3})
    older = {name: value for name, value in loaded.to_json().items() if name not in ("history", "scaling")}
    assert stored_settings(orjson.dumps(older)) == loaded


@pytest.mark.parametrize("written", ["1000", "1e3", "1000.0", "10.0e2"])
def test_a_whole_number_may_be_written_in_any_way(written: str) -> None:
    loaded = load_settings(json.loads(f'{{"target": "y", "max_iterations": {written}, "seed": {written}}}'))
    assert (repr(loaded.max_iterations), repr(loaded.seed)) == ("1000", "1000")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("learning_rate", 1e-300),
        ("learning_rate", 1e300),
        ("max_iterations", 1),
        ("max_iterations", 10_000_000),
        ("seed", 2**64 - 1),
        ("optimizer", {"name": "momentum", "beta": 0, "dampening": 0}),
        ("tolerance", {"cost": 0}),
        ("labels", {f"k{k}": "v" for k in range(16)}),
        ("labels", {"a": "b:c", "d": ""}),
        ("name", "x" * 1000),
        ("name", "Ünïcödé 𝛉"),
    ],
)
def test_the_ends_of_ranges_belong_to_them(field: str, value: object) -> None:
    assert load(**{field: value})[field] is not None


ADAM = {"name": "adam"}
MOMENTUM = {"name": "momentum"}
LASSO = {"name": "l1", "strength": 1}
RESTART = {"name": "momentum", "nesterov": True, "restart": True}
RMSPROP = {"name": "rmsprop"}
DECAY = {"schedule": "inverse_time", "t0": 1, "t1": 1}
RATES = {name: {"schedule": name, **given} for name, (given, _) in SCHEDULE_FIELDS.items()}
RANDOM = {"sampling": "replacement", "batch_size": 2}

HELD_OUT = {"validation": {"fraction": 0.2}}

WRONG: list[tuple[str, dict[str, Any], str, str]] = [
    # 73
    ("typo", {"learnig_rate": 0.1}, "/learnig_rate", "unknown_field"),
    ("proto", {"__proto__": {}}, "/__proto__", "unknown_field"),
    ("schema", {"_schema": 1}, "/_schema", "unknown_field"),
    ("state", {"state": "succeeded"}, "/state", "unknown_field"),
    ("attempt", {"attempt": 1}, "/attempt", "unknown_field"),
    ("nested-unknown", {"tolerance": {"costs": 1}}, "/tolerance/costs", "unknown_field"),
    # 74
    *[
        (f"{field}-{kind}", {field: value}, f"/{field}", "wrong_type")
        for field in ("learning_rate", "batch_size", "max_iterations", "seed", "time_limit")
        for kind, value in {"true": True, "list": [1]}.items()
    ],
    *[
        (f"{field}-text", {field: "0.1"}, f"/{field}", "wrong_type")
        for field in ("batch_size", "max_iterations", "seed", "time_limit")
    ],
    *[
        (f"learning_rate-{text}", {"learning_rate": text}, "/learning_rate", "wrong_type")
        for text in ("0.1", "-1e3", ".5")
    ],
    *[(f"{field}-null", {field: None}, f"/{field}", "wrong_type") for field in DEFAULTS if DEFAULTS[field] is not None],
    ("target-null", {"target": None}, "/target", "wrong_type"),
    ("target-number", {"target": 1}, "/target", "wrong_type"),
    ("intercept-number", {"intercept": 1}, "/intercept", "wrong_type"),
    ("intercept-text", {"intercept": "true"}, "/intercept", "wrong_type"),
    ("features-text", {"features": "a"}, "/features", "wrong_type"),
    ("features-number", {"features": ["a", 1]}, "/features/1", "wrong_type"),
    ("features-null", {"features": [None]}, "/features/0", "wrong_type"),
    ("labels-list", {"labels": []}, "/labels", "wrong_type"),
    ("labels-number", {"labels": {"a": 1}}, "/labels/a", "wrong_type"),
    ("tolerance-number", {"tolerance": 1e-3}, "/tolerance", "wrong_type"),
    ("validation-number", {"validation": 0.2}, "/validation", "wrong_type"),
    ("optimizer-number", {"optimizer": 1}, "/optimizer", "wrong_type"),
    ("optimizer-list", {"optimizer": ["adam"]}, "/optimizer", "wrong_type"),
    ("restart-l1", {"optimizer": RESTART, "penalty": LASSO}, "/optimizer/restart", "invalid_settings"),
    ("rprop-of-batches", {"optimizer": "rprop", "batch_size": 8}, "/optimizer", "invalid_settings"),
    ("restart-of-batches", {"optimizer": RESTART, "batch_size": 8}, "/optimizer/restart", "invalid_settings"),
    (
        "restart-of-the-heavy-ball",
        {"optimizer": RESTART | {"nesterov": False}},
        "/optimizer/restart",
        "invalid_settings",
    ),
    ("nesterov-number", {"optimizer": MOMENTUM | {"nesterov": 1}}, "/optimizer/nesterov", "wrong_type"),
    ("beta-text", {"optimizer": MOMENTUM | {"beta": "0.9"}}, "/optimizer/beta", "wrong_type"),
    ("beta-true", {"optimizer": MOMENTUM | {"beta": True}}, "/optimizer/beta", "wrong_type"),
    # 75
    *[(f"learning_rate-{value}", {"learning_rate": value}, "/learning_rate", "out_of_range") for value in (0, -1, 0.0)],
    *[
        (f"{optimizer['name']}-{name}-{value}", {"optimizer": optimizer | {name: value}}, f"/optimizer/{name}", code)
        for optimizer, names in ((MOMENTUM, ["beta"]), (RMSPROP, ["rho"]), (ADAM, ["beta1", "beta2"]))
        for name in names
        for value, code in ((1, "out_of_range"), (-0.1, "out_of_range"), (float("inf"), "non_finite"))
    ],
    ("dampening-2", {"optimizer": MOMENTUM | {"dampening": 1}}, "/optimizer/dampening", "out_of_range"),
    ("dampening-minus", {"optimizer": MOMENTUM | {"dampening": -0.01}}, "/optimizer/dampening", "out_of_range"),
    *[
        (f"{name}-epsilon", {"optimizer": {"name": name, "epsilon": 0}}, "/optimizer/epsilon", "out_of_range")
        for name in ("adagrad", "rmsprop", "adam", "amsgrad", "nadam", "adamax", "adamw", "adadelta")
    ],
    *[
        (f"{name}-{field}", {"optimizer": {"name": name, field: -1e-9}}, f"/optimizer/{field}", "out_of_range")
        for name, field in (("nadam", "momentum_decay"), ("adamw", "weight_decay"), ("lion", "weight_decay"))
    ],
    *[
        (f"{name}-{value}", {"learning_rate": DECAY | {name: value}}, f"/learning_rate/{name}", "out_of_range")
        for name in ("t0", "t1")
        for value in (0, -1)
    ],
    ("per", {"learning_rate": DECAY | {"per": "epoch"}}, "/learning_rate/per", "unknown_choice"),
    ("t1-missing", {"learning_rate": {"schedule": "inverse_time", "t0": 1}}, "/learning_rate/t1", "missing_field"),
    *[
        (f"{name}-{member}-{value}", {"learning_rate": RATES[name] | {member: value}}, f"/learning_rate/{member}", code)
        for name, member, value, code in (
            ("exponential", "initial", 0, "out_of_range"),
            ("exponential", "gamma", 0, "out_of_range"),
            ("step", "steps", 0, "out_of_range"),
            ("step", "steps", 2.5, "out_of_range"),
            ("step", "steps", 10**4000, "out_of_range"),
            ("step", "warmup", -1, "out_of_range"),
            ("cosine", "final", -1e-9, "out_of_range"),
            ("cosine", "horizon", 0, "out_of_range"),
            ("polynomial", "power", 0, "out_of_range"),
            ("polynomial", "horizon", None, "wrong_type"),
            ("piecewise", "boundaries", 5, "wrong_type"),
            ("piecewise", "boundaries", {"1": 5}, "wrong_type"),
            ("piecewise", "boundaries", [5, 5], "invalid_settings"),
            ("piecewise", "boundaries", [7, 5], "invalid_settings"),
            ("piecewise", "values", [1, 2], "invalid_settings"),
            ("piecewise", "values", [], "invalid_settings"),
            ("piecewise", "values", [1] * 1001, "out_of_range"),
        )
    ],
    *[
        (f"piecewise-{member}-{value}", {"learning_rate": RATES["piecewise"] | {member: value}}, place, code)
        for member, value, place, code in (
            ("boundaries", [0, 5], "/learning_rate/boundaries/0", "out_of_range"),
            ("boundaries", [1, 2.5], "/learning_rate/boundaries/1", "out_of_range"),
            ("boundaries", [1, True], "/learning_rate/boundaries/1", "wrong_type"),
            ("values", [1, 0, 2], "/learning_rate/values/1", "out_of_range"),
            ("values", [1, "1", 2], "/learning_rate/values/1", "wrong_type"),
            ("values", [1, None, 2], "/learning_rate/values/1", "wrong_type"),
        )
    ],
    # 76
    *[(f"iterations-{n}", {"max_iterations": n}, "/max_iterations", "out_of_range") for n in (0, -1, 1e12, 10.5)],
    # 77
    *[
        (f"tolerance-{name}", {"tolerance": {name: -1e-9}}, f"/tolerance/{name}", "out_of_range")
        for name in ("cost", "gradient", "parameters")
    ],
    ("batch_size-0", {"batch_size": 0}, "/batch_size", "out_of_range"),
    ("batch_size-1.5", {"batch_size": 1.5}, "/batch_size", "out_of_range"),
    *[
        (f"fraction-{value}", {"validation": {"fraction": value}}, "/validation/fraction", "out_of_range")
        for value in (0, 1, -0.1, 1.1)
    ],
    ("validation-empty", {"validation": {}}, "/validation", "missing_field"),
    ("validation-word", {"validation": "random"}, "/validation", "wrong_type"),
    ("fraction-null", {"validation": {"fraction": None}}, "/validation/fraction", "wrong_type"),
    ("fraction-column", {"validation": {"fraction": 0.5, "column": "a"}}, "/validation", "missing_field"),
    ("column-no-value", {"validation": {"column": "a"}}, "/validation/value", "missing_field"),
    *[
        (f"value-{value}", {"validation": {"column": "a", "value": value}}, "/validation/value", code)
        for value, code in (
            (None, "wrong_type"),
            (True, "wrong_type"),
            ([], "wrong_type"),
            (float("nan"), "non_finite"),
        )
    ],
    ("validation-dataset", {"validation": {"dataset": 1}}, "/validation/dataset", "wrong_type"),
    ("scaling-number", {"scaling": 255}, "/scaling", "wrong_type"),
    ("scaling-empty", {"scaling": {}}, "/scaling", "missing_field"),
    *[
        (f"divide_by-{value}", {"scaling": {"divide_by": value}}, "/scaling/divide_by", "out_of_range")
        for value in (0, -255)
    ],
    *[
        (f"early-{name}", HELD_OUT | {"early_stopping": {name: value}}, f"/early_stopping/{name}", "out_of_range")
        for name, value in {"patience": 0, "min_delta": -1e-9}.items()
    ],
    ("early-true", HELD_OUT | {"early_stopping": True}, "/early_stopping", "wrong_type"),
    ("early-alone", {"early_stopping": {}}, "/early_stopping", "invalid_settings"),
    ("method", {"validation": {"fraction": 0.5, "method": "first"}}, "/validation/method", "unknown_choice"),
    *[(f"seed-{value}", {"seed": value}, "/seed", "out_of_range") for value in (-1, 2**64, 1.5)],
    ("time_limit-0", {"time_limit": 0}, "/time_limit", "out_of_range"),
    *[(f"gradient_clip-{value}", {"gradient_clip": value}, "/gradient_clip", "out_of_range") for value in (0, -1)],
    ("gradient_clip-text", {"gradient_clip": "1"}, "/gradient_clip", "wrong_type"),
    ("averaging-1", {"averaging": 1}, "/averaging", "wrong_type"),
    ("every-0", {"history": {"every": 0}}, "/history/every", "out_of_range"),
    ("steps-0", RANDOM | {"steps_per_iteration": 0}, "/steps_per_iteration", "out_of_range"),
    ("steps-shuffle", {"batch_size": 2, "steps_per_iteration": 3}, "/steps_per_iteration", "invalid_settings"),
    ("steps-full", {"sampling": "subset", "steps_per_iteration": 3}, "/steps_per_iteration", "invalid_settings"),
    # 67, 68
    ("infinite", {"learning_rate": float("inf")}, "/learning_rate", "non_finite"),
    ("infinite-integer", {"seed": float("inf")}, "/seed", "non_finite"),
    ("not-a-number", {"tolerance": {"cost": float("nan")}}, "/tolerance/cost", "non_finite"),
    ("huge-integer", {"learning_rate": 10**4000}, "/learning_rate", "out_of_range"),
    ("huge-count", {"max_iterations": 10**4000}, "/max_iterations", "out_of_range"),
    # 71, 72
    ("surrogate-label", {"labels": {"a": "\ud800"}}, "/labels/a", "invalid_string"),
    ("control-label", {"labels": {"a": "b\x00"}}, "/labels/a", "invalid_string"),
    ("newline-name", {"name": "a\nb"}, "/name", "invalid_string"),
    ("long-name", {"name": "x" * 1001}, "/name", "invalid_string"),
    ("17-labels", {"labels": {f"k{k}": "v" for k in range(17)}}, "/labels", "out_of_range"),
    ("colon-label", {"labels": {"a:b": "c"}}, "/labels/a:b", "invalid_string"),
    ("nameless-label", {"labels": {"": "c"}}, "/labels/", "invalid_string"),
    # 78
    ("initial-word", {"initial": "ones"}, "/initial", "wrong_type"),
    ("initial-constant-class", {"initial": "constant", "model": "logistic"}, "/initial", "invalid_settings"),
    ("initial-constant-network", {"initial": "constant", "model": "network"}, "/initial", "invalid_settings"),
    ("initial-constant-nowhere", {"initial": "constant", "intercept": False}, "/initial", "invalid_settings"),
    ("initial-null-value", {"initial": {"a": None}}, "/initial/a", "wrong_type"),
    ("initial-nested", {"initial": {"a": {"b": 1}}}, "/initial/a", "wrong_type"),
    ("initial-infinite", {"initial": {"a": float("inf")}}, "/initial/a", "non_finite"),
    # 79
    *[
        (f"unknown-{field}", {field: "nonsense"}, f"/{field}", "unknown_choice")
        for field in ("model", "loss", "penalty", "optimizer", "learning_rate", "sampling", "scaling", "missing")
    ],
    ("import", {"optimizer": "__import__"}, "/optimizer", "unknown_choice"),
    ("no-name", {"optimizer": {"beta": 0.9}}, "/optimizer/name", "missing_field"),
    ("number-name", {"optimizer": {"name": 1}}, "/optimizer", "unknown_choice"),
    ("others-beta", {"optimizer": ADAM | {"beta": 0.9}}, "/optimizer/beta", "unknown_field"),
    ("sgd-epsilon", {"optimizer": {"name": "sgd", "epsilon": 1}}, "/optimizer/epsilon", "unknown_field"),
    ("others-field", {"learning_rate": DECAY | {"gamma": 1}}, "/learning_rate/gamma", "unknown_field"),
    ("penalty-strength", {"penalty": {"name": "none", "strength": 1}}, "/penalty/strength", "unknown_field"),
    ("no-strength", {"penalty": "l2"}, "/penalty/strength", "missing_field"),
    ("strength-0", {"penalty": {"name": "l1", "strength": 0}}, "/penalty/strength", "out_of_range"),
    ("strength-infinite", {"penalty": {"name": "l2", "strength": float("inf")}}, "/penalty/strength", "non_finite"),
    ("ratio-2", {"penalty": L1 | {"name": "elastic_net", "l1_ratio": 2}}, "/penalty/l1_ratio", "out_of_range"),
    ("l1-ratio", {"penalty": L1 | {"l1_ratio": 1}}, "/penalty/l1_ratio", "unknown_field"),
    ("l1-clip", {"penalty": L1, "gradient_clip": 1}, "/gradient_clip", "invalid_settings"),
    # 81
    ("linear-log_loss", {"loss": "log_loss"}, "/loss", "invalid_settings"),
    ("logistic-squared", {"model": "logistic", "loss": "squared"}, "/loss", "invalid_settings"),
    ("huber-delta", {"loss": {"name": "huber", "delta": 0}}, "/loss/delta", "out_of_range"),
    ("quantile-zero", {"loss": {"name": "quantile", "quantile": 0}}, "/loss/quantile", "out_of_range"),
    ("quantile-one", {"loss": {"name": "quantile", "quantile": 1.0}}, "/loss/quantile", "out_of_range"),
    ("others-delta", {"loss": {"name": "absolute", "delta": 1}}, "/loss/delta", "unknown_field"),
    ("class_weight-word", {"class_weight": "even"}, "/class_weight", "wrong_type"),
    ("class_weight-zero", {"class_weight": {"a": 1, "b": 0}}, "/class_weight/b", "out_of_range"),
    ("class_weight-text", {"class_weight": {"a": "1"}}, "/class_weight/a", "wrong_type"),
    # pointers, RFC 6901
    ("escaped", {"a/b~c": 1}, "/a~1b~0c", "unknown_field"),
    ("escaped-label", {"labels": {"a/b~": 1}}, "/labels/a~1b~0", "wrong_type"),
]


@pytest.mark.parametrize(("settings", "pointer", "code"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_a_wrong_value_is_refused_where_it_stands(settings: dict[str, Any], pointer: str, code: str) -> None:
    error = refused({"target": "y", **settings})
    assert [place.pointer for place in error.errors] == [pointer]
    assert error.code == code


def test_a_range_is_said() -> None:
    assert "at least 0 and less than 1, not 1" in refused({"target": "y", "optimizer": MOMENTUM | {"beta": 1}}).detail
    assert "greater than 0, not -1" in refused({"target": "y", "learning_rate": -1}).detail


@pytest.mark.parametrize("document", [None, [], "x", 1, True], ids=repr)
def test_only_an_object_is_a_document(document: object) -> None:
    error = refused(document)
    assert (error.code, error.errors[0].pointer) == ("expected_object", "")


def test_the_target_is_required() -> None:
    error = refused({})
    assert (error.code, [place.pointer for place in error.errors]) == ("missing_field", ["/target"])


def test_all_wrong_places_are_said_at_once() -> None:
    error = refused({"seed": -1, "optimizer": "addam", "labels": {"a": 1, "b": 2}})
    assert {place.pointer for place in error.errors} == {"/target", "/seed", "/optimizer", "/labels/a", "/labels/b"}
    assert "(and 4 more)" in error.detail


def test_a_flood_of_wrong_places_is_cut() -> None:
    """A body full of unknown fields is not answered with as many sentences."""
    some = refused({"target": "y", **{f"x{k}": k for k in range(30)}})
    assert len(some.places()) == MAX_PLACES
    assert "many more" in some.detail
    flood = refused({"target": "y", **{f"x{k}": k for k in range(50_000)}})
    assert [place["pointer"] for place in flood.places()] == [""]
    assert flood.detail.startswith("Has 50001 members; there are: name, ")


@pytest.mark.parametrize(
    ("settings", "suggested"),
    [
        ({"learnig_rate": 0.1}, "learning_rate"),
        ({"optimizer": "adm"}, "adam"),
        ({"optimizer": {"name": "momentun"}}, "momentum"),
        ({"scaling": "standart"}, "standard"),
        ({"learning_rate": "inverse-time"}, "inverse_time"),
        ({"class_weight": "Balanced"}, "balanced"),
        ({"model": "LINEAR"}, "linear"),
        ({"epochs": 5}, "max_iterations"),
        ({"C": 1.0}, "penalty"),
        ({"loss": "mse"}, "squared"),
        ({"penalty": "ridge"}, "l2"),
        ({"model": "LogisticRegression"}, "logistic"),
    ],
    ids=str,
)
def test_the_nearest_name_is_suggested(settings: dict[str, Any], suggested: str) -> None:
    assert f"Did you mean {suggested!r}?" in refused({"target": "y", **settings}).detail


@pytest.mark.parametrize(
    ("settings", "pointer"),
    [
        ({"optimizer": {"beta": 0.9}}, "/optimizer/name"),
        ({"learning_rate": {"initial": 0.1}}, "/learning_rate/schedule"),
        ({"penalty": {"strength": 1.0}}, "/penalty/name"),
        ({"model": {}}, "/model/name"),
    ],
    ids=str,
)
def test_an_object_without_its_name_misses_that_member(settings: dict[str, Any], pointer: str) -> None:
    (place,) = refused({"target": "y", **settings}).errors
    assert (place.pointer, place.code) == (pointer, "missing_field")


def test_hints_name_what_there_is() -> None:
    """Names of other libraries lead to fields of the settings, or to choices of one."""
    ours = {*SettingsSchema().fields, *LOSSES, *OPTIMIZERS, *PENALTIES, *FITTING_LOSSES}
    assert set(ELSEWHERE.values()) <= ours
    assert not {name for name in ELSEWHERE if name in ours}


def test_unknown_choices_list_what_there_is() -> None:
    assert "auto, sgd, momentum, adagrad, rmsprop, adam" in refused({"target": "y", "optimizer": "lbfgs"}).detail


@pytest.mark.parametrize(
    "settings",
    [
        {"optimizer": "x" * 1_000_000},
        {"optimizer": {"name": "x" * 1_000_000}},
        {"sampling": "x" * 1_000_000},
        {"x" * 1_000_000: 1},
        {"labels": {"x" * 1_000_000: "y"}},
        {"initial": {"x" * 1_000_000: None}},
        {"learning_rate": [0] * 100_000},
        {"learning_rate": "1" * 1_000_000 + "x"},
    ],
    ids=["name", "object", "choice", "field", "label", "initial", "value", "numeral"],
)
def test_a_megabyte_is_not_echoed(settings: dict[str, Any]) -> None:
    """At most 100 characters of what was sent come back, in sentence and pointer alike."""
    error = refused({"target": "y", **settings})
    for text in (error.detail, *(part for place in error.places() for part in place.values())):
        assert "x" * 101 not in text
        assert len(text) < 1000


@pytest.mark.parametrize("settings", [{"\ud800": 1}, {"labels": {"\udfff": "a"}}, {"optimizer": "\ud800"}], ids=ascii)
def test_half_a_character_is_refused_in_text_that_can_be_sent(settings: dict[str, Any]) -> None:
    """JSON can name half a character; the refusal itself must still be UTF-8."""
    error = refused({"target": "y", **settings})
    assert json.dumps([error.detail, error.places()], ensure_ascii=False).encode()


@pytest.mark.parametrize(("value", "shown"), [(0, "0"), (-1, "-1"), (-0.5, "-0.5"), (-1e300, "-1e+300")], ids=str)
def test_a_wrong_number_is_shown_as_it_was_sent(value: float, shown: str) -> None:
    with pytest.raises(InvalidSettings) as caught:
        load_settings({"target": "y", "learning_rate": value})
    assert caught.value.errors[0].detail.endswith(f"not {shown}.")
