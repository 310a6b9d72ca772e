"""Our side of the comparisons without HTTP: the engine on arrays in memory, as a worker runs it.

``benchmarks/peers.py`` calls these functions in a process of their own, as it calls the peers'.
"""

from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from contract.config import VERSION
from engine.arrays import FloatArray
from engine.batches import Batching
from engine.descent import Method, Point
from engine.losses import Squared
from engine.optimizers import Sgd
from engine.problems import Problem, linear_problem
from engine.rows import rows_cost
from engine.schedules import Constant
from engine.stopping import Limits
from engine.training import train

NAME = f"Thalweg {VERSION}"


def least_squares(folder: str, iterations: int, rate: float) -> dict[str, Any]:
    """Full batch on X (m, d) and y (m,) as they are, from the matrix to the end of the descent."""
    X, y = np.load(Path(folder, "X.npy")), np.load(Path(folder, "y.npy"))
    start = perf_counter()
    problem = linear_problem(rows_cost(X, y, intercept=True, loss=Squared()))
    points = _descend(problem, Method(Sgd(), Constant(rate), Batching(None)), iterations)
    return {"seconds": perf_counter() - start, "theta": points[-1].theta.tolist()}


def _descend(problem: Problem, method: Method, iterations: int) -> list[Point]:
    """The points of exactly so many iterations from zeros."""
    points: list[Point] = []
    theta: FloatArray = np.zeros(problem.dimension)
    train(problem, method, theta, Limits(iterations), observe=points.append, interrupted=lambda: None)
    assert points[-1].iteration == iterations
    return points
