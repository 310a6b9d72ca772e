"""What a worker does with records that cannot be run: one attempt, a word about it, and on to the next job."""

import base64
import json
import resource
from collections.abc import Iterator
from typing import Any

import numpy as np
import psutil
import pytest

from contract.hint import RUN_JOB
from contract.settings import load_settings
from contract.store_keys import QUEUE
from tests.support.jobs import ended, line_csv, post, submit
from tests.support.processes import Stack, eventually, stack
from tests.support.records import HINT, accept

MIB = 1 << 20


@pytest.fixture(scope="module")
def workshop() -> Iterator[Stack]:
    with stack(workers=1) as running:
        yield running


def pool_process(workshop: Stack) -> int:
    (worker,) = workshop.store.workshop.workers()
    return int(worker["pid"])


GOOD = load_settings({"target": "y", "dataset": "ds_x", "features": ["x"]}).to_json()
RECORDS: dict[str, tuple[Any, str]] = {
    "missing-file": (GOOD, "input_corrupt"),
    "missing-setting": ({"name": "x"}, "input_corrupt"),
    "unknown-setting": (GOOD | {"colour": "red"}, "input_corrupt"),
    "wrong-type": (GOOD | {"history": 3}, "internal"),
    "no-object": ([], "input_corrupt"),
}


@pytest.mark.parametrize("record", RECORDS)
def test_a_record_that_cannot_be_run_fails_once(workshop: Stack, record: str) -> None:
    """It is not tried until its leases are used up, and the process that met it runs the next job."""
    before, (settings, code) = pool_process(workshop), RECORDS[record]
    job = accept(workshop.store, settings=settings)
    # From the store, since the API shows what is in a record, and in this one it is nothing that openapi.yaml knows.
    ending = eventually(lambda: (found := workshop.store.job(job)).is_terminal and found, what="the job's end")
    assert (ending.state, json.loads(ending.error)["code"], ending.attempt) == ("failed", code, 1)
    assert submit(workshop.base, {}, wait=20)["state"] == "succeeded"
    assert pool_process(workshop) == before


def test_hints_for_other_jobs_are_old_news(workshop: Stack) -> None:
    """For a job that is unknown, ended or cancelled nothing is done."""
    done = submit(workshop.base, {}, wait=20)
    cancelled = accept(workshop.store, hint=HINT("job_other"))
    workshop.store.cancel(cancelled)
    for job in (done["id"], cancelled, "job_unknown"):
        workshop.store.upkeep.push_hints([HINT(job)])
    eventually(lambda: workshop.store.client.llen(QUEUE) == 0, what="an empty queue")
    assert submit(workshop.base, {}, wait=20)["state"] == "succeeded"
    again = ended(workshop.base, done["id"])
    assert (again["finished_at"], again["attempt"]) == (done["finished_at"], 1)
    assert workshop.store.job(cancelled).state == "cancelled"


def message(body: bytes = b'[["job_x"], {}, {}]', kind: str = "application/json", task: str = RUN_JOB) -> bytes:
    """A Celery message as it stands in the broker's list."""
    packed = {
        "body": base64.b64encode(body).decode(),
        "content-encoding": "utf-8",
        "content-type": kind,
        "headers": {"lang": "py", "task": task, "id": "x"},
        "properties": {
            "correlation_id": "x",
            "delivery_mode": 2,
            "priority": 0,
            "body_encoding": "base64",
            "delivery_info": {"exchange": "", "routing_key": QUEUE},
            "delivery_tag": "x",
        },
    }
    return json.dumps(packed).encode()


MESSAGES = {
    "pickle": message(b"cposix\nsystem\n(S'true'\ntR.", "application/x-python-serialize"),
    "unknown-task": message(task="thalweg.other"),
    "no-argument": message(b"[[], {}, {}]"),
    "no-text": message(b'[[{"a": 1}], {}, {}]'),
    "half-a-body": message(b"[["),
    "no-body": b"{}",
    "empty-headers": b'{"body": "!", "headers": {}, "properties": {}}',
}


@pytest.mark.parametrize("broken", MESSAGES)
def test_a_broken_message_is_dropped(workshop: Stack, broken: str) -> None:
    """Whoever can write to the broker's list can neither run code nor stop the worker with these."""
    before = pool_process(workshop)
    workshop.store.client.lpush(QUEUE, MESSAGES[broken])
    eventually(lambda: workshop.store.client.llen(QUEUE) == 0, what="an empty queue")
    assert submit(workshop.base, {}, wait=20)["state"] == "succeeded"
    assert pool_process(workshop) == before


def wide_csv(columns: int, levels: int, rows: int) -> str:
    """Few rows, but so many categories that their matrix is a hundred times as large as the CSV."""
    random = np.random.default_rng(0)
    cells = random.integers(0, levels, (rows, columns))
    cells[:levels] = np.arange(levels)[:, None]
    lines = [",".join(f"l{cell}" for cell in row) + f",{k % 7}" for k, row in enumerate(cells.tolist())]
    return ",".join(f"c{k}" for k in range(columns)) + ",y\n" + "\n".join(lines) + "\n"


def test_too_little_memory_fails_the_job_and_not_the_worker(workshop: Stack) -> None:
    """The process may grow by 128 MiB, and the job's matrix would take 235 MB."""
    process = pool_process(workshop)
    most = psutil.Process(process).memory_info().vms + 128 * MIB
    resource.prlimit(process, resource.RLIMIT_AS, (most, most))
    answer = post(workshop.base, {"target": "y"}, wide_csv(100, 50, 6000), wait=30)
    assert answer.status_code == 202, answer.text
    ending = ended(workshop.base, answer.json()["id"], limit=30)
    assert (ending["state"], ending["error"]["code"]) == ("failed", "out_of_memory")
    assert post(workshop.base, {"target": "y"}, line_csv(), wait=20).json()["state"] == "succeeded"
    assert pool_process(workshop) == process
