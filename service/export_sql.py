"""A fitted model as one SELECT over a table, in SQL that SQLite (from 3.35 on) and PostgreSQL (from 12 on) run.

SQLite must have its mathematical functions; formulas need PostgreSQL 14, which divides by infinity.

The cells and each layer of scores are WITH queries; they are MATERIALIZED, since a planner that puts one into the other
would write out a network's units again for each unit above. A missing cell (NULL) and a category that training did not
have are filled as in training, or give no prediction (NULL), as do a text where a number should be and a number beyond
float64's range.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from contract.errors import BadRequest, Unprocessable
from service.csv_options import dialect_of
from service.export_sql_formula import formula_query
from service.sql_texts import FINITE, Columns, Query, Stage, cells, natural_power, number, quoted, text

MOST_PARAMETERS: Final = 10_000
MOST_CLASSES: Final = 100
"""Each is compared with each other."""
MOST_UNITS: Final = 1600
"""Of a layer or the table, each a column: SQLite takes 2,000, PostgreSQL 1,664."""

EDGE: Final = "700.0"
"""Beyond it e^x is hardly one of float64's numbers, of which PostgreSQL refuses what is none; a share is zero there."""


class Layer(NamedTuple):
    """Weights (inputs, units), a bias for each unit, and what follows; None is no finite number."""

    weights: Sequence[Sequence[float | None]]
    bias: Sequence[float | None]
    activation: str


def sql_of(model: dict[str, Any], table: str, key: str | None = None) -> str:
    """The SELECT over the table; its column `key` comes first. All names are quoted.

    A dot in `table` stands between schema and table; raises ``BadRequest`` where a part beside one is empty, and for a
    key with the name of an answer. Raises ``Unprocessable`` for large models.
    """
    parts = table.split(".")
    if not all(parts):
        raise BadRequest("The argument 'table' has an empty name beside a dot: say schema.table.", "invalid_parameter")
    source, keys = ".".join(map(quoted, parts)) + " AS t", [] if key is None else [("k", f"t.{quoted(key)}")]
    stages, answer = (formula_query if model["model"]["name"] == "formula" else _layered)(model, source, keys)
    queries = ",\n".join(f"{one.name} AS MATERIALIZED (\n{_select(one.columns, one.source)}\n)" for one in stages)
    if key is not None and quoted(key) in dict(answer):
        raise BadRequest(
            f"The argument 'key' is {key!r}, which is the name of an answer: rename that column.", "invalid_parameter"
        )
    shown = [*([] if key is None else [(quoted(key), "p.k")]), *answer]
    return f"WITH {queries}\n{_select(shown, f'{stages[-1].name} AS p')}\n"


def _layered(model: dict[str, Any], source: str, key: Columns) -> Query:
    """Of any model but a formula."""
    layers = _layers(model)
    _check_size(model, layers)
    return Query(list(_stages(model, layers, source, key)), list(_answer(model, layers)))


def _layers(model: dict[str, Any]) -> list[Layer]:
    """Of any model: one without hidden units is a network of one layer."""
    parameters, columns = model["parameters"], model["columns"]
    if "layers" in parameters:
        return [Layer(one["weights"], one["bias"], one["activation"]) for one in parameters["layers"]]
    if model["model"]["name"] == "softmax":
        classes, shifts = parameters["classes"], parameters["intercept"] or {}
        weights = [[parameters["coefficients"][one][name] for one in classes] for name in columns]
        return [Layer(weights, [shifts.get(one, 0.0) for one in classes], "softmax")]
    weights = [[parameters["coefficients"][name]] for name in columns]
    return [Layer(weights, [parameters["intercept"] if parameters["intercept"] is not None else 0.0], "identity")]


def _check_size(model: dict[str, Any], layers: Sequence[Layer]) -> None:
    parameters = sum((len(layer.weights) + 1) * len(layer.bias) for layer in layers)
    classes = len(model["parameters"].get("classes") or ())
    units = max(len(_used(model)), *(len(layer.bias) for layer in layers))
    if parameters > MOST_PARAMETERS or classes > MOST_CLASSES or units > MOST_UNITS:
        raise Unprocessable(
            f"The model has {parameters} parameters, {classes} classes and up to {units} columns or units in a layer; "
            f"as SQL it may have {MOST_PARAMETERS}, {MOST_CLASSES} and {MOST_UNITS}: take format=python.",
            "model_too_large",
        )


def _stages(model: dict[str, Any], layers: Sequence[Layer], source: str, key: Columns) -> Iterator[Stage]:
    """Scores s1, s2, … of the last layer, finite for classes, and what the probabilities of several are made of."""
    before, inputs = source, ""
    if columns := [*key, *cells(_used(model), dialect_of(model))]:
        yield Stage("cells", columns, source)
        before, key = "cells AS p", [("k", "p.k")] if key else []
    for depth, layer in enumerate(layers, 1):
        units = [_unit(model, layer, unit, inputs) for unit in range(len(layer.bias))]
        yield Stage(f"layer{depth}", [*key, *((f"s{k}", unit) for k, unit in enumerate(units, 1))], before)
        before, inputs = f"layer{depth} AS p", "a"
        if layer is not layers[-1]:
            active = [(f"a{k}", _activated(layer.activation, f"p.s{k}")) for k in range(1, len(units) + 1)]
            yield Stage(f"active{depth}", [*key, *active], before)
            before = f"active{depth} AS p"
    several = range(1, len(layers[-1].bias) + 1)
    if model["parameters"].get("classes"):
        yield Stage("scores", [*key, *((f"s{k}", FINITE.format(f"p.s{k}")) for k in several)], before)
        before = "scores AS p"
    if len(several) > 1:
        yield Stage("highest", [("p.*", ""), ("m", _highest(several))], before)
        yield Stage("powers", [("p.*", ""), *((f"e{k}", _exp(f"p.s{k} - p.m")) for k in several)], "highest AS p")
        yield Stage("total", [("p.*", ""), ("e", _sum([f"p.e{k}" for k in several]))], "powers AS p")


def _answer(model: dict[str, Any], layers: Sequence[Layer]) -> Iterator[tuple[str, str]]:
    classes, name = model["parameters"].get("classes") or [], quoted("prediction")
    if not classes:
        yield name, natural_power("p.s1") if model["loss"]["name"] == "poisson" else FINITE.format("p.s1")
    elif len(layers[-1].bias) == 1:
        first, second = map(text, classes)
        yield name, f"CASE WHEN p.s1 > 0 THEN {second} WHEN p.s1 <= 0 THEN {first} END"
        if model["loss"]["name"] == "log_loss":
            yield quoted(f"probability={classes[0]}"), f"1.0 / (1.0 + {_exp('p.s1')})"
            yield quoted(f"probability={classes[1]}"), f"1.0 / (1.0 + {_exp('-p.s1')})"
    else:
        yield name, f"CASE {' '.join(f'WHEN p.s{k} = p.m THEN {text(one)}' for k, one in enumerate(classes, 1))} END"
        yield from ((quoted(f"probability={one}"), f"p.e{k} / p.e") for k, one in enumerate(classes, 1))


def _used(model: dict[str, Any]) -> list[dict[str, Any]]:
    return [feature for feature in model["features"] if feature["columns"]]


def _unit(model: dict[str, Any], layer: Layer, unit: int, inputs: str) -> str:
    """The score of one unit: of the cells, or of the units below, whose names begin so."""
    weights = [row[unit] for row in layer.weights]
    start = f"CAST({number(layer.bias[unit])} AS DOUBLE PRECISION)"
    if inputs:
        return _sum([start, *(f"{number(weight)} * p.{inputs}{k}" for k, weight in enumerate(weights, 1))])
    given = iter(weights)
    used = enumerate(_used(model), 1)
    terms = [_term(f"p.c{k}", feature, {name: next(given) for name in feature["columns"]}) for k, feature in used]
    return _sum([start, *terms])


def _term(column: str, feature: dict[str, Any], weights: dict[str, float | None]) -> str:
    """What a column adds to a score; a category adds the weight of its level."""
    fill = feature["fill"]
    if feature["levels"] is None:
        return f"{number(*weights.values())} * {column}"
    added = {level: number(weights.get(f"{feature['name']}={level}", 0.0)) for level in feature["levels"]}
    cases = " ".join(f"WHEN {text(level)} THEN {weight}" for level, weight in added.items())
    return f"CASE {column} {cases}{'' if fill is None else f' ELSE {added[fill]}'} END"


def _activated(activation: str, z: str) -> str:
    if activation == "relu":
        return f"CASE WHEN {z} > 0 THEN {z} WHEN {z} <= 0 THEN 0.0 END"
    sigmoid = f"1.0 / (1.0 + {_exp(f'-{z}')})"
    return sigmoid if activation == "sigmoid" else f"2.0 / (1.0 + {_exp(f'-2.0 * {z}')}) - 1.0"


def _exp(power: str) -> str:
    """e^x within a share; NULL of NULL."""
    return f"exp(CASE WHEN {power} > {EDGE} THEN {EDGE} WHEN {power} < -{EDGE} THEN -{EDGE} ELSE {power} END)"


def _highest(several: range) -> str:
    """The highest score; where two are equal, the first; NULL where one is NULL."""
    ahead = {k: " AND ".join(f"p.s{k} >= p.s{other}" for other in several if other != k) for k in several}
    return f"CASE {' '.join(f'WHEN {test} THEN p.s{k}' for k, test in ahead.items())} END"


def _sum(terms: Sequence[str]) -> str:
    """Halves of halves: SQLite refuses expressions that are nested more than 1,000 deep, as a + b + … is."""
    if len(terms) <= 8:
        return "\n    + ".join(terms)
    middle = len(terms) // 2
    return f"({_sum(terms[:middle])})\n    + ({_sum(terms[middle:])})"


def _select(columns: Columns, source: str) -> str:
    shown = ",\n    ".join(f"{expression} AS {name}" if expression else name for name, expression in columns)
    return f"SELECT\n    {shown}\nFROM {source}"
