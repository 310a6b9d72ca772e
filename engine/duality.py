"""At most how far a cost is above its least, by Fenchel's duality: no estimate, but a bound that holds anywhere.

For losses whose derivative lies between two numbers: straight lines (absolute, quantile, hinge), and huber, log_cosh
and log_loss. In units of half the distance of the two, such a loss is max over |v| <= 1 of (s + v) r - e(v) with
r = z - t, so that every v with Bᵀ c (s + v) + R theta = 0 for some theta gives, c being each row's share of the weight,

    J(theta_a) - J* <= Σ c (l(r_a) - (s + v) r_a + e(v)) + ½ (theta_a - theta)ᵀ R (theta_a - theta).

No term is negative, and for the v of the optimum the bound is the gap (Rockafellar, "Convex analysis" (1970), theorem
31.1). A part λ₁ |w| is one more row, of weight λ₁ and without e. Good v come from Newton's method on the conditions of
the optimum, with the distances of v from -1 and 1 and their multipliers kept positive (primal-dual interior points,
as for quantiles in Portnoy and Koenker, "The Gaussian hare and the Laplacian tortoise", 1997). It moves no parameter
of an answer. The equation holds to rounding; what is missing counts as if the optimum were at the last theta.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np

from engine.arrays import FloatArray, IntArray, blocks
from engine.boxes import Box, box_of
from engine.loss_formulas import PAIRS
from engine.problems import LinearProblem
from engine.rows import PASS_NUMBERS, RowsCost, gathered

ROUNDS: Final = 60
SLACK: Final = 1e-2
"""How much of the bound may be owed to v not being the best one."""
NOTHING: Final = 1e-9
"""A bound, relative to the cost, that need not be smaller."""
UNMET: Final = 1e-7
"""What may be missing in the equation of v, relative to the cost or a hundredth of the bound."""
SHORT: Final = 0.99
"""The share of the way to where a number would no longer be positive that a step may go."""
JITTER: Final = 1e-13
"""Relative to the diagonal of the Newton equations, which columns that follow from others leave without a solution."""


class _Rows(NamedTuple):
    """The rows of the data, and one for each |w|: shares c of the weight, s, and the factor of f in e, each (n,).

    extra: the parameters that |w| are of. ridge: R (p,).
    """

    data: RowsCost
    box: Box
    extra: IntArray
    c: FloatArray
    s: FloatArray
    rest: FloatArray
    ridge: FloatArray

    def times(self, theta: FloatArray) -> FloatArray:
        """B theta (n,)."""
        return np.concatenate([*(scores for _, scores in self.data.scores(theta)), theta[self.extra]])

    def gathered(self, values: FloatArray) -> FloatArray:
        """Bᵀ diag(c) values (p,)."""
        total, rows, values = np.zeros(self.data.columns), self.data.y.size, self.c * values
        for block in blocks(rows, self.data.columns, PASS_NUMBERS):
            total += gathered(self.data, block).T @ values[block]
        total[self.extra] += values[rows:]
        return total

    def squares(self, values: FloatArray) -> FloatArray:
        """Bᵀ diag(c values) B + R (p, p)."""
        total, rows, values = np.diag(self.ridge), self.data.y.size, self.c * values
        for block in blocks(rows, self.data.columns, PASS_NUMBERS):
            inputs = gathered(self.data, block)
            total += inputs.T @ (inputs * values[block, np.newaxis])
        total[self.extra, self.extra] += values[rows:]
        return total

    def slope(self, v: FloatArray) -> FloatArray:
        """e'(v)."""
        return self.rest * (np.arctanh(v) if self.box.entropy else v)

    def bend(self, v: FloatArray) -> FloatArray:
        """e''(v)."""
        return self.rest / ((1.0 - v) * (1.0 + v)) if self.box.entropy else self.rest

    def value(self, v: FloatArray) -> FloatArray:
        """e(v)."""
        own = 0.5 * ((1.0 + v) * np.log1p(v) + (1.0 - v) * np.log1p(-v)) if self.box.entropy else 0.5 * v * v
        own = self.rest * own
        own[: self.data.y.size] += self.box.level
        return own


class _Answer(NamedTuple):
    """theta_a (p,), its r and losses (n,), R theta_a (p,), and J; losses and J in units of the box."""

    theta: FloatArray
    residuals: FloatArray
    losses: FloatArray
    pull: FloatArray
    cost: float


class _Point(NamedTuple):
    """theta - theta_a (p,), r of theta (n,), v (n,), and the multipliers of v >= -1 and of v <= 1."""

    apart: FloatArray
    r: FloatArray
    v: FloatArray
    low: FloatArray
    high: FloatArray


class Bound(NamedTuple):
    """What J(theta) - J* does not exceed, at most J(theta); and whether it is the gap itself to a hundredth."""

    gap: float
    measured: bool


def gap_bound(
    problem: LinearProblem,
    theta: FloatArray,
    rounds: int = ROUNDS,
    interrupted: Callable[[], object] = lambda: None,
) -> Bound:
    """The bound at theta (p,) after at most so many rounds, of which some ten measure the gap.

    ``engine/duality_price.py`` says what a round costs; before each, anything but None from `interrupted` ends them. Of
    other losses than those named above the bound is J(theta), since no loss is below zero.
    """
    cost, box = problem.cost(theta), box_of(problem.data.loss, problem.data.y)
    if box is None or not cost > 0.0:
        return Bound(cost, cost == 0.0)
    with np.errstate(all="ignore"):
        try:
            rows = _rows(problem, box)
            gap, measured = _bound(rows, _answer(problem, rows, theta, cost), rounds, interrupted)
        except np.linalg.LinAlgError:
            return Bound(cost, measured=False)
    return Bound(min(cost, box.unit * gap), measured)


def _bound(rows: _Rows, answer: _Answer, rounds: int, interrupted: Callable[[], object]) -> Bound:
    """The least bound of so many rounds, in units of the box; what v leaves unmet must be little beside it."""
    point, best, centring = _start(rows, answer.residuals), answer.cost, 0.1
    for _ in range(rounds):
        if interrupted() is not None:
            break
        point, length = _advanced(rows, answer.pull, point, centring)
        if not np.isfinite(length):
            break
        centring = min(0.5, max(0.02, (1.0 - length) ** 2))
        found, unmet = _measured(rows, answer, point)
        if unmet <= UNMET * max(answer.cost, SLACK * found):
            best = min(best, found + unmet)
            if _owed(rows, point) <= max(SLACK * best, 0.1 * NOTHING * answer.cost):
                return Bound(best, measured=True)
    return Bound(best, measured=False)


def _rows(problem: LinearProblem, box: Box) -> _Rows:
    data, width = problem.data, problem.dimension
    strengths = np.zeros(width) if problem.proximal is None else problem.proximal.strengths
    extra = np.flatnonzero(strengths)
    weights = np.ones(data.y.size) if data.weights is None else data.weights
    return _Rows(
        data,
        box,
        extra,
        np.concatenate([weights / data.y.size, strengths[extra] / box.unit]),
        np.concatenate([np.broadcast_to(box.s, data.y.shape), np.zeros(extra.size)]),
        np.concatenate([np.full(data.y.size, box.rest), np.zeros(extra.size)]),
        np.zeros(width) if problem.ridge is None else problem.ridge / box.unit,
    )


def _answer(problem: LinearProblem, rows: _Rows, theta: FloatArray, cost: float) -> _Answer:
    data, unit = problem.data, rows.box.unit
    residuals = rows.times(theta)
    losses = PAIRS[type(data.loss)].value(data.loss, residuals[: data.y.size], data.y) / unit
    residuals[: data.y.size] -= rows.box.t
    return _Answer(
        theta, residuals, np.concatenate([losses, np.abs(theta[rows.extra])]), rows.ridge * theta, cost / unit
    )


def _start(rows: _Rows, residuals: FloatArray) -> _Point:
    """The answer's own residuals, s + v = 0 where it can be, and multipliers of the residuals' size."""
    v = np.where(np.abs(rows.s) < 1.0, -rows.s, -0.5 * rows.s)
    beyond = residuals - rows.slope(v)
    margin = float(np.abs(beyond).mean()) or 1.0
    low, high = np.maximum(-beyond, 0.0) + margin, np.maximum(beyond, 0.0) + margin
    return _Point(np.zeros(rows.ridge.size), residuals, v, low, high)


def _advanced(rows: _Rows, pull: FloatArray, point: _Point, centring: float) -> tuple[_Point, float]:
    """One step of Newton's method towards products of `centring` times their mean, and how much of it could be gone."""
    apart, r, v, low, high = point
    below, above = 1.0 + v, 1.0 - v
    mean = 0.5 * centring * _owed(rows, point) / float(rows.c.sum())
    give = 1.0 / (rows.bend(v) + low / below + high / above)
    push = r - rows.slope(v) + mean / below - mean / above
    unmet = rows.gathered(rows.s + v + give * push) + pull + rows.ridge * apart
    step = _solved(rows.squares(give), -unmet)
    along = rows.times(step)
    turn = give * (along + push)
    lower, higher = mean / below - low - low / below * turn, mean / above - high + high / above * turn
    room = min(_room(below, turn), _room(above, -turn), _room(low, lower), _room(high, higher))
    length = min(1.0, SHORT * room)
    parts = zip(point, (step, along, turn, lower, higher), strict=True)
    return _Point(*(value + length * change for value, change in parts)), length


def _solved(squares: FloatArray, right: FloatArray) -> FloatArray:
    """What `squares` times it makes `right`, the columns brought to one size."""
    size = np.sqrt(np.diag(squares))
    size[size == 0.0] = 1.0
    scaled = squares / size / size[:, np.newaxis]
    np.fill_diagonal(scaled, 1.0 + JITTER)
    return np.asarray(np.linalg.solve(scaled, right / size) / size, dtype=np.float64)


def _room(numbers: FloatArray, change: FloatArray) -> float:
    """How often the change may be added before one of the positive numbers is zero."""
    shrink = float((-change / numbers).max())
    return np.inf if shrink <= 0.0 else 1.0 / shrink


def _owed(rows: _Rows, point: _Point) -> float:
    """How far the bound of v may be above the gap."""
    return float(rows.c.dot(point.low * (1.0 + point.v) + point.high * (1.0 - point.v)))


def _measured(rows: _Rows, answer: _Answer, point: _Point) -> tuple[float, float]:
    """The bound of v, and what is missing in its equation times the way to the optimum."""
    u = rows.s + point.v
    pairs = np.maximum(answer.losses - u * answer.residuals + rows.value(point.v), 0.0)  # but for rounding
    missing = rows.gathered(u) + answer.pull + rows.ridge * point.apart
    way = np.abs(point.apart) + np.abs(answer.theta)
    return float(rows.c.dot(pairs)) + 0.5 * float(rows.ridge.dot(point.apart**2)), float(np.abs(missing).dot(way))
