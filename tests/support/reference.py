"""The reference results: jobs as API settings, with the numbers that they must reproduce.

Data A and data 0 are straight lines with noise, data B is diabetes.csv, all with initial zeros, scaling none and
tolerances zero unless a row says otherwise. The heavy ball, nesterov, adagrad and adam rows agree with PyTorch 2.13
to ten digits.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray


class Reference(NamedTuple):
    """Settings in the words of the API, without dataset and target; `expected` by name of what is compared.

    Names: intercept, slope, cost (at the end), cost_1 and cost_10 (after that many iterations).
    """

    id: str
    data: str
    settings: Mapping[str, Any]
    expected: Mapping[str, float]


def noisy_line(seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """X (100, 1) in [0, 2) and y (100,) = 4 + 3 x + N(0, 1), as the tutorials draw them; data A has seed 42."""
    random = np.random.RandomState(seed)
    X = 2 * random.rand(100, 1)
    return X, (4 + 3 * X + random.randn(100, 1))[:, 0]


HEAVY_BALL = {"name": "momentum", "beta": 0.9, "dampening": 0, "nesterov": False}
AVERAGED = {"name": "momentum", "beta": 0.9, "dampening": 0.9, "nesterov": False}
NESTEROV = {"name": "momentum", "beta": 0.9, "dampening": 0, "nesterov": True}
BOTTOU_5 = {"schedule": "inverse_time", "t0": 5, "t1": 50}
BOTTOU_10 = {"schedule": "inverse_time", "t0": 10, "t1": 50}

DATA_A_OPTIMUM = {
    "intercept": 4.215096157546749,
    "slope": 2.7701133864384846,
    "cost": 0.40329228198352657,
    "mae": 0.7010426719637759,
    "r2": 0.7692735413614223,
    "start_cost": 25.0041518218,
    "smallest": 0.16971192,
    "largest": 2.06502761,
}
DATA_B_OPTIMUM = {
    "intercept": -334.56713851878493,
    "cost": 1429.848173793375,
    "mae": 43.27745202531505,
    "r2": 0.5177484222203499,
}


def _row(
    name: str,
    optimizer: object,
    learning_rate: object,
    batch_size: int | None,
    iterations: int,
    expected: Mapping[str, float],
    *,
    data: str = "A",
    initial: object = "zeros",
) -> Reference:
    settings = {
        "optimizer": optimizer,
        "learning_rate": learning_rate,
        "batch_size": batch_size,
        "sampling": "sequential",
        "max_iterations": iterations,
        "tolerance": {"cost": 0, "gradient": 0, "parameters": 0},
        "scaling": "none",
        "initial": initial,
    }
    return Reference(name, data, settings, expected)


def _line(intercept: float, slope: float, cost_10: float | None = None, cost: float | None = None) -> dict[str, float]:
    known = {"intercept": intercept, "slope": slope, "cost_10": cost_10, "cost": cost}
    return {name: value for name, value in known.items() if value is not None}


REFERENCES: tuple[Reference, ...] = (
    _row("sgd-full", "sgd", 0.1, None, 1000, _line(4.2150961209, 2.7701134188, 0.7487311913, 0.4032922820)),
    _row("averaged-full", AVERAGED, 0.1, None, 1000, _line(4.2150961568, 2.7701133871, 2.5718269593, 0.4032922820)),
    _row("heavy-ball-full", HEAVY_BALL, 0.1, None, 100, _line(4.2269632689, 2.7925558797, 0.4961392025, 0.4039240882)),
    _row("nesterov-full", NESTEROV, 0.1, None, 100, _line(4.2136783817, 2.7713655420, 0.5311082582, 0.4032925856)),
    _row("adagrad-full", "adagrad", 0.1, None, 1000, _line(3.4720325544, 3.2465268743, 18.5694693111, 0.4865951801)),
    _row("rmsprop-full", "rmsprop", 0.01, None, 100, _line(1.0638546633, 1.0626715063, 22.6242043302, 12.2279804999)),
    _row("rmsprop-full-long", "rmsprop", 0.01, None, 1000, {"cost": 0.4033437252}),
    _row("adam-full", "adam", 0.01, None, 1000, _line(3.6876190773, 3.2276799822, 23.6056384452, 0.4447035039)),
    _row("sgd-full-inverse-time", "sgd", BOTTOU_5, None, 1000, _line(4.1411469512, 2.8354065162, None, 0.4041180729)),
    _row("sgd-1", "sgd", 0.01, 1, 50, _line(4.2405013637, 2.8172062003, 0.4113567838, 0.4061092066)),
    _row("sgd-1-fast", "sgd", 0.02, 1, 50, _line(4.2556095110, 2.8474106308, 0.4110762128, 0.4107464566)),
    _row("sgd-1-inverse-time", "sgd", BOTTOU_10, 1, 50, _line(4.2212305053, 2.7794461963, 0.4059249939, 0.4034187072)),
    _row("sgd-20", "sgd", 0.1, 20, 200, _line(4.2297394670, 2.8036552788, 0.4317991264, 0.4045559444)),
    _row("sgd-30-short-last", "sgd", 0.1, 30, 200, _line(4.2784296770, 2.7545040147, 0.4389910231, 0.4045186350)),
    _row("adam-30", "adam", 0.01, 30, 50, _line(1.7396280847, 1.7211745386, 19.7223040255, 6.5882948642)),
    _row(
        "sgd-full-initial",
        "sgd",
        0.1,
        None,
        1000,
        {"cost_1": 10.0600332088},
        initial={"intercept": 0.013001891878, "x": 1.453534077157},
    ),
    _row(
        "sgd-full-seed-0",
        "sgd",
        0.02,
        None,
        1000,
        _line(4.20607718, 2.98273036),
        data="0",
        initial={"intercept": -0.35399391, "x": -1.37495129},
    ),
)
