"""Records for tests of the store: a dataset, jobs in each state, and what Redis holds of them."""

import hashlib
from typing import Any

from contract.dataset import ColumnSummary, Dataset, Dialect
from contract.hint import hint_maker
from contract.job import new_id
from contract.store import Claim, Entries, Store
from contract.store_keys import HISTORY, JOB, LEASES
from contract.store_sweeps import NewJob
from contract.sweep import Sweep

WORKER, VERSION = "host:1", "0.1.0"
FIRST_PROGRESS = b'{"iteration":0,"cost":null}'
HINT = hint_maker()
FIELDS = {"name": b"null", "labels": {}, "settings": {"target": "y"}, "warnings": [], "progress": FIRST_PROGRESS}


def a_dataset() -> Dataset:
    columns = (ColumnSummary("x", "number", 0, 0.0, 1.0, 0.5, 0.1), ColumnSummary("y", "number", 0, 0.0, 1.0, 0.5, 0.1))
    return Dataset(new_id("ds"), "a.csv", 10, 100, "0" * 64, Dialect(), columns)


def accept(store: Store, hint: bytes | None = None, **fields: Any) -> str:
    """A queued job, with a hint for it unless another one is given."""
    job_id = new_id("job")
    store.accept(job_id, a_dataset(), {**FIELDS, **fields}, hint or HINT(job_id), new_dataset=True)
    return job_id


def accept_sweep(store: Store, size: int = 3, **fields: Any) -> Sweep:
    """A queued sweep of so many jobs on a dataset of its own."""
    jobs = [
        NewJob(job_id, HINT(job_id), {**FIELDS, "varied": {"max_iterations": number + 1}, **fields})
        for number, job_id in enumerate(new_id("job") for _ in range(size))
    ]
    head = {"name": b"null", "labels": {}, "target_cost": b"null"}
    return store.sweeps.accept(new_id("sweep"), head, a_dataset(), jobs, new_dataset=True)


def claim(store: Store, job_id: str, worker: str = WORKER) -> Claim:
    claimed = store.claim(job_id, worker, VERSION)
    assert claimed is not None
    return claimed


def expire_lease(store: Store, job_id: str) -> None:
    """Make the lease run out now, without waiting for it."""
    store.client.zadd(LEASES, {job_id: 0})


def job_in(store: Store, state: str, **fields: Any) -> tuple[str, Claim | None]:
    """A job in the given state, and the claim that the last worker had of it."""
    job_id = accept(store, **fields)
    if state == "queued":
        return job_id, None
    if state == "cancelled":
        store.cancel(job_id)
        return job_id, None
    claimed = claim(store, job_id)
    if state != "running":
        assert store.finish(claimed, state, Entries(), {"result": {"cost": 1}})
    return job_id, claimed


def digest(store: Store, job_id: str) -> str:
    """A fingerprint of everything that Redis holds of a job."""
    record = sorted(store.client.hgetall(JOB + job_id).items())
    return hashlib.sha256(repr((record, store.client.get(HISTORY + job_id))).encode()).hexdigest()
