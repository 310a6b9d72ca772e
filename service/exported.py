"""A program that ``format=python`` answers with; ``export_python.py`` puts the model in."""

import csv
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np

MODEL: dict[str, Any] = json.loads(r'''{}''')  # fmt: skip
MISSING = ("", "NA", "N/A", "NaN", "nan", "null", "#N/A")
BLOCK = 1000
OPERATIONS = {
    "+": "add",
    "-": "subtract",
    "*": "multiply",
    "/": "divide",
    "**": "power",
    "asin": "arcsin",
    "acos": "arccos",
    "atan": "arctan",
}
"""Where NumPy's name for one is another."""


def predict(rows: Sequence[Mapping[str, Any]]) -> list[Any]:
    """The number or the class of each row, a mapping from columns to cells; None where there is none.

    None and NaN are missing cells. Raises ValueError for cells that the model cannot take, KeyError for a column that
    is not there.
    """
    with np.errstate(all="ignore"):
        values = _values(_scores(rows))
    classes = MODEL["classes"]
    return [None if value != value else classes[int(value)] if classes else value for value in values.tolist()]


def probabilities(rows: Sequence[Mapping[str, Any]]) -> list[list[float] | None]:
    """Those of the classes in the order of MODEL["classes"]; None where there is no prediction."""
    if not MODEL["classes"] or MODEL["loss"]["name"] != "log_loss":
        raise ValueError("This model has no probabilities.")
    with np.errstate(all="ignore"):
        scores = _scores(rows)
        if scores.shape[1] == 1:
            found = np.column_stack([_sigmoid(-scores), _sigmoid(scores)])
        else:
            powers = np.exp(scores - scores.max(axis=1, keepdims=True))
            found = powers / powers.sum(axis=1, keepdims=True)
    return [None if math.isnan(row[0]) else row for row in found.tolist()]


def _values(scores: Any) -> Any:
    """Numbers, or places of classes; NaN where there is none."""
    known = np.isfinite(scores).all(axis=1)
    if not MODEL["classes"]:
        found = np.exp(scores[:, 0]) if MODEL["loss"]["name"] == "poisson" else scores[:, 0]
        return np.where(np.isfinite(found), found, np.nan)
    places = scores[:, 0] > 0.0 if scores.shape[1] == 1 else scores.argmax(axis=1)
    return np.where(known, places, np.nan)


def _scores(rows: Sequence[Mapping[str, Any]]) -> Any:
    """The scores (n, K) of the rows; NaN where a row was dropped."""
    X, parameters = _inputs(rows), MODEL["parameters"]
    if MODEL["model"]["name"] == "formula":
        return _formula({**parameters, **dict(zip(MODEL["columns"], X.T, strict=True))}, len(X))
    if "layers" in parameters:
        return _network(X, parameters["layers"])
    columns, classes = MODEL["columns"], MODEL["classes"]
    if MODEL["model"]["name"] == "softmax":
        shifts = parameters["intercept"] or {}
        weights = _numbers([[parameters["coefficients"][one][name] for one in classes] for name in columns])
        return X.dot(weights.reshape(len(columns), -1)) + _numbers([shifts.get(one, 0.0) for one in classes])
    weights = _numbers([parameters["coefficients"][name] for name in columns])
    return (X.dot(weights) + (parameters["intercept"] or 0.0))[:, np.newaxis]


def _network(X: Any, layers: Sequence[Mapping[str, Any]]) -> Any:
    activations: dict[str, Any] = {"relu": lambda z: np.maximum(z, 0.0), "tanh": np.tanh, "sigmoid": _sigmoid}
    for layer in layers:
        X = X.dot(_numbers(layer["weights"]).reshape(-1, len(layer["bias"]))) + _numbers(layer["bias"])
        X = activations.get(layer["activation"], lambda z: z)(X)
    return X


def _formula(values: Mapping[str, Any], rows: int) -> Any:
    """The value (n, 1) of the formula, node by node."""
    found: list[Any] = []
    for kind, what, *arguments in MODEL["nodes"]:
        if kind == "call":
            found.append(getattr(np, OPERATIONS.get(what, what))(*(found[k] for k in arguments[0])))
        else:
            found.append(np.asarray(what if kind == "number" else values[what], dtype=np.float64))
    return np.broadcast_to(found[-1], rows)[:, np.newaxis]


def _inputs(rows: Sequence[Mapping[str, Any]]) -> Any:
    X, at = np.zeros((len(rows), len(MODEL["columns"]))), 0
    for feature in (one for one in MODEL["features"] if one["columns"]):
        names = feature["columns"]
        for k, row in enumerate(rows):
            cell = _cell(row[feature["name"]], feature, k)
            if cell is None:
                X[k] = np.nan  # the row is dropped
            elif feature["type"] == "number":
                X[k, at] += cell
            elif f"{feature['name']}={cell}" in names:
                X[k, at + names.index(f"{feature['name']}={cell}")] += 1.0
        at += len(names)
    return X


def _cell(cell: Any, feature: Mapping[str, Any], row: int) -> Any:
    """A number or a level, filled where it is missing; None where the row is dropped."""
    missing = cell is None or cell != cell
    fill, number = feature["fill"], feature["type"] == "number"
    if missing and MODEL["missing"] == "drop":
        return None
    if missing and fill is None:
        raise ValueError(f"Row {row + 1}, column {feature['name']}: the cell is missing.")
    if number:
        return float(fill if missing else cell)
    if cell in feature["levels"]:
        return cell
    if fill is None:
        raise ValueError(f"Row {row + 1}, column {feature['name']}: training had no category {cell!r}.")
    return fill


def _numbers(values: Any) -> Any:
    return np.array(values, dtype=np.float64)


def _sigmoid(z: Any) -> Any:
    return 0.5 + 0.5 * np.tanh(0.5 * z)


def _lines(rows: Iterator[Mapping[str, Any]]) -> Iterator[list[Any]]:
    """The lines of the answer: number of the row, prediction, and probabilities where there are some."""
    classes, first = MODEL["classes"], 1
    likely = bool(classes) and MODEL["loss"]["name"] == "log_loss"
    yield ["row", "prediction", *(f"probability={one}" for one in classes if likely)]
    while some := list(islice(rows, BLOCK)):
        shares: Iterable[Any] = probabilities(some) if likely else [None] * len(some)
        for k, (value, row) in enumerate(zip(predict(some), shares, strict=True), first):
            yield [k, value, *(row or ([None] * len(classes) if likely else []))]
        first += len(some)


def _rows(lines: Iterable[str]) -> Iterator[Mapping[str, Any]]:
    """The rows of a CSV with a line of names."""
    reader = csv.reader(lines)
    names = [name.strip(" \t") for name in next(reader)]
    for row in reader:
        cells = (cell.strip(" \t") for cell in row)
        yield {name: None if cell in MISSING else cell for name, cell in zip(names, cells, strict=True)}


if __name__ == "__main__":
    with open(0, encoding="utf-8-sig", newline="") as given, open(1, "w", encoding="utf-8", newline="") as written:
        csv.writer(written, lineterminator="\n").writerows(_lines(_rows(given)))
