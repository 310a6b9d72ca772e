"""Networks take the steps that PyTorch takes from the same start over the same batches."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.batches import Batching
from engine.losses import CrossEntropy, Loss, Squared
from engine.method import Method
from engine.network import Network
from engine.network_problem import NetworkProblem
from engine.network_rows import architecture_of, network_rows
from engine.rows import rows_cost
from engine.schedules import Constant
from engine.stopping import Limits
from tests.engine.runs import optimizer_of, run

PEER = json.loads((Path(__file__).parent / "data" / "network_paths.json").read_text())
LOSSES: dict[str, Loss] = {"squared": Squared(), "log_loss": CrossEntropy(3)}


def case_id(case: dict[str, Any]) -> str:
    return "-".join([*map(str, case["hidden"]), case["activation"], case["loss"], case["optimizer"]])


@pytest.mark.parametrize("case", PEER["cases"], ids=case_id)
def test_the_steps_are_those_of_pytorch(case: dict[str, Any]) -> None:
    """Fifty steps of small batches, the short last one of each pass among them, agree to 1e-10."""
    y = np.array(PEER["targets"][case["loss"]])
    data = rows_cost(np.array(PEER["X"]), y, intercept=True, loss=LOSSES[case["loss"]])
    network = Network(tuple(case["hidden"]), case["activation"])
    problem = NetworkProblem(network_rows(data, architecture_of(data, network)))
    batching = Batching(PEER["size"], "sequential")
    method = Method(optimizer_of(case["optimizer"]), Constant(case["rate"]), batching)
    last = max(map(int, case["theta"]))
    points = run(problem, method, Limits(last), np.array(case["start"])).points
    for iteration, theta in case["theta"].items():
        np.testing.assert_allclose(points[int(iteration)].theta, theta, rtol=1e-10, atol=1e-12)
