"""The constant that a descent may begin with."""

import numpy as np
import pytest

from engine.constant_start import constant_start, quantile
from engine.losses import Absolute, Huber, LogCosh, Loss, Poisson, Quantile, Squared
from engine.rows import rows_cost

Y = np.array([3.0, 0.0, 8.0, 1.0, 40.0, 2.0, 5.0])
WEIGHTS = np.array([1.0, 3.0, 0.0, 2.0, 1.0, 1.0, 2.0])


@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["alike", "weighted"])
@pytest.mark.parametrize("loss", [Squared(), Absolute(), Quantile(0.2), Quantile(0.9), Poisson()], ids=str)
def test_no_other_constant_costs_less(loss: Loss, weights: np.ndarray | None) -> None:
    data = rows_cost(np.ones((7, 2)), Y, weights, intercept=True, loss=loss)
    start = constant_start(data)
    assert start[:2].tolist() == [0.0, 0.0]
    others = [data.cost(np.array([0.0, 0.0, c])) for c in np.linspace(-5.0, 45.0, 5001)]
    assert data.cost(start) <= min(others) + 1e-12


@pytest.mark.parametrize("loss", [Huber(), LogCosh()], ids=str)
def test_robust_losses_begin_at_the_median(loss: Loss) -> None:
    assert constant_start(rows_cost(np.ones((7, 0)), Y, intercept=True, loss=loss)).tolist() == [3.0]


@pytest.mark.parametrize("share", [1e-9, 0.2, 0.5, 6 / 7, 0.999])
def test_a_quantile_with_weights_is_that_of_repeated_values(share: float) -> None:
    repeated = np.repeat(Y, WEIGHTS.astype(int))
    assert quantile(Y, WEIGHTS, share) == quantile(repeated, None, share)
