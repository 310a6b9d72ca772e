"""Every "auto" as a number: optimizer and schedule from the curvature of the problem, before the first step.

L and mu are the largest and the smallest non-zero eigenvalue of the second derivatives of J, m the rows, b
the batch. Where the loss is not quadratic, L bounds them everywhere and mu is that at zero scores.

Full batch. Nesterov momentum at rate 1/L with beta = (√L - √mu) / (√L + √mu) (Nesterov, "Introductory
lectures on convex optimization" (2004), 2.2.1), where mu counts as at least 1e-6 L: a direction flatter than
that is out of reach of 10,000 iterations, and a larger beta would slow all others. Where J is not quadratic mu says
little of the optimum (told apart well, classes leave it nearly flat): beta then grows, with restarts, but for an l1
part, whose zeros are exact at constant beta only. Sgd and momentum: 1/L.

Smaller batches. Sgd with t0 / (t + t1), starting at 1/(2 Λ), Λ = ((b-1) m L + (m-b) R²) / (b (m-1)) with R²
the largest curvature of a row, and t1 = 4 Λ/mu: rate and turning point of Gower et al., "SGD: general analysis
and improved rates" (2019), theorem 3.2. A small mu would keep the noise for longer than a run lasts, so t1 is at
most four passes divided by the share of R² in Λ, and at least two passes. Momentum: the rate times
(1 - beta) / (1 - dampening).

Adaptive optimizers. Their step has the size of the rate, so it is a share of the distance s that the
parameters have to go, taken from the steepest descent to the lowest point on the first gradient's line
(Cauchy's point): s for adagrad, s/10 with smaller batches; s/10 for rprop, which goes on as it finds; s/2 for adadelta,
whose own steps begin near 1e-3, and s/100 for all others, falling with t0 / (t + t1) so that they come to rest.

Losses without bounds on their second derivative (straight lines, e^z) have no L: adam, where nobody says. s then
is the power of two, going along the first gradient, at which the cost stops falling, and sgd starts with a tenth
of the rate that goes there in one step. So does a loss whose bend is small beside the way to go (huber and log_cosh far
from the target) where steps of 1/L would not come far.

No rate is above 1/weight_decay. The way is measured from the start.
"""

from collections.abc import Callable, Mapping
from math import inf
from typing import Final, Literal, NamedTuple

import numpy as np

from engine.arrays import FloatArray
from engine.batches import Batching, steps_per_pass
from engine.line_search import UNKNOWN, Downhill, downhill
from engine.losses import Huber, LogCosh, Squared
from engine.optimizers import (
    Adadelta,
    Adagrad,
    Adam,
    Adamw,
    Lion,
    Momentum,
    Nadam,
    Optimizer,
    Rmsprop,
    Rprop,
    Sgd,
    gain,
)
from engine.problems import LinearProblem
from engine.schedules import Constant, InverseTime, Schedule
from engine.spectrum import Curvature

Auto = Literal["auto"]

FLATTEST: Final = 1e-6
LARGEST_BETA: Final = 0.9999
FEWEST_PASSES: Final = 2
NOISY_PASSES: Final = 4
ADAPTIVE_SHARE: Final = 0.01
CAUTIOUS_SHARE: Final = 0.1
ADADELTA_SHARE: Final = 0.5
FAR: Final = 1e5
"""Steps of the rate 1/L that momentum makes in some 1,000."""
FAR_FOR_BATCHES: Final = 10
"""Those that smaller batches can make before their rate has fallen; then a tenth of the way is longer than one."""
ADAM_HALVING: Final = 1000
HALVING: Final[Mapping[type[Optimizer], int]] = {Rmsprop: 100, Lion: 100, Nadam: 300, Adadelta: 300}
"""Steps until the rate is halved, where it must fall sooner than Adam's for the parameters to come to rest."""


class Advice(NamedTuple):
    """L, L/mu, and 2/L, below which plain full-batch gradient descent is stable; None where that is not known.

    Losses without bounds have no L, and for L/mu the same of the squared loss.

    Above 2/L it diverges where the cost is quadratic; other costs may bend less than L, and bear more. The last one is
    None for smaller batches and for adaptive optimizers, which have other bounds.
    """

    curvature: float | None
    condition_number: float | None
    largest_stable_learning_rate: float | None


NO_ADVICE: Final = Advice(None, None, None)


class Resolved(NamedTuple):
    """Explicit settings that repeat the run bit for bit."""

    optimizer: Optimizer
    schedule: Schedule
    advice: Advice


def resolve(
    problem: LinearProblem,
    batching: Batching,
    optimizer: Optimizer | Auto,
    schedule: Schedule | Auto,
    start: FloatArray | None = None,
) -> Resolved:
    """Replace each "auto" by numbers, and leave what is explicit alone.

    start (dimension,): where the parameters come from, zero if none is given. An automatic optimizer beside an explicit
    rate is Nesterov momentum where that is a constant of at most 1/L in full batch, else sgd, which is stable in a
    wider range. Raises DataError where all of X is zero, BatchError where the batches cannot be drawn.
    """
    curvature, origin = problem.curvature(), np.zeros(problem.dimension) if start is None else start
    bounded, straight = 0.0 < curvature.largest < inf, isinstance(problem.data.loss, Huber | LogCosh)
    known = Advice(curvature.largest if bounded else None, curvature.condition_number, None)
    searched = schedule == "auto" and (straight or not bounded)
    way = (downhill(problem, origin) if searched else None) or UNKNOWN
    if not bounded or (searched and _is_long(way, batching, optimizer, curvature)):
        return _without_bounds(problem, batching, optimizer, schedule, way)._replace(advice=known)
    chosen = _optimizer(problem, batching, schedule, curvature) if optimizer == "auto" else optimizer
    stable = 2.0 / curvature.largest if batching.size is None and isinstance(chosen, Sgd | Momentum) else None
    found = resolved(chosen, schedule, lambda: _schedule(problem, batching, chosen, curvature, origin))
    return found._replace(advice=known._replace(largest_stable_learning_rate=stable))


def resolved(optimizer: Optimizer, schedule: Schedule | Auto, rates: Callable[[], Schedule]) -> Resolved:
    """An explicit schedule as it is, or what `rates` answers, at most 1/weight_decay; all advice is unknown.

    Above that a step turns coefficients round, and above twice that they grow.
    """
    if schedule != "auto":
        return Resolved(optimizer, schedule, NO_ADVICE)
    found, decay = rates(), optimizer.weight_decay if isinstance(optimizer, Adamw | Lion) else 0.0
    if isinstance(found, Constant) and decay * found.rate > 1.0:
        found = Constant(1.0 / decay)
    if isinstance(found, InverseTime) and decay * found.t0 > found.t1:
        found = found._replace(t0=found.t1 / decay)
    return Resolved(optimizer, found, NO_ADVICE)


def _is_long(way: Downhill, batching: Batching, optimizer: Optimizer | Auto, curvature: Curvature) -> bool:
    """Whether the cost falls in a straight line for so long that steps of the rate 1/L would not come far."""
    gathers = batching.size is None and (optimizer == "auto" or isinstance(optimizer, Sgd | Momentum))
    return way.distance * curvature.largest > (FAR if gathers else FAR_FOR_BATCHES) * way.steepest


def _without_bounds(
    problem: LinearProblem,
    batching: Batching,
    optimizer: Optimizer | Auto,
    schedule: Schedule | Auto,
    way: Downhill,
) -> Resolved:
    whole = schedule == "auto" and problem.proximal is None  # a proximal map needs one rate for all parameters
    chosen = optimizer if optimizer != "auto" else Adam() if whole else Sgd()
    return resolved(chosen, schedule, lambda: _searched(problem, batching, chosen, way))


def _searched(problem: LinearProblem, batching: Batching, optimizer: Optimizer, way: Downhill) -> Schedule:
    halving = FEWEST_PASSES * steps_per_pass(batching, problem.rows)
    if isinstance(optimizer, Sgd | Momentum):
        return decaying(CAUTIOUS_SHARE * way.rate / gain(optimizer), max(ADAM_HALVING, halving))
    if isinstance(optimizer, Adagrad | Rprop):
        return Constant(CAUTIOUS_SHARE * way.distance)
    return decaying(ADAPTIVE_SHARE * way.distance, max(ADAM_HALVING, halving))


def _optimizer(
    problem: LinearProblem, batching: Batching, schedule: Schedule | Auto, curvature: Curvature
) -> Sgd | Momentum:
    if batching.size is not None or (schedule != "auto" and not isinstance(schedule, Constant)):
        return Sgd()
    rate = 1.0 / curvature.largest if schedule == "auto" else schedule.rate
    if rate * curvature.largest > 1.0:
        return Sgd()
    if problem.proximal is None and (curvature.smallest is None or not isinstance(problem.data.loss, Squared)):
        return Momentum(LARGEST_BETA, nesterov=True, restart=True)
    root = float(np.sqrt(rate * max(curvature.smallest or 0.0, FLATTEST * curvature.largest)))
    return Momentum(beta=min(LARGEST_BETA, (1.0 - root) / (1.0 + root)), nesterov=True)


def _schedule(
    problem: LinearProblem, batching: Batching, optimizer: Optimizer, curvature: Curvature, start: FloatArray
) -> Schedule:
    if not isinstance(optimizer, Sgd | Momentum):
        return _adaptive(problem, batching, optimizer, curvature, start)
    if batching.size is None:
        return Constant(1.0 / curvature.largest)
    smoothness, noise = _batch_smoothness(problem, batching.size, curvature)
    settling = 4.0 * smoothness / (curvature.smallest or FLATTEST * curvature.largest)
    return decaying(0.5 / (smoothness * gain(optimizer)), _turning_point(problem, batching, settling, noise))


def _turning_point(problem: LinearProblem, batching: Batching, settling: float, noise: float) -> int:
    """The step at which the rate is halved: `settling`, within the passes that the share of noise allows."""
    whole = steps_per_pass(batching, problem.rows)
    return round(max(FEWEST_PASSES * whole, min(settling, NOISY_PASSES * whole / max(noise, FLATTEST))))


def _batch_smoothness(problem: LinearProblem, size: int, curvature: Curvature) -> tuple[float, float]:
    """Expected smoothness Λ of batches without repeats (Gower et al. 2019, proposition 3.8), and R²'s share."""
    m, b = problem.rows, min(size, problem.rows)
    if m == 1:
        return curvature.largest, 0.0
    noise = (m - b) * problem.largest_row_curvature() / (b * (m - 1))
    smoothness = (b - 1) * m * curvature.largest / (b * (m - 1)) + noise
    return smoothness, noise / smoothness


def _adaptive(
    problem: LinearProblem, batching: Batching, optimizer: Optimizer, curvature: Curvature, start: FloatArray
) -> Schedule:
    distance, whole = _distance(problem, curvature, start), steps_per_pass(batching, problem.rows)
    if isinstance(optimizer, Rprop):
        return Constant(CAUTIOUS_SHARE * distance)
    if isinstance(optimizer, Adagrad):
        return Constant(distance if batching.size is None else CAUTIOUS_SHARE * distance)
    share = ADADELTA_SHARE if isinstance(optimizer, Adadelta) else ADAPTIVE_SHARE
    halving = HALVING.get(type(optimizer), ADAM_HALVING)
    return decaying(share * distance, max(halving, FEWEST_PASSES * whole))


def decaying(rate: float, halving: int) -> InverseTime:
    """A rate that is halved after `halving` steps."""
    return InverseTime(t0=rate * halving, t1=float(halving))


def _distance(problem: LinearProblem, curvature: Curvature, start: FloatArray) -> float:
    """The largest move of a parameter from the start to the Cauchy point; 1 where the gradient is zero."""
    gradient = _gradient(problem, start)
    # The bend along the gradient g, from its change over the step g/L: further on, other losses than the squared
    # one bend less.
    change = _gradient(problem, start + gradient / curvature.largest) - gradient
    bend = float(gradient.dot(change)) * curvature.largest
    return float(np.abs(gradient).max() * gradient.dot(gradient)) / bend if bend > 0.0 else 1.0


def _gradient(problem: LinearProblem, theta: FloatArray) -> FloatArray:
    return problem.cost_and_gradient(theta)[1]
