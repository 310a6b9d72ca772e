"""Write optima.json: the least possible costs of public data, found by second-order methods and linear programs.

    python tests/engine/data/optima.py

in an environment with SciPy 1.17. Without a penalty a least cost does not depend on how the columns are scaled, so an
orthonormal basis of them is used. A least cost of 0 says that the classes can be told apart perfectly.
"""

import csv
import gzip
import json
from pathlib import Path

import numpy as np
import scipy
from scipy.optimize import linprog, minimize
from scipy.special import expit, logsumexp, softmax, xlogy

HERE = Path(__file__).parent
ROOT = HERE.parent.parent.parent
OURS, EXAMPLES = "tests/engine/data/", "examples/data/"
LEVELS = 50
GAPS = ("", "NA")

FILES = {
    "longley": (OURS + "longley.csv", {}),
    "star98": (OURS + "star98_moments.csv", {}),
    "diabetes": (OURS + "diabetes.csv", {}),
    "linnerud": (OURS + "linnerud.csv", {}),
    "engel": (OURS + "engel.csv", {}),
    "visits": (OURS + "doctor_visits.csv", {}),
    "cancer": (OURS + "breast_cancer.csv.gz", {"types": {"benign": "category"}}),
    "cars": (EXAMPLES + "cars.csv", {}),
    "gapminder": (EXAMPLES + "gapminder.csv", {}),
    "penguins": (EXAMPLES + "penguins.csv", {}),
    "weather": (EXAMPLES + "seattle_weather.csv", {}),
    "travel": (EXAMPLES + "travel_modes.csv", {"delimiter": ";", "types": {"choice": "category"}}),
    "iris": (EXAMPLES + "iris.csv", {"header": True, "types": {"virginica": "category"}}),
    "wines": (EXAMPLES + "wines.csv", {"header": False, "types": {"c14": "category"}}),
    "digits": (EXAMPLES + "digits.csv.gz", {"header": False, "types": {"c65": "category"}}),
}
CULMEN = ["Culmen Length (mm)", "Culmen Depth (mm)", "Flipper Length (mm)"]
PENGUINS = {"missing": "drop", "features": [*CULMEN, "Body Mass (g)", "Island"]}

LINEAR = {
    "longley": {"target": "TOTEMP"},
    "star98": {"target": "RATE"},
    "diabetes": {"target": "progression"},
    "linnerud": {"target": "Weight"},
    "engel": {"target": "foodexp"},
    "visits": {"target": "mdvis"},
    "cars": {"target": "mpg"},
    "gapminder": {"target": "lifeExp"},
    "penguins": {"target": "Body Mass (g)", "missing": "drop", "features": [*CULMEN, "Island"]},
    "weather": {"target": "temp_max"},
    "travel": {"target": "gc"},
    "wines": {"target": "c1"},
}
TWO_CLASSES = {
    "cancer": {"target": "benign"},
    "penguins": {"target": "Sex", **PENGUINS},
    "travel": {"target": "choice"},
}
CLASSES = {
    "iris": {"target": "virginica"},
    "wines": {"target": "c14"},
    "digits": {"target": "c65"},
    "cars": {"target": "origin"},
    "weather": {"target": "weather"},
    "penguins": {"target": "Sex", **PENGUINS},
}
ROBUST = ("longley", "diabetes", "engel", "cars", "gapminder", "weather")
LOSSES = {
    "linear": {
        "squared": tuple(LINEAR),
        **dict.fromkeys(("huber", "log_cosh", "absolute", "quantile"), ROBUST),
        "poisson": ("visits", "cars", "travel"),
    },
    "logistic": dict.fromkeys(("log_loss", "squared_hinge", "hinge"), tuple(TWO_CLASSES)),
    "softmax": {"log_loss": tuple(CLASSES)},
}
JOBS = {"linear": LINEAR, "logistic": TWO_CLASSES, "softmax": CLASSES}
FIELDS = {"huber": {"delta": 1.35}, "quantile": {"quantile": 0.8}}


def read(path: str, options: dict) -> dict[str, list[str]]:
    """The cells of a file by column; columns without a header are c1, c2 and so on."""
    opened = gzip.open if path.endswith(".gz") else open
    with opened(ROOT / path, "rt", encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file, delimiter=options.get("delimiter", ",")))
    names = rows.pop(0) if options.get("header", True) else [f"c{j + 1}" for j in range(len(rows[0]))]
    return {name: [row[j] for row in rows] for j, name in enumerate(names[: len(rows[0])])}


def numbers(cells: list[str]) -> np.ndarray | None:
    """The cells as numbers, None where they are texts."""
    try:
        return np.array([float(cell) for cell in cells])
    except ValueError:
        return None


def design(table: dict[str, list[str]], settings: dict, texts: dict) -> tuple[np.ndarray, list[str]]:
    """An orthonormal basis (m, r), times √m, of the features and the ones, and the cells of the target."""
    names = settings.get("features") or [name for name in table if name != settings["target"]]
    keep = [
        i
        for i in range(len(table[settings["target"]]))
        if settings.get("missing") != "drop" or all(table[name][i] not in GAPS for name in [*names, settings["target"]])
    ]
    columns = [np.ones(len(keep))]
    for name in names:
        columns += encoded([table[name][i] for i in keep], text=name in texts)
    X = np.column_stack(columns)
    X[:, 1:] -= X[:, 1:].mean(axis=0)
    X[:, 1:] /= np.where(X[:, 1:].std(axis=0) > 0, X[:, 1:].std(axis=0), 1.0)
    U, s, _ = np.linalg.svd(X, full_matrices=False)
    return U[:, s > 1e-11 * s[0]] * np.sqrt(len(keep)), [table[settings["target"]][i] for i in keep]


def encoded(cells: list[str], *, text: bool) -> list[np.ndarray]:
    """The columns of one feature: numbers, or one for each level of a text that has few."""
    values = None if text else numbers(cells)
    levels = sorted(set(cells))
    if values is not None:
        return [values]
    return [np.array([cell == level for cell in cells], float) for level in levels] if len(levels) <= LEVELS else []


def score_loss(name: str, y: np.ndarray):
    """(value, first, second derivative) with respect to the scores z (m,)."""
    sign = 2.0 * y - 1.0
    delta = FIELDS["huber"]["delta"]
    return {
        "squared": lambda z: ((z - y) ** 2 / 2, z - y, np.ones_like(z)),
        "huber": lambda z: (
            np.where(abs(z - y) <= delta, (z - y) ** 2 / 2, delta * (abs(z - y) - delta / 2)),
            np.clip(z - y, -delta, delta),
            (abs(z - y) <= delta).astype(float),
        ),
        "log_cosh": lambda z: (
            np.logaddexp(z - y, y - z) - np.log(2),
            np.tanh(z - y),
            1 - np.tanh(z - y) ** 2,
        ),
        "poisson": lambda z: (np.exp(z) - y * z - y + xlogy(y, y), np.exp(z) - y, np.exp(z)),
        "log_loss": lambda z: (np.logaddexp(0, -sign * z), expit(z) - y, expit(z) * expit(-z)),
        "squared_hinge": lambda z: (
            np.maximum(0, 1 - sign * z) ** 2,
            -2 * sign * np.maximum(0, 1 - sign * z),
            2.0 * (sign * z < 1),
        ),
    }[name]


def newton(X: np.ndarray, y: np.ndarray, name: str) -> float:
    """The least mean loss of one score, by a trust region on exact second derivatives."""
    parts = score_loss(name, y)
    m = len(y)
    found = minimize(
        lambda b: parts(X @ b)[0].mean(),
        np.zeros(X.shape[1]),
        jac=lambda b: X.T @ parts(X @ b)[1] / m,
        hess=lambda b: (X.T * parts(X @ b)[2]) @ X / m + 1e-14 * np.eye(X.shape[1]),
        method="trust-exact",
        options={"gtol": 1e-11, "maxiter": 2000},
    )
    return float(found.fun)


def cross_entropy(X: np.ndarray, y: np.ndarray) -> float:
    """The least mean cross-entropy, by L-BFGS and Newton's method with conjugate gradients after it."""
    m, classes = len(y), int(y.max()) + 1
    true = np.eye(classes)[y.astype(int)]

    def cost(b: np.ndarray) -> tuple[float, np.ndarray]:
        z = X @ b.reshape(-1, classes)
        value = (logsumexp(z, axis=1) - (z * true).sum(axis=1)).mean()
        return value, (X.T @ (softmax(z, axis=1) - true) / m).ravel()

    def product(b: np.ndarray, v: np.ndarray) -> np.ndarray:
        p, u = softmax(X @ b.reshape(-1, classes), axis=1), X @ v.reshape(-1, classes)
        return (X.T @ (p * u - p * (p * u).sum(axis=1, keepdims=True)) / m).ravel()

    start = np.zeros(X.shape[1] * classes)
    near = minimize(cost, start, jac=True, method="L-BFGS-B", options={"maxiter": 20000, "ftol": 1e-16, "gtol": 1e-9})
    found = minimize(cost, near.x, jac=True, hessp=product, method="trust-ncg", options={"gtol": 1e-11, "maxiter": 300})
    return float(min(near.fun, found.fun))


def least_absolute(X: np.ndarray, y: np.ndarray, quantile: float) -> float:
    """The least mean pinball loss, by linear programming (Koenker and Bassett 1978)."""
    m, d = X.shape
    c = np.concatenate([np.zeros(d), np.full(m, quantile / m), np.full(m, (1 - quantile) / m)])
    A = np.hstack([X, np.eye(m), -np.eye(m)])
    bounds = [(None, None)] * d + [(0, None)] * (2 * m)
    return float(linprog(c, A_eq=A, b_eq=y, bounds=bounds, method="highs").fun)


def least_hinge(X: np.ndarray, y: np.ndarray) -> float:
    """The least mean hinge loss, by linear programming."""
    m, d = X.shape
    sign = (2 * y - 1)[:, None]
    A = -np.hstack([sign * X, np.eye(m)])
    c = np.concatenate([np.zeros(d), np.full(m, 1 / m)])
    bounds = [(None, None)] * d + [(0, None)] * m
    return float(linprog(c, A_ub=A, b_ub=-np.ones(m), bounds=bounds, method="highs").fun)


def least_cost(model: str, loss: str, X: np.ndarray, cells: list[str]) -> float:
    """The least possible cost, 0 where it is only approached."""
    y = numbers(cells) if model == "linear" else np.unique(cells, return_inverse=True)[1].astype(float)
    if loss in ("absolute", "quantile"):
        # |r| is twice the pinball loss of one half.
        return 2 * least_absolute(X, y, 0.5) if loss == "absolute" else least_absolute(X, y, FIELDS[loss]["quantile"])
    if loss == "hinge":
        least = least_hinge(X, y)
    elif model == "softmax":
        least = cross_entropy(X, y)
    else:
        least = newton(X, y, loss)
    return 0.0 if model != "linear" and least < 1e-6 else least


def main() -> None:
    """Work out every case and write the file."""
    tables = {name: read(path, options) for name, (path, options) in FILES.items()}
    cases = []
    for model, losses in LOSSES.items():
        for loss, names in losses.items():
            for name in names:
                settings = JOBS[model][name]
                texts = FILES[name][1].get("types", {})
                least = least_cost(model, loss, *design(tables[name], settings, texts))
                chosen = {"model": model, "loss": {"name": loss, **FIELDS.get(loss, {})}}
                cases.append({"data": name, "settings": settings | chosen, "least_cost": least})
                print(model, loss, name, least)  # noqa: T201 - a script tells what it found
    files = {name: {"path": path, "options": options} for name, (path, options) in FILES.items()}
    document = {"peer": f"SciPy {scipy.__version__}", "files": files, "cases": cases}
    (HERE / "optima.json").write_text(json.dumps(document, indent=1) + "\n")


main()
