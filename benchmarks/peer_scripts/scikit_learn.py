"""Stochastic descent in scikit-learn."""

from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import sklearn
from sklearn.linear_model import SGDRegressor

NAME = f"scikit-learn {sklearn.__version__}"


def stochastic(folder: str, passes: int, rate: float) -> dict[str, Any]:
    """Seconds of a shuffled pass of SGDRegressor, and half the mean squared error after all of them."""
    X, y = np.load(Path(folder, "X.npy")), np.load(Path(folder, "y.npy"))
    model = SGDRegressor(penalty=None, learning_rate="constant", eta0=rate, max_iter=passes, tol=None)
    start = perf_counter()
    model.fit(X, y)
    took = perf_counter() - start
    return {"seconds": took / passes, "cost": float(np.mean((model.predict(X) - y) ** 2)) / 2}
