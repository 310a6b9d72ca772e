"""Optimizers by name: what each does in a step, and its hyperparameters. Their recurrences: engine/recurrences.py.

In the formulas g is the gradient of a step. The parameters move by theta - learning_rate * direction, and the theta of
decoupled decay is that before the step, with zeros for what never decays: intercepts and biases.

Epsilon stands outside the root, with Adadelta's exception. Where PyTorch, Keras and the papers differ, each class says
which of them it follows.
"""

from collections.abc import Mapping
from typing import NamedTuple


class Sgd(NamedTuple):
    """Direction g, the gradient itself (Cauchy 1847; Robbins and Monro 1951 for batches)."""


class Momentum(NamedTuple):
    """v <- beta v + (1 - dampening) g; direction v, with nesterov g + beta v (Polyak 1964; Sutskever et al. 2013).

    dampening 0 is the heavy ball of Polyak, dampening = beta an exponential average of gradients. The nesterov form
    is that of Sutskever et al., as in PyTorch's SGD; there the first velocity is g whatever the dampening, here v
    starts at zero. With restart (O'Donoghue and Candès 2015) beta grows: in the k-th step since the start, or since
    the velocity last pointed uphill, v·g < 0, and was dropped, it is b_k = min(beta, (k - 1)/(k + 2)) in v and b_(k+1)
    in the look-ahead g + b_(k+1) v. Nobody then needs to know how little the cost bends.
    """

    beta: float = 0.9
    dampening: float = 0.0
    nesterov: bool = False
    restart: bool = False


class Adagrad(NamedTuple):
    """G <- G + g²; direction g / (√G + epsilon) (Duchi, Hazan and Singer 2011; epsilon outside the root)."""

    epsilon: float = 1e-8


class Rmsprop(NamedTuple):
    """E <- rho E + (1 - rho) g²; direction g / (√E + epsilon) (Tieleman and Hinton 2012; no correction)."""

    rho: float = 0.9
    epsilon: float = 1e-8


class Adam(NamedTuple):
    """Direction m̂ / (√v̂ + epsilon) with bias-corrected moments (Kingma and Ba 2015, algorithm 1).

    m <- beta1 m + (1 - beta1) g, v <- beta2 v + (1 - beta2) g²; m̂ = m / (1 - beta1^k), v̂ = v / (1 - beta2^k) in step k.
    """

    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8


class Amsgrad(NamedTuple):
    """Direction m̂ / (√(v_max / (1 - beta2^k)) + epsilon), v_max the largest v so far (Reddi, Kale and Kumar 2018).

    m and v are Adam's. The bias corrections are PyTorch's, of the largest uncorrected v; the paper has none.
    """

    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8


class Nadam(NamedTuple):
    """Direction ((1 - μ) g / (1 - Π) + μ' m / (1 - Π μ')) / (√v̂ + epsilon), Adam looking ahead (Dozat 2016).

    μ = beta1 (1 - 0.96^(k momentum_decay) / 2) in step k, μ' in the next one, Π the product of all μ so far: as in
    PyTorch and in Keras, where momentum_decay is fixed at 0.004.
    """

    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    momentum_decay: float = 0.004


class Adamax(NamedTuple):
    """u <- max(beta2 u, |g| + epsilon); direction m̂ / u (Kingma and Ba 2015, algorithm 2).

    Epsilon is where PyTorch has it; the paper has none, Keras divides by u + epsilon.
    """

    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8


class Adamw(NamedTuple):
    """Adam with decoupled decay: direction m̂ / (√v̂ + epsilon) + weight_decay theta (Loshchilov and Hutter 2019).

    As in PyTorch and Keras the decay is multiplied by the learning rate and adds nothing to the cost; intercepts and
    biases are spared, which there takes a group of their own. Adam's part is
    hardly longer than 1, so no weight gets much beyond 1 / weight_decay.
    """

    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    weight_decay: float = 0.01


class Adadelta(NamedTuple):
    """E <- rho E + (1 - rho) g²; direction Δ = g √(D + epsilon) / √(E + epsilon), D for Δ as E for g (Zeiler 2012).

    The paper's learning rate is 1; epsilon is inside both roots there, in PyTorch and in Keras too.
    """

    rho: float = 0.9
    epsilon: float = 1e-6


class Lion(NamedTuple):
    """Direction sign(beta1 m + (1 - beta1) g) + weight_decay theta; m <- beta2 m + (1 - beta2) g (Chen et al. 2023).

    "Symbolic discovery of optimization algorithms"; the sign of zero is zero.
    """

    beta1: float = 0.9
    beta2: float = 0.99
    weight_decay: float = 0.0


class Rprop(NamedTuple):
    """Direction Δ sign(g), Δ <- grow Δ where g has the sign of the last g, shrink Δ where not (Riedmiller 1993).

    Riedmiller and Braun, "A direct adaptive method for faster backpropagation learning", in the form iRprop- of Igel
    and Hüsken (2000) and PyTorch: after a change of sign the parameter rests for a step, and g counts as zero. Δ is 1
    at the start, a multiple of the learning rate for each parameter, without the bounds that PyTorch sets it. Only
    signs of g matter, so parameters of very different scale go well together; of full batches only, since the sign of
    a noisy gradient says little.
    """

    grow: float = 1.2
    shrink: float = 0.5


Optimizer = Sgd | Momentum | Adagrad | Rmsprop | Adam | Amsgrad | Nadam | Adamax | Adamw | Adadelta | Lion | Rprop

OPTIMIZERS: Mapping[str, type[Optimizer]] = {
    "sgd": Sgd,
    "momentum": Momentum,
    "adagrad": Adagrad,
    "rmsprop": Rmsprop,
    "adam": Adam,
    "amsgrad": Amsgrad,
    "nadam": Nadam,
    "adamax": Adamax,
    "adamw": Adamw,
    "adadelta": Adadelta,
    "lion": Lion,
    "rprop": Rprop,
}


FULL_BATCH_ONLY: tuple[type[Optimizer], ...] = (Rprop,)
"""Those that need the gradient of all rows."""


def gain(optimizer: Optimizer) -> float:
    """How long the direction is beside a gradient that stays: momentum adds earlier ones, of this weight in the end."""
    return (1.0 - optimizer.dampening) / (1.0 - optimizer.beta) if isinstance(optimizer, Momentum) else 1.0


def has_decay(optimizer: Optimizer) -> bool:
    """Whether the direction depends on theta."""
    return isinstance(optimizer, Adamw | Lion) and optimizer.weight_decay > 0.0
