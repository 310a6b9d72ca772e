"""Write trajectories.json: the paths that PyTorch's optimizers take on two small problems, and its schedulers' rates.

    python tests/engine/data/trajectories.py

in an environment with PyTorch 2.13. Both problems have no intercept: J = 1/2 mean (X·w - y)², and the mean log loss of
classes c in {0, 1}. All is float64, with one step a full batch. One convention is bridged: SGD's velocity starts at
zero, as ours, where PyTorch takes the first gradient whatever the dampening. PyTorch has no Lion.
"""

import json
from pathlib import Path

import torch
from torch.optim import lr_scheduler

torch.set_default_dtype(torch.float64)
ROWS, STEPS = 12, 50
KEPT = [1, 2, 3, *range(5, STEPS + 1, 5)]
NO_BOUNDS = (0.0, float("inf"))

# Our settings, PyTorch's class and arguments, and a learning rate at which the path is neither short nor wild.
CASES = [
    ({"name": "sgd"}, torch.optim.SGD, {}, 0.3),
    ({"name": "momentum"}, torch.optim.SGD, {"momentum": 0.9}, 0.1),
    ({"name": "momentum", "beta": 0.8, "dampening": 0.8}, torch.optim.SGD, {"momentum": 0.8, "dampening": 0.8}, 0.3),
    ({"name": "momentum", "nesterov": True}, torch.optim.SGD, {"momentum": 0.9, "nesterov": True}, 0.1),
    ({"name": "adagrad"}, torch.optim.Adagrad, {"eps": 1e-8}, 0.5),
    ({"name": "adagrad", "epsilon": 0.1}, torch.optim.Adagrad, {"eps": 0.1}, 0.5),
    ({"name": "rmsprop"}, torch.optim.RMSprop, {"alpha": 0.9, "eps": 1e-8}, 0.03),
    ({"name": "rmsprop", "rho": 0.5, "epsilon": 0.1}, torch.optim.RMSprop, {"alpha": 0.5, "eps": 0.1}, 0.03),
    ({"name": "adam"}, torch.optim.Adam, {}, 0.1),
    (
        {"name": "adam", "beta1": 0.5, "beta2": 0.9, "epsilon": 0.1},
        torch.optim.Adam,
        {"betas": (0.5, 0.9), "eps": 0.1},
        0.1,
    ),
    ({"name": "amsgrad"}, torch.optim.Adam, {"amsgrad": True}, 0.1),
    (
        {"name": "amsgrad", "beta1": 0.9, "beta2": 0.5, "epsilon": 0.01},
        torch.optim.Adam,
        {"betas": (0.9, 0.5), "eps": 0.01, "amsgrad": True},
        0.1,
    ),
    ({"name": "nadam"}, torch.optim.NAdam, {}, 0.1),
    (
        {"name": "nadam", "beta1": 0.8, "beta2": 0.9, "epsilon": 0.01, "momentum_decay": 0.5},
        torch.optim.NAdam,
        {"betas": (0.8, 0.9), "eps": 0.01, "momentum_decay": 0.5},
        0.1,
    ),
    ({"name": "adamax"}, torch.optim.Adamax, {}, 0.1),
    (
        {"name": "adamax", "beta1": 0.5, "beta2": 0.8, "epsilon": 0.01},
        torch.optim.Adamax,
        {"betas": (0.5, 0.8), "eps": 0.01},
        0.1,
    ),
    ({"name": "adamw"}, torch.optim.AdamW, {}, 0.1),
    ({"name": "adamw", "weight_decay": 0.5}, torch.optim.AdamW, {"weight_decay": 0.5}, 0.1),
    ({"name": "adadelta"}, torch.optim.Adadelta, {}, 1.0),
    ({"name": "adadelta", "rho": 0.5, "epsilon": 1e-3}, torch.optim.Adadelta, {"rho": 0.5, "eps": 1e-3}, 0.7),
    ({"name": "rprop"}, torch.optim.Rprop, {"step_sizes": NO_BOUNDS}, 0.1),
    (
        {"name": "rprop", "grow": 1.5, "shrink": 0.3},
        torch.optim.Rprop,
        {"etas": (0.3, 1.5), "step_sizes": NO_BOUNDS},
        0.01,
    ),
]
# Our settings with initial 0.5, and PyTorch's scheduler.
SCHEDULES = [
    ({"schedule": "exponential", "gamma": 0.9, "steps": 1}, lr_scheduler.ExponentialLR, {"gamma": 0.9}),
    ({"schedule": "step", "gamma": 0.3, "steps": 7}, lr_scheduler.StepLR, {"gamma": 0.3, "step_size": 7}),
    (
        {"schedule": "piecewise", "boundaries": [4, 20], "values": [0.5, 0.05, 0.005]},
        lr_scheduler.MultiStepLR,
        {"milestones": [4, 20], "gamma": 0.1},
    ),
    (
        {"schedule": "polynomial", "final": 0.0, "horizon": 25, "power": 2.0},
        lr_scheduler.PolynomialLR,
        {"total_iters": 25, "power": 2.0},
    ),
    (
        {"schedule": "cosine", "final": 0.1, "horizon": STEPS},
        lr_scheduler.CosineAnnealingLR,
        {"T_max": STEPS, "eta_min": 0.1},
    ),
    (
        {"schedule": "piecewise", "boundaries": [], "values": [0.5], "warmup": 5},
        lr_scheduler.LinearLR,
        {"start_factor": 1 / 5, "total_iters": 4},
    ),
]


def path(problem, data, kind, arguments, rate):
    w = torch.tensor(data["initial"], requires_grad=True)
    optimizer = kind([w], lr=rate, **arguments)
    if arguments.get("dampening"):
        optimizer.state[w]["momentum_buffer"] = torch.zeros(3)
    found = []
    for step in range(1, STEPS + 1):
        optimizer.zero_grad()
        cost(problem, data, w).backward()
        optimizer.step()
        if step in KEPT:
            found.append(w.tolist())
    return found


def cost(problem, data, w):
    scores = torch.tensor(data["X"]) @ w
    if problem == "squared":
        return 0.5 * ((scores - torch.tensor(data["y"])) ** 2).mean()
    return torch.nn.functional.binary_cross_entropy_with_logits(scores, torch.tensor(data["classes"]))


def rates(kind, arguments):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.5)
    scheduler = kind(optimizer, **arguments)
    found = []
    for _ in range(STEPS):
        found.append(scheduler.get_last_lr()[0])
        optimizer.step()
        scheduler.step()
    return found


def main():
    torch.manual_seed(20)
    X = torch.randn(ROWS, 3) * torch.tensor([1.0, 0.5, 2.0])
    data = {
        "X": X.tolist(),
        "y": (X @ torch.tensor([1.0, -2.0, 0.5]) + 0.3 * torch.randn(ROWS)).tolist(),
        "classes": (X[:, 0] + torch.randn(ROWS) > 0).double().tolist(),
        "initial": [0.5, 0.25, -1.0],
    }
    document = {
        "made_with": f"torch {torch.__version__.split('+')[0]}",
        "data": data,
        "kept": KEPT,
        "paths": [
            {
                "problem": problem,
                "optimizer": ours,
                "learning_rate": rate,
                "theta": path(problem, data, kind, args, rate),
            }
            for problem in ("squared", "log_loss")
            for ours, kind, args, rate in CASES
        ],
        "rates": [
            {"schedule": ours if "values" in ours else {**ours, "initial": 0.5}, "rates": rates(kind, arguments)}
            for ours, kind, arguments in SCHEDULES
        ],
    }
    Path(__file__).with_suffix(".json").write_text(json.dumps(document) + "\n")


if __name__ == "__main__":
    main()
