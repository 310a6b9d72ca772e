"""A run between two steps: all that its rest depends on, beside the problem, the method and the limits.

Every draw of rows is a function of seed and iteration (engine/randomness.py), and the numbers of a step one of its
number (engine/step_numbers.py), so neither is part of it.
"""

from typing import NamedTuple

from engine.method import State
from engine.stopping import Tally, afresh


class Checkpoint(NamedTuple):
    """Where the path goes on, and what the stop rules remember at the last entry that an unbroken run would record."""

    state: State
    tally: Tally


def checkpoint(state: State, before: Tally, tally: Tally, every: int, reason: str) -> Checkpoint:
    """That of a run which ended for `reason` in `state`, with `tally`, and with `before` at the entry before the last.

    The last entry counts where it stands at a multiple of `every`: others are recorded only because the run ends.
    """
    return Checkpoint(state, afresh(tally if tally.iteration % every == 0 else before, reason))
