"""Stateless randomness: every draw is a function of seed, stream and iteration, so no state is ever saved.

Philox is the counter-based generator of Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (2011).
"""

from typing import Final

import numpy as np

from engine.arrays import FloatArray

SPLIT: Final = 0
INITIAL: Final = 1
ORDER: Final = 2
STARTS: Final = 3


def generator(seed: int, stream: int, iteration: int = 0, part: int = 0) -> np.random.Generator:
    """The generator of one purpose (`stream`) in one part of one iteration; 0 <= seed < 2**64."""
    key = np.array([seed, stream], dtype=np.uint64)
    counter = np.array([0, 0, part, iteration], dtype=np.uint64)
    return np.random.Generator(np.random.Philox(key=key, counter=counter))


def random_start(dimension: int, seed: int) -> FloatArray:
    """Independent N(0, 1) parameters (dimension,), in the units of the fit."""
    return generator(seed, INITIAL).standard_normal(dimension)


def starts_in_box(low: FloatArray, high: FloatArray, count: int, seed: int) -> FloatArray:
    """Independent points (count, d), uniform between low and high (d,)."""
    shares = generator(seed, STARTS).random((count, low.size))
    return low * (1.0 - shares) + high * shares
