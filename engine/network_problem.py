"""The cost of a network as descent sees it.

J = s² (1/m Σ wᵢ l(zᵢ, yᵢ) + λ₁ ‖W‖₁ + ½ λ₂ ‖W‖²) with scores z and targets y in the units of the fit, all weights W
and no bias, where s is what the targets were divided by: with the squared loss J is half the mean squared error in the
original units, comparable with that of other models. All gradients are those of J/s², whose size does not depend on the
unit of the target.
"""

import numpy as np

from engine.arrays import FloatArray, IntArray, all_finite
from engine.errors import not_finite
from engine.network import layers
from engine.network_pass import workspace
from engine.network_rows import NetworkRows, row_derivatives, scores_of
from engine.network_tally import Tally, spaces_for, tallied, tallied_with_gradient
from engine.penalties import NO_PENALTY, Penalty, SoftThreshold, shares
from engine.problems import Report
from engine.rows import BatchGradient


class NetworkProblem:
    """The Problem of the training rows, with held-out rows in the same units; it holds the arrays of its passes."""

    cheap_gradient = False
    gathered_width = 0
    proximal = None

    def __init__(self, data: NetworkRows, held_out: NetworkRows | None = None, penalty: Penalty = NO_PENALTY) -> None:
        """Raises DataError where a value is not finite."""
        for side in (data, held_out):
            if side is not None and not (all_finite(side.X) and all_finite(side.y)):
                raise not_finite("A feature or the target")
        self.data, self.held_out = data, held_out
        l1, l2 = shares(penalty)
        reach, self._ridge = (share * self.decaying if share else None for share in (l1, l2))
        self.proximal = None if reach is None else SoftThreshold(reach)
        self._spaces = spaces_for(data)
        self._batch, self._slope = self._spaces[0], np.empty(data.architecture.dimension)
        self._latest: tuple[FloatArray, Tally] | None = None

    @property
    def dimension(self) -> int:
        """The number of weights and biases."""
        return self.data.architecture.dimension

    @property
    def rows(self) -> int:
        """The number of training rows m."""
        return self.data.y.size

    @property
    def decaying(self) -> FloatArray:
        """All but the biases."""
        shares = np.ones(self.dimension)
        for layer in layers(self.data.architecture, shares):
            layer.bias[:] = 0.0
        return shares

    def cost(self, theta: FloatArray) -> float:
        """J over all training rows, with the whole penalty."""
        return self._cost(theta, self._tally(theta))

    def cost_and_gradient(self, theta: FloatArray) -> tuple[float, FloatArray]:
        """J over all training rows and the gradient (dimension,) of the smooth part of J/s², from one pass."""
        tally, gradient = tallied_with_gradient(self.data, self._spaces[0], theta)
        self._latest = theta, tally
        gradient /= self.rows
        return self._cost(theta, tally), gradient if self._ridge is None else gradient + self._ridge * theta

    def report(self, theta: FloatArray, gradient: FloatArray | None) -> Report:
        """Mean loss of the held-out rows, and both sides' accuracies where the target is a class."""
        held_out = None if self.held_out is None else tallied(self.held_out, self._spaces, theta)
        accuracy = self._tally(theta).accuracy
        if held_out is None:
            return Report(accuracy=accuracy)
        return Report(held_out.loss * self._unit, accuracy=accuracy, validation_accuracy=held_out.accuracy)

    def batches(self, rows: IntArray, size: int) -> BatchGradient:
        """Gradients of J/s² over consecutive batches of `rows`; each is valid until the next one."""
        if self._batch.outputs[0].shape[0] < min(size, self.rows):
            self._batch = workspace(self.data.architecture, min(size, self.rows))
        data, space, slope, ridge = self.data, self._batch, self._slope, self._ridge

        def gradient(theta: FloatArray, k: int) -> FloatArray:
            some = rows[k * size : (k + 1) * size]
            X = data.X[some]
            space.load(theta)
            back = row_derivatives(data, scores_of(space.forward(X)), some, space)
            back /= some.size
            np.copyto(slope, space.backward(X, back))
            return slope if ridge is None else slope + ridge * theta

        return gradient

    @property
    def _unit(self) -> float:
        """s², in which J is given."""
        return self.data.target.scale**2

    def _cost(self, theta: FloatArray, tally: Tally) -> float:
        cost = tally.loss if self._ridge is None else tally.loss + 0.5 * float((self._ridge * theta).dot(theta))
        return self._unit * (cost if self.proximal is None else cost + self.proximal.cost(theta))

    def _tally(self, theta: FloatArray) -> Tally:
        """Of the training rows; J and accuracy of the same parameters come from one pass."""
        if self._latest is None or self._latest[0] is not theta:
            self._latest = theta, tallied(self.data, self._spaces, theta)
        return self._latest[1]
