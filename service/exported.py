"""A program that ``format=python`` answers with; ``export_python.py`` puts the model in."""

import csv
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any

import numpy as np

MODEL: dict[str, Any] = json.loads(r'''{}''')  # fmt: skip
NUMBERS = {
    sign: re.compile(rf"[+-]?([0-9]+({re.escape(sign)}[0-9]*)?|{re.escape(sign)}[0-9]+)([eE][+-]?[0-9]{{1,3}})?")
    for sign in ".,"
}
BLANKS = " \t"
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
    return _values(_scores(rows))


def probabilities(rows: Sequence[Mapping[str, Any]]) -> list[list[float] | None]:
    """Those of the classes in the order of MODEL["classes"]; None where there is no prediction."""
    if not _has_probabilities():
        raise ValueError("This model has no probabilities.")
    return _shares(_scores(rows))


def _has_probabilities() -> bool:
    return bool(MODEL["classes"]) and MODEL["loss"]["name"] == "log_loss"


def _values(scores: Any) -> list[Any]:
    """Numbers, or classes; None where there is none."""
    known, classes = np.isfinite(scores).all(axis=1), MODEL["classes"]
    if classes:
        places = scores[:, 0] > 0.0 if scores.shape[1] == 1 else scores.argmax(axis=1)
        return [classes[int(place)] if there else None for place, there in zip(places, known, strict=True)]
    with np.errstate(over="ignore"):
        found = np.exp(scores[:, 0]) if MODEL["loss"]["name"] == "poisson" else scores[:, 0]
    return [value if math.isfinite(value) else None for value in found.tolist()]


def _shares(scores: Any) -> list[list[float] | None]:
    with np.errstate(all="ignore"):
        if scores.shape[1] == 1:
            found = np.column_stack([_sigmoid(-scores), _sigmoid(scores)])
        else:
            powers = np.exp(scores - scores.max(axis=1, keepdims=True))
            found = powers / powers.sum(axis=1, keepdims=True)
    known = np.isfinite(scores).all(axis=1)
    return [row if there else None for row, there in zip(found.tolist(), known, strict=True)]


def _scores(rows: Sequence[Mapping[str, Any]], first: int = 1) -> Any:
    """The scores (n, K) of the rows, the first of which has that number; NaN where a row was dropped."""
    with np.errstate(all="ignore"):
        return _of_inputs(_inputs(rows, first))


def _of_inputs(X: Any) -> Any:
    parameters, columns, classes = MODEL["parameters"], MODEL["columns"], MODEL["classes"]
    if MODEL["model"]["name"] == "formula":
        return _formula({**parameters, **dict(zip(columns, X.T, strict=True))}, len(X))
    if "layers" in parameters:
        return _network(X, parameters["layers"])
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


def _inputs(rows: Sequence[Mapping[str, Any]], first: int) -> Any:
    X, at = np.zeros((len(rows), len(MODEL["columns"]))), 0
    for feature in _features():
        names = feature["columns"]
        for k, row in enumerate(rows):
            try:
                cell = _cell(row[feature["name"]], feature)
            except ValueError as error:
                raise ValueError(f"Row {first + k}, column {feature['name']}: {error}") from None
            if cell is None:
                X[k] = np.nan  # the row is dropped
            elif feature["type"] == "number":
                X[k, at] += cell
            elif f"{feature['name']}={cell}" in names:
                X[k, at + names.index(f"{feature['name']}={cell}")] += 1.0
        at += len(names)
    return X


def _features() -> list[dict[str, Any]]:
    return [feature for feature in MODEL["features"] if feature["columns"]]


def _cell(cell: Any, feature: Mapping[str, Any]) -> Any:
    """A number or a level, filled where it is missing; None where the row is dropped."""
    fill = feature["fill"]
    if cell is None or cell != cell:
        if MODEL["missing"] != "drop" and fill is None:
            raise ValueError("the cell is missing.")
        return None if MODEL["missing"] == "drop" else fill if feature["type"] == "category" else float(fill)
    if feature["type"] == "number":
        if isinstance(cell, str) or not math.isfinite(cell):
            raise ValueError(f"{cell!r} is no finite number.")
        return float(cell)
    if cell not in feature["levels"] and fill is None:
        raise ValueError(f"training had no category {cell!r}.")
    return cell if cell in feature["levels"] else fill


def _numbers(values: Any) -> Any:
    return np.array(values, dtype=np.float64)


def _sigmoid(z: Any) -> Any:
    return 0.5 + 0.5 * np.tanh(0.5 * z)


def _lines(rows: Iterator[Mapping[str, Any]]) -> Iterator[list[Any]]:
    """The lines of the answer: number of the row, prediction, and probabilities where there are some."""
    classes, first = MODEL["classes"] if _has_probabilities() else [], 1
    while some := list(islice(rows, BLOCK)):
        scores = _scores(some, first)
        if first == 1:
            yield ["row", "prediction", *(f"probability={one}" for one in classes)]
        shares: list[Any] = _shares(scores) if classes else [None] * len(some)
        for k, (value, row) in enumerate(zip(_values(scores), shares, strict=True), first):
            yield [k, value, *(row or [None] * len(classes))]
        first += len(some)
    if first == 1:
        raise ValueError("There are no rows.")


def _rows(lines: Iterator[str]) -> Iterator[Mapping[str, Any]]:
    """The rows of a CSV, whose delimiter, names and decimal sign are found as /predictions finds them."""
    head = next(lines, "")
    delimiter, names, named = _names(head)
    rows = _of_width(csv.reader(lines if named else chain([head], lines), delimiter=delimiter, strict=True), len(names))
    numbers = {feature["name"] for feature in _features() if feature["type"] == "number"}
    sample = list(islice(rows, BLOCK))
    cells = [cell for row in sample for name, cell in zip(names, row, strict=True) if name in numbers]
    decimal = _decimal(cells, delimiter)
    for row in chain(sample, rows):
        yield {name: _read(cell, decimal, name in numbers) for name, cell in zip(names, row, strict=True)}


def _names(head: str) -> tuple[str, list[str], bool]:
    """The delimiter, the names, and whether the first line holds them; one of numbers is a row."""
    if not head.strip():
        raise ValueError("The file is empty, or its first line is.")
    needed = {feature["name"] for feature in _features()}
    found = (_split(head, one) for one in dict.fromkeys((MODEL["dialect"]["delimiter"], *",;\t|")))
    delimiter, names, named = min(found, key=lambda one: len(needed - set(one[1])))
    if lacking := needed - set(names):
        raise ValueError(f"The model reads columns that are not there: {', '.join(sorted(lacking))}.")
    if len(set(names)) < len(names):
        raise ValueError("Two columns have one name.")
    return delimiter, names, named


def _split(head: str, delimiter: str) -> tuple[str, list[str], bool]:
    """The same for one delimiter."""
    cells = [cell.strip(BLANKS) for cell in next(csv.reader([head], delimiter=delimiter))]
    named = not all(map(_may_be_number, cells))
    return delimiter, cells if named else [f"c{k}" for k in range(1, len(cells) + 1)], named


def _may_be_number(cell: str) -> bool:
    return cell in MODEL["dialect"]["missing_values"] or any(sign.fullmatch(cell) for sign in NUMBERS.values())


def _of_width(records: Iterable[list[str]], width: int) -> Iterator[list[str]]:
    """The rows, without blank lines at the end; one above the end is a cell where there is one column."""
    row = blank = 0
    for record in records:
        if not record:
            blank += 1
            continue
        if blank and width > 1:
            raise ValueError(f"Row {row + 1}: the line is blank; delete it.")
        yield from ([""] for _ in range(blank))
        row, blank = row + blank + 1, 0
        if len(record) != width:
            raise ValueError(f"Row {row}: there are {len(record)} cells, and {width} columns.")
        yield record


def _decimal(cells: Sequence[str], delimiter: str) -> str:
    """The decimal sign of more of the cells; that of training where none has any."""
    if delimiter == ",":
        return "."
    commas, points = (sum(sign in cell for cell in cells) for sign in ",.")
    return "," if commas > points or (not points and MODEL["dialect"]["decimal"] == ",") else "."


def _read(cell: str, decimal: str, number: bool) -> Any:
    """None for a missing cell, a number where it is one; anything else as it stands."""
    bare = cell.strip(BLANKS)
    if bare in MODEL["dialect"]["missing_values"]:
        return None
    return float(bare.replace(",", ".")) if number and NUMBERS[decimal].fullmatch(bare) else cell


def _written(cell: Any) -> str:
    """A cell as /predictions writes it: texts in quotes, nothing where there is none."""
    if isinstance(cell, str):
        return '"' + cell.replace('"', '""') + '"'
    return "" if cell is None else repr(cell).removesuffix(".0")


if __name__ == "__main__":
    try:
        with open(0, encoding="utf-8-sig", newline="") as given, open(1, "w", encoding="utf-8", newline="") as written:
            lines = _lines(_rows(given))
            csv.writer(written, lineterminator="\n").writerow(next(lines))
            written.writelines(",".join(map(_written, line)) + "\n" for line in lines)
    except (ValueError, csv.Error) as error:
        raise SystemExit(str(error)) from None
