"""Small batches in PyTorch on the CPU, in its default float32."""

from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import torch

NAME = f"PyTorch {torch.__version__}"


def small_batches(folder: str, passes: int, size: int, rate: float) -> dict[str, Any]:
    """Seconds of a shuffled pass of Adam over a linear model, and half the mean squared error after all of them."""
    X, y = (torch.from_numpy(np.load(Path(folder, f"{name}.npy")).astype(np.float32)) for name in "Xy")
    model = torch.nn.Linear(X.shape[1], 1)
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    start = perf_counter()
    for _ in range(passes):
        for rows in torch.randperm(len(y)).split(size):
            optimizer.zero_grad()
            loss = 0.5 * torch.nn.functional.mse_loss(model(X[rows])[:, 0], y[rows])
            loss.backward()
            optimizer.step()
    took = perf_counter() - start
    with torch.no_grad():
        return {"seconds": took / passes, "cost": 0.5 * float(torch.mean((model(X)[:, 0] - y) ** 2))}


def network(folder: str, hidden: int, passes: int, size: int, rate: float) -> dict[str, Any]:
    """Seconds of a shuffled pass of SGD over a network with one hidden layer, and the accuracy after all of them."""
    X, y = (torch.from_numpy(np.load(Path(folder, f"{name}.npy"))) for name in "Xy")
    layers = torch.nn.Linear(X.shape[1], hidden), torch.nn.ReLU(), torch.nn.Linear(hidden, int(y.max()) + 1)
    model = torch.nn.Sequential(*layers)
    optimizer = torch.optim.SGD(model.parameters(), lr=rate)
    start = perf_counter()
    for _ in range(passes):
        for rows in torch.randperm(len(y)).split(size):
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(model(X[rows]), y[rows]).backward()
            optimizer.step()
    took = perf_counter() - start
    with torch.no_grad():
        return {"seconds": took / passes, "accuracy": float((model(X).argmax(1) == y).float().mean())}
