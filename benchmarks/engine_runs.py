"""Our side of the comparisons without HTTP: the engine on arrays in memory, as a worker runs it.

``benchmarks/peers.py`` calls these functions in a process of their own, as it calls the peers'.
"""

import os
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from contract.config import VERSION
from engine.arrays import FloatArray
from engine.batches import Batching
from engine.descent import Point
from engine.kernels.load import load_kernel
from engine.losses import CrossEntropy, LogLoss, Loss, Squared
from engine.method import Method
from engine.network import Network, initial_theta
from engine.network_problem import NetworkProblem
from engine.network_rows import architecture_of, network_rows
from engine.optimizers import Adam, Sgd
from engine.problems import Problem, linear_problem
from engine.rows import rows_cost
from engine.schedules import Constant
from engine.stopping import Limits
from engine.training import train

NAME = f"Thalweg {VERSION}"
KERNELS = Path(__file__).resolve().parent.parent / "var" / "cache"
"""Compiled code is kept here, as workers have it when a job comes."""


def least_squares(folder: str, iterations: int, rate: float) -> dict[str, Any]:
    """Full batch on X (m, d) and y (m,) as they are, from the matrix to the end of the descent."""
    return _full_batch(Squared(), folder, iterations, rate)


def logistic(folder: str, iterations: int, rate: float) -> dict[str, Any]:
    """The same on classes y (m,) of 0 and 1."""
    return _full_batch(LogLoss(), folder, iterations, rate)


def stochastic(folder: str, passes: int, rate: float) -> dict[str, Any]:
    """Seconds of a shuffled pass of batches of one row with the cost after it, and the last cost."""
    return _passes(Method(Sgd(), Constant(rate), Batching(1)), folder, passes)


def small_batches(folder: str, passes: int, size: int, rate: float) -> dict[str, Any]:
    """The same of Adam on batches of `size` rows."""
    return _passes(Method(Adam(), Constant(rate), Batching(size)), folder, passes)


def network(folder: str, hidden: int, passes: int, size: int, rate: float) -> dict[str, Any]:
    """Seconds of a shuffled pass of a network in float32 with cost and accuracy after it, and the last accuracy."""
    X, y = _rows(folder)
    rows = rows_cost(X, y.astype(np.float64), intercept=True, loss=CrossEntropy(int(y.max()) + 1))
    data = network_rows(rows, architecture_of(rows, Network((hidden,), dtype="float32")))
    data = data._replace(threads=os.cpu_count() or 1)
    method, problem = Method(Sgd(), Constant(rate), Batching(size)), NetworkProblem(data)
    start = perf_counter()
    points = _descend(problem, method, passes, initial_theta(data.architecture, 0))
    return {"seconds": (perf_counter() - start) / passes, "accuracy": points[-1].accuracy}


def _full_batch(loss: Loss, folder: str, iterations: int, rate: float) -> dict[str, Any]:
    X, y = _rows(folder)
    start = perf_counter()
    rows = rows_cost(X, y, intercept=True, loss=loss)._replace(threads=os.cpu_count() or 1)
    points = _descend(linear_problem(rows), Method(Sgd(), Constant(rate), Batching(None)), iterations)
    return {"seconds": perf_counter() - start, "theta": points[-1].theta.tolist()}


def _passes(method: Method, folder: str, passes: int) -> dict[str, Any]:
    problem = linear_problem(rows_cost(*_rows(folder), intercept=True, loss=Squared()))
    method = method._replace(kernel=load_kernel(KERNELS))
    start = perf_counter()
    points = _descend(problem, method, passes)
    return {"seconds": (perf_counter() - start) / passes, "cost": points[-1].cost}


def _rows(folder: str) -> tuple[FloatArray, FloatArray]:
    return np.load(Path(folder, "X.npy")), np.load(Path(folder, "y.npy"))


def _descend(problem: Problem, method: Method, iterations: int, start: FloatArray | None = None) -> list[Point]:
    """The points of exactly so many iterations, from zeros unless a start is given."""
    points: list[Point] = []
    theta = np.zeros(problem.dimension) if start is None else start
    train(problem, method, theta, Limits(iterations), observe=points.append, interrupted=lambda: None)
    assert points[-1].iteration == iterations
    return points
