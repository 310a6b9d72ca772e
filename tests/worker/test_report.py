"""Reports: what Redis has of a history is what was computed, whatever was lost or repeated on the way."""

from collections.abc import Iterator
from ctypes import c_byte

import numpy as np
import pytest

from contract.config import read_config
from contract.errors import Unavailable
from contract.recorded import recorded
from contract.redis_client import connect
from contract.settings import load_settings
from contract.store import Claim, Entries, Store
from contract.store_keys import JOB
from engine.descent import Point
from engine.history import COLUMNS, LIMIT, History
from tests.support.records import accept, claim
from worker.report import Reporter
from worker.running import RecordedParameters, Running

SETTINGS = load_settings({"target": "y", "max_iterations": 100_000, "time_limit": 1000})
THETA = np.zeros(1)
ROW = 8 * len(COLUMNS)


def point(iteration: int) -> Point:
    return Point(iteration, THETA, 1e3 / (iteration + 1), 0.1 if iteration else None, 0.5)


def running(held: Claim | None = None, every: int = 1) -> Running:
    settings = SETTINGS._replace(history={"every": every})
    return Running(held or Claim("job_x", 1, 1, b"{}", b"[]"), settings, c_byte(0))


class Kept:
    """The history as Redis keeps it: rows at their offset, offset 0 instead of all."""

    def __init__(self) -> None:
        self.bytes = b""

    def write(self, rows: Entries) -> None:
        assert rows.offset <= len(self.bytes), "a gap"
        if rows.packed:
            self.bytes = self.bytes[: rows.offset] + rows.packed


def expected(last: int, every: int = 1) -> np.ndarray:
    history = History(every)
    for iteration in range(0, last + 1, every):
        history.add(point(iteration), 0.0)
    if last % every:
        history.add(point(last), 0.0)
    return history.rows()


def batches(last: int, seed: int) -> Iterator[range]:
    """Iterations in stretches of changing length, as many as pass between two reports."""
    random, first = np.random.default_rng(seed), 0
    while first <= last:
        end = min(first + int(random.integers(1, 900)), last + 1)
        yield range(first, end)
        first = end


@pytest.mark.parametrize("last", [0, 1, 5, LIMIT - 1, LIMIT, 2 * LIMIT - 3, 25_001, 45_000])
@pytest.mark.parametrize("lost", [0.0, 0.5], ids=["all arrive", "half are lost"])
def test_rows_arrive_once_and_in_order(last: int, lost: float) -> None:
    """Also across the doublings of the stride, and when reports or their answers get lost."""
    job, kept, random = running(), Kept(), np.random.default_rng(last)
    for stretch in batches(last, seed=last):
        for iteration in stretch:
            job.observe(point(iteration))
        report = job.report()
        arrives, answered = random.random(2) >= lost
        if arrives:
            kept.write(report.rows)
        if arrives and answered:
            job.acknowledge(report)
    last_report = job.report(ended=True)
    kept.write(last_report.rows)
    assert kept.bytes == job._recording.history.rows().tobytes()
    found = np.frombuffer(kept.bytes).reshape(-1, len(COLUMNS))
    np.testing.assert_array_equal(found[:, :5], expected(last)[:, :5])
    stride = max(1, 2 ** int(np.ceil(np.log2((last or 1) / (LIMIT - 1)))))
    assert last_report.fields["history"] == {"total": last + 1, "stride": stride}


def test_only_what_is_new_is_sent() -> None:
    """And the last row again, which stays only if it falls on the stride."""
    job = running()
    for iteration in range(100):
        job.observe(point(iteration))
    report = job.report()
    assert (report.rows.offset, len(report.rows.packed), report.extent.rows) == (0, 100 * ROW, 100)
    job.acknowledge(report)
    for iteration in range(100, 103):
        job.observe(point(iteration))
    report = job.report()
    assert (report.rows.offset, len(report.rows.packed), report.extent.rows) == (99 * ROW, 4 * ROW, 103)


def test_rows_arrive_through_redis(store: Store) -> None:
    """The same through the real store: what a client reads at the end is what was computed."""
    held = claim(store, accept(store))
    job = running(held, every=3)
    for number, stretch in enumerate(batches(40_000, seed=1)):
        for iteration in stretch:
            if iteration % 3 == 0:
                job.observe(point(iteration))
        report = job.report()
        job.hear(store.report(held, report.rows, report.fields))
        if number % 4:
            job.acknowledge(report)
    job.observe(point(40_000))
    store.finish(held, "succeeded", job.report(ended=True).rows, {})
    assert store.job_with_history(held.job)[1] == job._recording.history.rows().tobytes()


def test_what_does_not_change_is_sent_until_redis_has_it(store: Store) -> None:
    """It may name 10,000 columns: a report whose answer was lost repeats it, the others leave it as it is."""
    held = claim(store, accept(store))
    job, config = running(held), read_config()
    job.observe(point(0))
    job.tell({"resolved": {"learning_rate": 0.5}})
    away = Store(connect("redis://127.0.0.1:1"), lease=30.0, retention=60.0)
    with pytest.raises(Unavailable):
        Reporter(config, away)._report(job)
    Reporter(config, store)._report(job)
    assert store.job(held.job).resolved == b'{"learning_rate":0.5}'
    store.client.hdel(JOB + held.job, "resolved")
    Reporter(config, store)._report(job)
    assert store.job(held.job).resolved is None


def test_news_during_a_report_go_with_the_next() -> None:
    job = running()
    before = job.report()
    job.tell({"resolved": {}})
    job.acknowledge(before)
    assert job.report().news == {"resolved": {}}


def test_progress_tells_how_much_is_left() -> None:
    job = running()
    assert job.report().fields["progress"] == {
        "iteration": 0,
        "max_iterations": 100_000,
        "fraction": 0.0,
        "cost": None,
        "eta_seconds": None,
    }
    for iteration in range(1001):
        job.observe(point(iteration))
    halfway = job.report().fields["progress"]
    assert (halfway["iteration"], halfway["fraction"], halfway["cost"]) == (1000, 0.01, point(1000).cost)
    assert halfway["eta_seconds"] == pytest.approx(99 * job.seconds(), rel=0.5)
    assert job.report(ended=True).fields["progress"]["eta_seconds"] is None


def test_a_job_goes_on_until_somebody_says_otherwise() -> None:
    assert running().interruption() is None


@pytest.mark.parametrize(("answer", "lost"), [("cancel", False), ("stale", True)])
def test_redis_may_end_a_job(answer: str, lost: bool) -> None:
    job = running()
    job.hear(answer)
    assert (job.interruption(), job.lost) == ("cancelled", lost)


def test_a_worker_that_leaves_gives_its_job_back() -> None:
    leaving = c_byte(0)
    job = Running(Claim("job_x", 1, 1, b"{}", b"[]"), SETTINGS, leaving)
    assert job.interruption() is None
    leaving.value = 1
    assert (job.interruption(), job.cancelled) == ("cancelled", False)


def test_time_is_up_at_the_limit() -> None:
    job = Running(Claim("job_x", 1, 1, b"{}", b"[]"), SETTINGS._replace(time_limit=1e-9), c_byte(0))
    assert job.interruption() == "time_limit"


NAMED = RecordedParameters(("x",), lambda theta: theta.tolist())


def test_a_report_is_of_one_path(store: Store) -> None:
    """Rows of one start never stand beside the number of another, which has none until its first entry."""
    held = claim(store, accept(store))
    job = running(held)

    def found() -> tuple[object, list[float]]:
        report = job.report()
        store.report(held, report.rows, report.fields)
        job.acknowledge(report)
        _, _, _, start, rows = recorded(*store.job_with_history(held.job))
        return start, rows[:, 0].tolist()

    assert found() == (None, [])
    first = job.begin(NAMED, 0, 1)
    for iteration in range(4):
        job.observe(point(iteration))
    assert found() == (0, [0, 1, 2, 3])
    job.begin(NAMED, 1)
    assert found() == (0, [0, 1, 2, 3])
    for iteration in range(2):
        job.observe(point(iteration))
    assert found() == (1, [0, 1])
    job.show(first)
    assert found() == (0, [0, 1, 2, 3])
    last = job.report(ended=True).fields["progress"]
    assert (last["iteration"], last["cost"], last["max_iterations"]) == (4, point(3).cost, 100_003)
