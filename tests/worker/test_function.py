"""Function jobs of several starts: what is held meanwhile, and how they end where none has a value."""

import gc
from collections.abc import Iterator
from ctypes import c_byte

import numpy as np
import pytest

from contract.function_settings import FunctionSettings, load_function_settings
from contract.store import Claim
from engine.arrays import FloatArray
from engine.history import History
from engine.training import Interruption, Outcome, train
from tests.support.functions import WAVES
from worker.function import Descended, descend_all, plan_function
from worker.function_result import function_ending
from worker.running import Running


def settings_of(expression: str, box: list[float], count: int) -> FunctionSettings:
    initial = {"random": {"x": box}, "count": count}
    given = {"function": {"expression": expression}, "initial": initial, "max_iterations": 20}
    return load_function_settings(given)


@pytest.fixture
def nothing_older() -> Iterator[None]:
    """What was there before is neither collected nor counted: of a whole run of tests that takes seconds."""
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.mark.usefixtures("nothing_older")
def test_paths_that_are_not_the_best_are_let_go() -> None:
    """One history beside that of the descent under way, however many starts there are."""
    settings = settings_of(WAVES, [-4, 6], 12)
    plan = plan_function(settings)
    before, most = histories(), 0
    running = Running(Claim("job_x", 1, 1, b"{}", b"[]"), settings, c_byte(0))

    def descend(theta: FloatArray) -> Outcome:
        nonlocal most
        most = max(most, histories() - before)
        observe, interrupted = running.observe, running.interruption
        return train(plan.problem, plan.method, theta, plan.limits, observe=observe, interrupted=interrupted)

    found, why = descend_all(plan, running, descend)
    best = min(range(12), key=lambda k: found[k].rank())
    assert (why, best < 11, most) == (None, True, 2)
    assert running.report(ended=True).fields["history"]["start"] == best


def histories() -> int:
    gc.collect()
    # isinstance would ask a weak proxy, of some other test, for its class.
    return sum(type(one) is History for one in gc.get_objects())


WITHOUT_VALUE: dict[str, tuple[int, int, Interruption | None, str, str | None]] = {
    "the only one": (1, 1, None, "failed", "no finite value at its start: draw"),
    "all": (8, 8, None, "failed", "at none of the 8 starts: draw"),
    "before the time was up": (8, 3, "time_limit", "failed", "3 of 8 starts were tried before time_limit"),
    "before it was cancelled": (8, 3, "cancelled", "cancelled", None),
}


@pytest.mark.parametrize(("count", "tried", "why", "state", "sentence"), WITHOUT_VALUE.values(), ids=WITHOUT_VALUE)
def test_only_starts_that_were_tried_are_said_to_have_no_value(
    count: int, tried: int, why: Interruption | None, state: str, sentence: str | None
) -> None:
    plan = plan_function(settings_of("log(x)", [-2, -1], count))
    found = [Descended(np.array([-1.5]), None)] * tried
    found_state, fields, best = function_ending(plan, found, why, 0.1)
    error = fields.get("error")
    assert (found_state, best, fields.get("stop_reason")) == (state, None, "cancelled" if why == "cancelled" else None)
    assert sentence in error["detail"] if sentence else error is None
