"""Squared loss from centred second moments: an iteration costs d², however many rows there are.

x̄, ȳ are the means, Sxx, sxy, syy the centred moments divided by m. With u = (Sxx·w - sxy, b + x̄·w - ȳ),
    g_b = u_b,  g_w = u_w + x̄ g_b,
    J = J* + 1/2 g·(theta - theta*),
which holds exactly for a quadratic whose minimum is J* at theta*, and in which no digits cancel near the
minimum. Without an intercept nothing is centred: x̄ = ȳ = 0 and there is no g_b. theta* serves to evaluate J
only; the path of the iterates uses the gradient alone.

With weights wᵢ the means and moments are Σ wᵢ · / Σ wᵢ, and J likewise. A penalty ½ λ₂ ‖w‖² makes Sxx + λ₂ I of
Sxx, and all of this holds as it stands.

Moments are merged block by block as in Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm
for computing sample variances" (1979), so the rows are read once and no second matrix is made.
"""

from collections.abc import Iterator
from functools import partial, reduce
from typing import Final, NamedTuple

import numpy as np

from engine.arrays import BLOCK_NUMBERS, BoolArray, FloatArray, Matrix, blocks
from engine.errors import DataError
from engine.rows import RowsCost
from engine.threads import in_order

ZERO_EIGENVALUE = 1e-13
"""Relative to the largest: below it an eigenvalue of moments in float64 cannot be told from zero."""

PARTS: Final = 64
PART_NUMBERS: Final = 1 << 20
MOMENTS_NUMBERS: Final = 1 << 22
"""How many parts threads share at most, the least numbers of [X y] in one, and the most of all their moments."""

MERGED_ROWS: Final = 128
"""Of a block of a wide matrix: merging costs some passes over the moments, and so many rows not less than that."""

LITTLE: Final = 0.25
"""A square of a mean beside the mean square: so much taken off it costs less than half a bit."""


class Moments(NamedTuple):
    """Means (d + 1,) and centred second moments (d + 1, d + 1) of [X y], divided by the weight of the rows."""

    weight: float
    means: FloatArray
    centred: FloatArray


class MomentsCost(NamedTuple):
    """J as a quadratic in theta (p,): u = operator·theta - target, gradient = u + lift·u[-1].

    dependent is the number of columns that follow from the others to rounding, so that neither the optimum nor the
    least cost knows what tells them apart.
    """

    operator: FloatArray
    target: FloatArray
    lift: FloatArray | None
    optimum: FloatArray
    least_cost: float
    dependent: int

    def cost_and_gradient(self, theta: FloatArray) -> tuple[float, FloatArray]:
        """J and its gradient (p,); ndarray.dot because its cost per call is half that of the @ operator."""
        gradient = self.operator.dot(theta)
        gradient -= self.target
        if self.lift is not None:
            gradient += self.lift * gradient[-1]
        return self.least_cost + self.gap(theta, gradient), gradient

    def gap(self, theta: FloatArray, gradient: FloatArray) -> float:
        """J - J* at theta, where the gradient is `gradient`."""
        # The order matters: max(nan, 0.0) keeps the NaN that tells of divergence.
        return max(0.5 * float(gradient.dot(theta - self.optimum)), 0.0)

    def cost(self, theta: FloatArray) -> float:
        """J alone."""
        return self.cost_and_gradient(theta)[0]

    def hessian(self) -> FloatArray:
        """The matrix of second derivatives (p, p) = [X 1]ᵀ[X 1]/m, put together from the centred moments."""
        if self.lift is None:
            return self.operator
        return self.operator + np.outer(self.lift, self.operator[-1])


def gather_moments(
    X: Matrix, y: FloatArray, weights: FloatArray | None = None, *, centred: bool, threads: int = 1
) -> Moments:
    """Moments of [X y], one pass over the rows. Raises DataError where squares exceed float64.

    The threads share parts of the rows; what the parts are does not depend on them, nor do the bits.
    """
    gather = partial(_part_moments, X, y, weights, centred)
    with np.errstate(over="ignore", invalid="ignore"):
        found = in_order(gather, _parts(y.size, X.shape[1] + 1), threads, run=1)
        moments = reduce(_merged, found, _no_moments(X.shape[1] + 1))
    if not np.isfinite(moments.centred).all():
        raise DataError("The squares of the columns exceed what float64 can hold: scale the columns or the target.")
    return moments


def moments_cost(data: RowsCost, l2: float = 0.0) -> MomentsCost:
    """The quadratic of all rows of `data`, with the penalty ½ l2 ‖w‖² on the coefficients."""
    moments = gather_moments(data.X, data.y, data.weights, centred=data.intercept, threads=data.threads)
    np.fill_diagonal(moments.centred[:-1, :-1], np.diag(moments.centred)[:-1] + l2)
    weights, dependent = _least_squares(moments.centred[:-1, :-1], moments.centred[:-1, -1])
    optimum = np.append(weights, moments.means[-1] - moments.means[:-1].dot(weights)) if data.intercept else weights
    operator, target, lift = _quadratic(moments) if data.intercept else _uncentred_quadratic(moments)
    return MomentsCost(operator, target, lift, optimum, _least_cost(data, moments, optimum, l2), dependent)


class UnitSpectrum(NamedTuple):
    """The eigenvalues (d,) and eigenvectors (d, d) of matrix / scale / scaleᵀ, whose diagonal is one.

    kept (d,) says which eigenvalues are not zero to rounding.
    """

    scale: FloatArray
    values: FloatArray
    vectors: FloatArray
    kept: BoolArray


def unit_spectrum(matrix: FloatArray) -> UnitSpectrum:
    """That of second moments (d, d), in units in which every column has unit variance."""
    scale = np.sqrt(np.diag(matrix))
    scale[scale == 0.0] = 1.0
    values, vectors = np.linalg.eigh(matrix / scale / scale[:, np.newaxis])
    return UnitSpectrum(scale, values, vectors, values > ZERO_EIGENVALUE * max(1.0, values.max(initial=0.0)))


def _parts(rows: int, width: int) -> Iterator[slice]:
    """Consecutive parts of the rows: worth a thread each, and few enough that the moments of all of them are small."""
    most = max(1, min(PARTS, MOMENTS_NUMBERS // width**2))
    return blocks(rows, width, max(PART_NUMBERS, -(-rows // most) * width))


def _part_moments(X: Matrix, y: FloatArray, weights: FloatArray | None, centred: bool, part: slice) -> Moments:
    width = X.shape[1] + 1
    moments = _no_moments(width)
    for block in blocks(part.stop - part.start, width, max(2 * BLOCK_NUMBERS, width * min(width, MERGED_ROWS))):
        some = slice(part.start + block.start, part.start + block.stop)
        counts = None if weights is None else weights[some]
        if counts is None or counts.any():
            moments = _merged(moments, _block_moments(X[some], y[some], counts, centred))
    return moments


def _block_moments(X: FloatArray, y: FloatArray, weights: FloatArray | None, centred: bool) -> Moments:
    counts = np.ones(y.size) if weights is None else weights
    weight, means = float(counts.sum()), np.zeros(X.shape[1] + 1)
    if centred:
        means[:-1], means[-1] = counts.dot(X) / weight, counts.dot(y) / weight
        y = y - means[-1]
    if weights is None:
        return Moments(weight, means, _second_moments(X, y, means[:-1]))
    roots = np.sqrt(weights)  # both factors get the root, so that the product stays symmetric and positive
    X = (X - means[:-1]) * roots[:, np.newaxis]
    return Moments(weight, means, _products(X, y * roots) / weight)


def _second_moments(X: FloatArray, y: FloatArray, means: FloatArray) -> FloatArray:
    """Those of [X y] about (means, 0), where the rows of y (n,) have mean zero unless means are all zero."""
    products = _products(X, y)
    products /= y.size
    if not means.any():
        return products
    if (means * means > LITTLE * np.diag(products)[:-1]).any():  # of the products few digits would be left
        del products
        return _products(X - means, y) / y.size
    products[:-1, :-1] -= np.outer(means, means)
    return products


def _products(X: FloatArray, y: FloatArray) -> FloatArray:
    """[X y]ᵀ[X y], without putting the two together; the first product takes half the time that two factors take."""
    products = np.empty((X.shape[1] + 1, X.shape[1] + 1))
    products[:-1, :-1] = X.T.dot(X)
    products[-1, :-1] = products[:-1, -1] = y.dot(X)
    products[-1, -1] = y.dot(y)
    return products


def _no_moments(width: int) -> Moments:
    return Moments(0.0, np.zeros(width), np.zeros((width, width)))


def _merged(first: Moments, second: Moments) -> Moments:
    if first.weight == 0.0 or second.weight == 0.0:
        return first if second.weight == 0.0 else second
    weight = first.weight + second.weight
    share = second.weight / weight
    apart = second.means - first.means
    # Term by term, so that few matrices of this size are there at a time.
    centred = first.centred * (1.0 - share)
    centred += second.centred * share
    centred += np.outer(apart, apart * (share * (1.0 - share)))
    return Moments(weight, first.means + apart * share, centred)


def _least_squares(matrix: FloatArray, target: FloatArray) -> tuple[FloatArray, int]:
    """The solution of smallest norm, in units in which every column has unit variance, and the rank that it lacks."""
    scale, values, vectors, kept = unit_spectrum(matrix)
    coordinates = (target / scale).dot(vectors[:, kept]) / values[kept]
    return np.asarray(vectors[:, kept].dot(coordinates) / scale), int(np.count_nonzero(~kept))


def _quadratic(moments: Moments) -> tuple[FloatArray, FloatArray, FloatArray]:
    means, lift = moments.means[:-1], np.append(moments.means[:-1], 0.0)
    operator = np.zeros(moments.centred.shape)
    operator[:-1, :-1], operator[-1, :-1], operator[-1, -1] = moments.centred[:-1, :-1], means, 1.0
    return operator, np.append(moments.centred[:-1, -1], moments.means[-1]), lift


def _uncentred_quadratic(moments: Moments) -> tuple[FloatArray, FloatArray, None]:
    return np.ascontiguousarray(moments.centred[:-1, :-1]), moments.centred[:-1, -1].copy(), None


def _least_cost(data: RowsCost, moments: Moments, optimum: FloatArray, l2: float) -> float:
    """J*, from the moments, or from the rows where that difference would cancel more than four digits."""
    weights = optimum[: data.X.shape[1]]
    total = moments.centred[-1, -1]
    cost = 0.5 * float(total - weights.dot(moments.centred[:-1, -1]))
    return cost if cost > 0.5e-4 * total else data.cost(optimum) + 0.5 * l2 * float(weights.dot(weights))
