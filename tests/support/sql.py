"""SQLite as the exports need it."""

import sqlite3
from collections.abc import Callable
from typing import Any

import numpy as np

FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{
        name: getattr(np, name)
        for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh", "exp", "sqrt", "floor", "power")
    },
    "asin": np.arcsin,
    "acos": np.arccos,
    "atan": np.arctan,
    "ln": np.log,
}


def with_functions(database: sqlite3.Connection) -> None:
    """Give a SQLite that was built without mathematics its functions, which answer as its own would."""
    if database.execute("SELECT 1 FROM pragma_function_list WHERE name = 'exp'").fetchone():
        return
    for name, function in FUNCTIONS.items():
        database.create_function(name, 1 + (name == "power"), _quiet(function))


def _quiet(function: Callable[..., Any]) -> Callable[..., float | None]:
    def quiet(*given: float | None) -> float | None:
        with np.errstate(all="ignore"):
            return None if None in given else float(function(*np.array(given, dtype=np.float64)))

    return quiet
