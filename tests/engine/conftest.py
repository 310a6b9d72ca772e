"""Data that several tests of the engine share."""

from pathlib import Path

import numpy as np
import pytest

from engine.table import NumberColumn


@pytest.fixture(scope="session")
def diabetes() -> dict[str, NumberColumn]:
    """data/diabetes.csv as a table; the target is `progression`."""
    path = Path(__file__).parent / "data" / "diabetes.csv"
    names = path.read_text().partition("\n")[0].split(",")
    values = np.loadtxt(path, delimiter=",", skiprows=1)
    return {name: NumberColumn(np.ascontiguousarray(values[:, j])) for j, name in enumerate(names)}
