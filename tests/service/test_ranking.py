"""The ranking of a sweep's jobs, of records as they are in Redis."""

import orjson
import pytest

from contract.job import decode_job, result_fields
from contract.sweep import Sweep, decode_sweep
from service.ranking import by_rank, ranking

HEAD = {"state": "running", "name": "null", "labels": "{}", "created_at": "0", "total": "4", "target_cost": "null"}


def of(**fields: str) -> dict[bytes, bytes]:
    return {name.encode(): value.encode() for name, value in fields.items()}


def a_sweep(jobs: dict[str, tuple[str, float | None, float | None]]) -> Sweep:
    """Of jobs by name: how each ended, its cost, its validation cost."""
    records = []
    for name, (state, cost, held_out) in jobs.items():
        costs = orjson.dumps(result_fields({"cost": cost, "validation_cost": held_out})["costs"]).decode()
        record = of(id=name, state=state, created_at="0", name="null", labels="{}", costs=costs)
        records.append(decode_job(record, None))
    return Sweep(decode_sweep(of(id="sweep", **HEAD), 1), records, None)


DONE, FAILED = "succeeded", "failed"


@pytest.mark.parametrize(
    ("jobs", "expected"),
    [
        ({"a": (DONE, 3.0, None), "b": (DONE, 1.0, None), "c": (DONE, 2.0, None)}, "bca"),
        ({"a": (DONE, 1.0, 9.0), "b": (DONE, 2.0, 7.0), "c": (DONE, 3.0, 8.0)}, "bca"),
        ({"a": (DONE, 0.1, None), "b": (DONE, 2.0, 7.0), "c": (FAILED, 3.0, 1.0)}, "bac"),
        ({"a": (DONE, None, None), "b": (DONE, 2.0, None), "c": (DONE, 1.0, None)}, "cba"),
    ],
    ids=["cost", "validation cost", "a validation cost that is not known", "a cost that is not known"],
)
def test_all_are_ranked_by_the_same_cost(
    jobs: dict[str, tuple[str, float | None, float | None]], expected: str
) -> None:
    """That of the held-out rows where any job has one. What is not known is last, before what failed."""
    found = ranking(a_sweep(jobs), lambda _: pytest.fail("no history is read before all have ended"))["ranking"]
    assert "".join(row["job"] for row in found) == expected


def test_what_has_not_ended_stands_behind_what_has() -> None:
    """In the order of a picture's curves: those that have ended are ranked, the others as they were given."""
    jobs = {"a": ("running", None, None), "b": (FAILED, 1.0, None), "c": (DONE, 3.0, None), "d": ("queued", None, None)}
    assert [job.id for job in by_rank(a_sweep(jobs).jobs)] == ["c", "b", "a", "d"]
