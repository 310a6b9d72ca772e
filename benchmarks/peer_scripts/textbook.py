"""Gradient descent in NumPy as textbooks write it, with its cost history."""

from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

NAME = f"textbook loop, NumPy {np.__version__}"
Floats = NDArray[np.float64]


def least_squares(folder: str, iterations: int, rate: float) -> dict[str, Any]:
    """Full batch, on X (m, d) and y (m,) as they are."""
    X, y = np.load(Path(folder, "X.npy")), np.load(Path(folder, "y.npy"))
    start = perf_counter()
    w, b, costs = descend(X, y, iterations, rate)
    return {"seconds": perf_counter() - start, "theta": [*w.tolist(), b], "costs": [costs[0], costs[-1]]}


def descend(X: Floats, y: Floats, iterations: int, rate: float) -> tuple[Floats, float, list[float]]:
    """Coefficients (d,), intercept, and the cost before each iteration."""
    w, b, costs = np.zeros(X.shape[1]), 0.0, []
    for _ in range(iterations):
        error = X @ w + b - y
        costs.append(float(error @ error) / (2 * len(y)))
        w -= rate * (X.T @ error) / len(y)
        b -= rate * float(error.mean())
    return w, b, costs


def logistic(folder: str, iterations: int, rate: float) -> dict[str, Any]:
    """Full batch on X (m, d) and classes y (m,) of 0 and 1."""
    X, y = np.load(Path(folder, "X.npy")), np.load(Path(folder, "y.npy"))
    start = perf_counter()
    w, b, costs = np.zeros(X.shape[1]), 0.0, []
    for _ in range(iterations):
        p = 1 / (1 + np.exp(-(X @ w + b)))
        costs.append(float(-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))))
        w -= rate * (X.T @ (p - y)) / len(y)
        b -= rate * float((p - y).mean())
    return {"seconds": perf_counter() - start, "theta": [*w.tolist(), b], "costs": [costs[0], costs[-1]]}
