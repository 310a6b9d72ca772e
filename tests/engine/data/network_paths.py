"""Write network_paths.json: the parameters of small networks along the steps that PyTorch takes.

    python tests/engine/data/network_paths.py

in an environment with PyTorch 2.13. Batches are consecutive rows, so that each pass ends with a short one. All is
float64. Parameters stand as ours do: the weights of a layer by input, then its bias, layer after layer.
"""

import json
from itertools import pairwise
from pathlib import Path

import torch

torch.set_default_dtype(torch.float64)
ROWS, COLUMNS, SIZE, PASSES = 13, 4, 5, 17
KEPT = (1, 17)
"""The passes after which parameters are written down: 3 and 51 steps."""
LOSSES = {"squared": 1, "log_loss": 3}
ACTIVATIONS = {"relu": torch.nn.ReLU, "tanh": torch.nn.Tanh, "sigmoid": torch.nn.Sigmoid}
OPTIMIZERS = {"sgd": (torch.optim.SGD, 0.1), "adam": (torch.optim.Adam, 0.01)}


def layered(hidden, activation, outputs):
    sizes, modules = [COLUMNS, *hidden, outputs], []
    for before, after in pairwise(sizes):
        modules += [torch.nn.Linear(before, after), ACTIVATIONS[activation]()]
    return torch.nn.Sequential(*modules[:-1])


def flat(model):
    parts = (part.detach().flatten() for layer in model[::2] for part in (layer.weight.T.contiguous(), layer.bias))
    return torch.cat(list(parts)).tolist()


def path(X, y, hidden, activation, loss, optimizer):
    torch.manual_seed(1)
    model = layered(hidden, activation, LOSSES[loss])
    kind, rate = OPTIMIZERS[optimizer]
    steps, start = kind(model.parameters(), lr=rate), flat(model)
    kept = {}
    for iteration in range(1, PASSES + 1):
        for rows in torch.arange(ROWS).split(SIZE):
            steps.zero_grad()
            scores = model(X[rows])
            if loss == "squared":
                cost = 0.5 * torch.nn.functional.mse_loss(scores[:, 0], y[rows])
            else:
                cost = torch.nn.functional.cross_entropy(scores, y[rows].long())
            cost.backward()
            steps.step()
        if iteration in KEPT:
            kept[iteration] = flat(model)
    return {"start": start, "theta": kept}


def main():
    random = torch.Generator().manual_seed(0)
    X = torch.randn(ROWS, COLUMNS, generator=random)
    targets = {
        "squared": torch.randn(ROWS, generator=random),
        "log_loss": torch.randint(0, 3, (ROWS,), generator=random).double(),
    }
    cases = [
        {
            "hidden": hidden,
            "activation": activation,
            "loss": loss,
            "optimizer": optimizer,
            "rate": OPTIMIZERS[optimizer][1],
            **path(X, targets[loss], hidden, activation, loss, optimizer),
        }
        for hidden in ([6], [5, 4])
        for activation in ACTIVATIONS
        for loss in LOSSES
        for optimizer in OPTIMIZERS
    ]
    document = {
        "peer": f"PyTorch {torch.__version__}",
        "size": SIZE,
        "X": X.tolist(),
        "targets": {name: y.tolist() for name, y in targets.items()},
        "cases": cases,
    }
    Path(__file__).with_suffix(".json").write_text(json.dumps(document) + "\n")


if __name__ == "__main__":
    main()
