"""Losses: derivatives are slopes of values, values are the textbook's, and large scores neither overflow nor cancel."""

from math import cosh, e, exp, inf, log, log1p, tanh

import numpy as np
import pytest

from engine.loss_formulas import PAIRS, predictions, probabilities
from engine.losses import (
    LOSSES,
    Absolute,
    CrossEntropy,
    Hinge,
    Huber,
    LogCosh,
    LogLoss,
    Loss,
    Poisson,
    Quantile,
    Squared,
    SquaredHinge,
    bend,
    scores_per_row,
)

RANDOM = np.random.default_rng(3)
Z = 3 * RANDOM.normal(size=(50, 4))
NUMBERS, CLASSES, COUNTS = RANDOM.normal(size=50), RANDOM.integers(0, 2, 50) * 1.0, RANDOM.poisson(2.0, 50) * 1.0
EXAMPLES: dict[str, tuple[Loss, np.ndarray, np.ndarray]] = {
    "squared": (Squared(), Z[:, 0], NUMBERS),
    "absolute": (Absolute(), Z[:, 0], NUMBERS),
    "huber": (Huber(), Z[:, 0], NUMBERS),
    "huber-2": (Huber(2.0), Z[:, 0], NUMBERS),
    "quantile": (Quantile(0.9), Z[:, 0], NUMBERS),
    "log-cosh": (LogCosh(), Z[:, 0], NUMBERS),
    "poisson": (Poisson(), Z[:, 0], COUNTS),
    "log-loss": (LogLoss(), Z[:, 0], CLASSES),
    "hinge": (Hinge(), Z[:, 0], CLASSES),
    "squared-hinge": (SquaredHinge(), Z[:, 0], CLASSES),
    "cross-entropy": (CrossEntropy(4), Z, RANDOM.integers(0, 4, 50).astype(float)),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_derivatives_are_central_differences_of_values(name: str) -> None:
    loss, z, y = EXAMPLES[name]
    value, derivative = PAIRS[type(loss)]
    for place in range(scores_per_row(loss)):
        step = np.zeros_like(z)
        step[..., place if z.ndim == 2 else slice(None)] = 1e-5
        slope = (value(loss, z + step, y) - value(loss, z - step, y)) / 2e-5
        found = derivative(loss, z, y)
        np.testing.assert_allclose(found[:, place] if z.ndim == 2 else found, slope, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("name", EXAMPLES)
def test_bends_are_second_derivatives(name: str) -> None:
    """No second derivative in any direction of scores exceeds the largest; at zero, or the target, the least is so."""
    loss, z, y = EXAMPLES[name]
    derivative = PAIRS[type(loss)].derivative
    directions = np.eye(4) if z.ndim == 2 else np.ones((1, 1))
    still = y if isinstance(loss, Huber | LogCosh) else 0 * z
    for scores, at_zero in ((z, False), (still, True)):
        columns = [
            (derivative(loss, scores + 1e-5 * d.squeeze(), y) - derivative(loss, scores - 1e-5 * d.squeeze(), y)) / 2e-5
            for d in directions
        ]
        hessians = np.stack([column.reshape(50, -1) for column in columns], axis=2)
        eigenvalues = np.linalg.eigvalsh(hessians)
        assert eigenvalues.max() <= bend(loss).largest + 1e-6
        if at_zero:
            assert eigenvalues[eigenvalues > 1e-6].min(initial=bend(loss).largest) == pytest.approx(
                bend(loss).at_zero, rel=1e-5
            )


BY_HAND: list[tuple[str, Loss, float, float, float, float]] = [
    ("squared", Squared(), 3.0, 1.0, 2.0, 2.0),
    ("absolute-above", Absolute(), 3.0, 1.0, 2.0, 1.0),
    ("absolute-below", Absolute(), -1.0, 1.0, 2.0, -1.0),
    ("absolute-kink", Absolute(), 1.0, 1.0, 0.0, 0.0),
    ("huber-inside", Huber(2.0), 2.0, 1.0, 0.5, 1.0),
    ("huber-edge", Huber(2.0), 3.0, 1.0, 2.0, 2.0),
    ("huber-outside", Huber(2.0), -4.0, 1.0, 8.0, -2.0),
    ("quantile-above", Quantile(0.9), 3.0, 1.0, 0.2, 0.1),
    ("quantile-below", Quantile(0.9), -1.0, 1.0, 1.8, -0.9),
    ("quantile-kink", Quantile(0.9), 1.0, 1.0, 0.0, 0.0),
    ("log-cosh", LogCosh(), 3.0, 1.0, log(cosh(2)), tanh(2)),
    ("log-cosh-near", LogCosh(), 1.0, 0.5, log(cosh(0.5)), tanh(0.5)),
    ("log-cosh-least", LogCosh(), 1e-9, 0.0, 5e-19, 1e-9),
    ("poisson", Poisson(), 1.0, 2.0, e - 2 - 2 + 2 * log(2), e - 2),
    ("poisson-none", Poisson(), -1.0, 0.0, exp(-1), exp(-1)),
    ("poisson-right", Poisson(), log(7), 7.0, 0.0, 0.0),
    ("hinge-right", Hinge(), 2.0, 1.0, 0.0, 0.0),
    ("hinge-kink", Hinge(), 1.0, 1.0, 0.0, 0.0),
    ("hinge-near", Hinge(), 0.5, 1.0, 0.5, -1.0),
    ("hinge-wrong", Hinge(), 2.0, 0.0, 3.0, 1.0),
    ("squared-hinge-right", SquaredHinge(), -1.5, 0.0, 0.0, 0.0),
    ("squared-hinge-near", SquaredHinge(), 0.5, 1.0, 0.25, -1.0),
    ("squared-hinge-wrong", SquaredHinge(), 2.0, 0.0, 9.0, 6.0),
    ("log-loss", LogLoss(), 2.0, 1.0, log1p(exp(-2)), -1 / (1 + exp(2))),
]


@pytest.mark.parametrize(
    ("loss", "z", "y", "value", "derivative"), [row[1:] for row in BY_HAND], ids=[r[0] for r in BY_HAND]
)
def test_values_and_derivatives_by_hand(loss: Loss, z: float, y: float, value: float, derivative: float) -> None:
    pair, scores, targets = PAIRS[type(loss)], np.array([z]), np.array([y])
    assert pair.value(loss, scores, targets) == pytest.approx([value], rel=1e-14, abs=1e-30)
    assert pair.derivative(loss, scores, targets) == pytest.approx([derivative], rel=1e-14, abs=1e-14)


def test_values_of_classes_by_hand() -> None:
    """log(1 + e^-2) for the true class at 2; log(e^1 + e^2 + e^4) - 2 for three classes."""
    two = PAIRS[LogLoss].value(LogLoss(), np.array([2.0, -2.0]), np.array([1.0, 0.0]))
    assert two == pytest.approx([log1p(exp(-2))] * 2, rel=1e-15)
    three = PAIRS[CrossEntropy].value(CrossEntropy(3), np.array([[1.0, 2.0, 4.0]]), np.array([1.0]))
    assert three == pytest.approx([log(exp(1) + exp(2) + exp(4)) - 2], rel=1e-15)


@pytest.mark.parametrize("size", [50.0, 1e4, 1e300], ids=str)
def test_large_scores(size: float) -> None:
    """Right by far costs e^-size, not zero by cancelling; wrong by far costs size, not infinity."""
    scores, other = np.array([size, size]), np.array([1.0, 0.0])
    two = PAIRS[LogLoss].value(LogLoss(), scores, other)
    both = np.column_stack([np.zeros(2), scores])
    cross = PAIRS[CrossEntropy].value(CrossEntropy(2), both, other)
    for values in (two, cross):
        assert values == pytest.approx([exp(-size), size], rel=1e-12, abs=0)
    for derivative in (PAIRS[LogLoss].derivative(LogLoss(), scores, other), probabilities(CrossEntropy(2), both)):
        assert np.isfinite(derivative).all()


LINES = [Absolute(), Huber(), Quantile(), LogCosh(), Hinge()]


@pytest.mark.parametrize("loss", LINES, ids=lambda loss: type(loss).__name__)
@pytest.mark.parametrize("size", [1e4, 1e300], ids=str)
def test_losses_that_are_straight_far_off_neither_overflow_nor_bend(loss: Loss, size: float) -> None:
    pair, scores, targets = PAIRS[type(loss)], np.array([-size, size]), np.ones(2)
    values, slopes = pair.value(loss, scores, targets), pair.derivative(loss, scores, targets)
    assert values == pytest.approx(slopes * scores, rel=1e-3)


@pytest.mark.parametrize("count", [0.0, 1.0, 1e6, 1e300], ids=str)
def test_poisson_is_zero_at_the_target_and_positive_beside_it(count: float) -> None:
    """Far below the target it grows like y |z|, far above it is no number of float64: the descent diverged."""
    pair, z = PAIRS[Poisson], np.log(count) if count else -800.0
    with np.errstate(over="ignore"):
        values = pair.value(Poisson(), np.array([z, z - 1.0, z + 1.0, -1e6, 1e4]), np.full(5, count))
    assert values[0] == pytest.approx(0.0, abs=1e-12 * count)
    assert (values[1:3] >= values[0]).all()
    assert values[3] == pytest.approx(count * (1e6 + z - 1.0) if count else 0.0, rel=1e-9)
    assert values[4] == inf


def test_quantile_of_one_half_is_half_the_absolute_loss() -> None:
    _, z, y = EXAMPLES["absolute"]
    np.testing.assert_allclose(
        2 * PAIRS[Quantile].value(Quantile(), z, y), PAIRS[Absolute].value(Absolute(), z, y), rtol=1e-15
    )


def test_every_named_loss_has_its_functions() -> None:
    assert set(PAIRS) == {*LOSSES.values(), CrossEntropy}


def test_predictions_are_scores_or_their_exponentials() -> None:
    assert predictions(Poisson(), np.array([0.0, log(3)])) == pytest.approx([1.0, 3.0], rel=1e-15)
    assert predictions(Huber(), np.array([0.0, 2.0])).tolist() == [0.0, 2.0]


def test_the_cross_entropy_of_two_classes_is_the_log_loss() -> None:
    """With the score of the first class zero they are one loss and one gradient."""
    _, z, y = EXAMPLES["log-loss"]
    both = np.column_stack([np.zeros_like(z), z])
    two, cross = PAIRS[LogLoss], PAIRS[CrossEntropy]
    np.testing.assert_allclose(cross.value(CrossEntropy(2), both, y), two.value(LogLoss(), z, y), rtol=1e-12)
    np.testing.assert_allclose(
        cross.derivative(CrossEntropy(2), both, y)[:, 1], two.derivative(LogLoss(), z, y), rtol=1e-9, atol=1e-15
    )
    np.testing.assert_allclose(probabilities(CrossEntropy(2), both).sum(axis=1), 1.0, rtol=1e-15)
