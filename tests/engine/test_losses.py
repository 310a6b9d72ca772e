"""Losses: derivatives are slopes of values, values are the textbook's, and large scores neither overflow nor cancel."""

from math import exp, log, log1p

import numpy as np
import pytest

from engine.losses import PAIRS, CrossEntropy, LogLoss, Loss, Squared, bend, probabilities, scores_per_row

RANDOM = np.random.default_rng(3)
Z = 3 * RANDOM.normal(size=(50, 4))
EXAMPLES: dict[str, tuple[Loss, np.ndarray, np.ndarray]] = {
    "squared": (Squared(), Z[:, 0], RANDOM.normal(size=50)),
    "log-loss": (LogLoss(), Z[:, 0], RANDOM.integers(0, 2, 50).astype(float)),
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
    """No second derivative in any direction of scores exceeds the largest; at zero the least is as said."""
    loss, z, y = EXAMPLES[name]
    derivative = PAIRS[type(loss)].derivative
    directions = np.eye(4) if z.ndim == 2 else np.ones((1, 1))
    for scores, at_zero in ((z, False), (0 * z, True)):
        columns = [
            (derivative(loss, scores + 1e-5 * d.squeeze(), y) - derivative(loss, scores - 1e-5 * d.squeeze(), y)) / 2e-5
            for d in directions
        ]
        hessians = np.stack([column.reshape(50, -1) for column in columns], axis=2)
        eigenvalues = np.linalg.eigvalsh(hessians)
        assert eigenvalues.max() <= bend(loss).largest + 1e-6
        if at_zero:
            assert eigenvalues[eigenvalues > 1e-6].min() == pytest.approx(bend(loss).at_zero, rel=1e-5)


def test_values_by_hand() -> None:
    """½ (3-1)²; log(1 + e^-2) for the true class at 2; log(e^1 + e^2 + e^4) - 2 for three classes."""
    assert PAIRS[Squared].value(Squared(), np.array([3.0]), np.array([1.0])) == [2.0]
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
