"""What it costs to say how far an answer is from the best one, and when nothing is said."""

from typing import Any, NamedTuple

import numpy as np
import pytest

from contract.settings import load_settings
from engine.arrays import FloatArray
from engine.losses import Absolute, LogLoss, Loss, Poisson, SquaredHinge
from engine.nearness import ROUNDS
from engine.problems import LinearProblem, linear_problem
from engine.rows import rows_cost
from engine.training import Outcome, train
from tests.support.datasets import write_dataset
from worker.build import Plan, build
from worker.distance import SHARE, Gap, distance

ROWS, WIDTH = 40_000, 50
"""So many that no pass counts as cheap beside the run: two million numbers, five rounds."""


class Counted(LinearProblem):
    """The same problem, which counts its passes."""

    passes: list[int] = []  # noqa: RUF012

    def cost(self, theta: FloatArray) -> float:
        self.passes.append(1)
        return super().cost(theta)

    def cost_and_gradient(self, theta: FloatArray) -> tuple[float, FloatArray]:
        self.passes.append(1)
        return super().cost_and_gradient(theta)


class Ended(NamedTuple):
    plan: Plan
    outcome: Outcome


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    folder, random = tmp_path_factory.mktemp("datasets"), np.random.default_rng(4)
    X = random.normal(size=(ROWS, WIDTH)) * np.geomspace(1, 1e-3, WIDTH)
    classes = np.where(X @ random.normal(size=WIDTH) + random.logistic(size=ROWS) > 0, "yes", "no")
    columns: dict[str, Any] = {f"x{j}": X[:, j].tolist() for j in range(WIDTH)} | {"y": classes.tolist()}
    given = {"target": "y", "model": "logistic", "max_iterations": 60, "tolerance": {"cost": 0}, "scaling": "none"}
    plan = build(
        load_settings({**given, "dataset": write_dataset(folder, columns), "features": [*columns][:-1]}), [], folder
    )
    plan = plan._replace(problem=Counted(*plan.problem))
    outcome = train(
        plan.problem, plan.method, plan.theta, plan.limits, observe=lambda _: None, interrupted=lambda: None
    )
    return Ended(plan, outcome)


def spent(ended: Ended, outcome: Outcome) -> tuple[Gap | None, int]:
    """What is said, and the passes that it took."""
    Counted.passes.clear()
    return distance(ended.plan, outcome), len(Counted.passes)


@pytest.mark.parametrize("iterations", [8, 60, 100])
def test_an_estimate_takes_a_share_of_the_passes_of_the_run(ended: Ended, iterations: int) -> None:
    """A quarter, or the few that are always cheap, and one to begin with; J at the start is not evaluated again."""
    gap, passes = spent(ended, ended.outcome._replace(iterations=iterations))
    assert gap is not None
    assert 1 < passes <= 1 + max(SHARE * iterations, 5)
    assert passes <= ROUNDS + 1


def of_random_rows(ended: Ended, rows: int, columns: int, loss: Loss, iterations: int, unit: float = 1.0) -> Ended:
    """A run that ended at zeros after so many iterations, of rows that no column tells anything of."""
    random = np.random.default_rng(7)
    classes = random.choice([0.0, unit], size=rows)
    data = rows_cost(random.normal(size=(rows, columns)), classes, intercept=False, loss=loss)
    problem = Counted(*linear_problem(data))
    last = ended.outcome.last._replace(theta=np.zeros(columns), cost=problem.cost(np.zeros(columns)))
    return Ended(ended.plan._replace(problem=problem), ended.outcome._replace(last=last, iterations=iterations))


@pytest.mark.parametrize("iterations", [10, 1_000, 20_000])
@pytest.mark.parametrize("shape", [(20, 5), (20, 300), (20, 1500), (300, 100), (5_000, 40), (100_000, 3)], ids=str)
def test_a_bound_takes_a_share_of_the_numbers_of_the_run(ended: Ended, shape: tuple[int, int], iterations: int) -> None:
    """What rounds read and multiply, or 10 ms of both; ten products that are cached count as one number that is read.

    Each round makes p² sums of products over the rows, and solves equations of p unknowns.
    """
    (rows, columns), asked = shape, list[None]()
    plan, outcome = of_random_rows(ended, *shape, Absolute(), iterations)
    distance(plan, outcome, lambda: asked.append(None))
    numbers = len(asked) * (4 * rows * columns + (rows * columns**2 + columns**3 / 3) / 10)
    assert numbers <= max(SHARE * iterations * rows * columns, 10_000_000)


@pytest.mark.parametrize("shape", [(20, 5), (300, 100), (5_000, 10)], ids=str)
def test_a_bound_of_few_numbers_is_always_there(ended: Ended, shape: tuple[int, int]) -> None:
    gap = distance(*of_random_rows(ended, *shape, Absolute(), 20_000))
    assert gap is not None
    assert gap.least is not None


@pytest.mark.parametrize("loss", [Absolute(), LogLoss(), SquaredHinge()], ids=str)
def test_whoever_waits_no_longer_ends_what_is_computed(ended: Ended, loss: Loss) -> None:
    """A cancelled job, or one whose time is over, makes no further round and says nothing that it would have told."""
    run, asked = of_random_rows(ended, 300, 5, loss, 20_000), list[str]()

    def interrupted() -> str | None:
        asked.append("")
        return "cancelled" if len(asked) > 2 else None

    Counted.passes.clear()
    gap = distance(*run, interrupted)
    assert len(asked) <= 4
    assert len(Counted.passes) <= 4
    assert gap is None or gap.least is None


@pytest.mark.filterwarnings("error")
def test_slopes_beyond_float64_tell_nothing(ended: Ended) -> None:
    """Their squares are infinite where counts are 1e300; nothing is warned of but in words for the user."""
    plan, outcome = of_random_rows(ended, 300, 5, Poisson(), 20_000, 1e300)
    gap = distance(plan, outcome)
    assert gap is not None
    assert "is not known" in gap.sentence


@pytest.mark.parametrize("reason", ["time_limit", "early_stopping"])
def test_nothing_is_estimated_where_time_is_over_or_nobody_asks(ended: Ended, reason: Any) -> None:
    assert spent(ended, ended.outcome._replace(reason=reason)) == (None, 0)


def test_slope_and_bend_of_a_far_place_tell_nothing(ended: Ended) -> None:
    """Where classes are told apart wrongly with certainty, the loss hardly bends and the estimate exceeds the cost."""
    theta = -100.0 * ended.outcome.last.theta
    far = ended.outcome.last._replace(theta=theta, cost=ended.plan.problem.cost(theta))
    gap, _ = spent(ended, ended.outcome._replace(last=far))
    assert gap is not None
    assert gap.share == 1.0
    assert "is not known" in gap.sentence
