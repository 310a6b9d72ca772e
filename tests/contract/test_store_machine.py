"""Any sequence of moves: the indexes, the order of endings and the users of datasets are what the records say."""

from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from contract.dataset import Dataset
from contract.errors import Conflict, NotFound
from contract.job import TERMINAL, new_id
from contract.store import Claim, Entries, Store
from contract.store_keys import (
    DATASETS,
    ENDINGS,
    INDEXES,
    JOB_EXPIRY,
    JOBS,
    LABEL,
    LEASES,
    SWEEP_EXPIRY,
    SWEEP_JOBS,
    SWEEP_OPEN,
    SWEEPS,
    USERS,
)
from contract.store_lists import Selection
from contract.store_replays import NOT_ONCE, Once
from tests.support.records import FIELDS, HINT, VERSION, a_dataset, accept_sweep, expire_lease

LABELS = st.dictionaries(st.sampled_from("ab"), st.sampled_from(["1", "2"]))


class Machine(RuleBasedStateMachine):
    """The store and, beside it, what it should hold: each job's state and labels, and the jobs that ended, in order."""

    store: Store
    job, held, sweep = Bundle("job"), Bundle("held"), Bundle("sweep")

    @initialize()
    def empty(self) -> None:
        self.store.client.flushall()
        self.states: dict[str, str] = {}
        self.labels: dict[str, set[str]] = {}
        self.datasets: dict[str, Dataset] = {}
        self.uses: dict[str, set[str]] = {}
        self.leases_lost: dict[str, int] = {}
        self.asked_to_stop: set[str] = set()
        self.current: dict[str, Claim] = {}
        self.ended: list[str] = []
        self.sweep_of: dict[str, str] = {}
        self.stopped_sweeps: set[str] = set()

    def _end(self, job: str, state: str) -> None:
        self.states[job] = state
        self.ended.append(job)
        self.asked_to_stop.discard(job)
        self.current.pop(job, None)

    @rule(target=job, labels=LABELS, second=st.booleans(), key=st.sampled_from(["", "", "k1", "k2"]))
    def accept(self, labels: dict[str, str], second: bool, key: str) -> str:
        job, dataset = new_id("job"), a_dataset()
        others = list(self.datasets)[:1] if second else []
        once = Once("jobs", key, "same", job) if key else NOT_ONCE
        if key and (made := self.store.replays.begin(once)):
            return made
        fields = FIELDS | {"labels": labels}
        self.store.accept(job, dataset, fields, HINT(job), new_dataset=True, uses=others, once=once)
        self.datasets[dataset.id] = dataset
        self.states[job], self.leases_lost[job] = "queued", 0
        self.labels[job] = {f"{name}:{value}" for name, value in labels.items()}
        self.uses[job] = {dataset.id, *others}
        return job

    @rule(target=sweep, size=st.integers(1, 3), labels=LABELS)
    def accept_a_sweep(self, size: int, labels: dict[str, str]) -> str:
        found = accept_sweep(self.store, size, labels=labels)
        sweep, dataset = found.record.id, self.store.job(found.jobs[0].id).dataset
        self.datasets[dataset] = self.store.datasets.get(dataset)
        for job in (row.id for row in found.jobs):
            self.states[job], self.leases_lost[job], self.sweep_of[job] = "queued", 0, sweep
            self.labels[job] = {f"{name}:{value}" for name, value in labels.items()}
            self.uses[job] = {dataset}
        return sweep

    def _jobs_of(self, sweep: str) -> list[str]:
        return [job for job, other in self.sweep_of.items() if other == sweep and self.states[job] != "none"]

    @rule(target=job, sweep=sweep)
    def a_job_of(self, sweep: str) -> Any:
        return multiple(*self._jobs_of(sweep))

    @rule(sweep=sweep)
    def cancel_a_sweep(self, sweep: str) -> None:
        jobs = self._jobs_of(sweep)
        live = [job for job in jobs if self.states[job] not in TERMINAL]
        try:
            self.store.sweeps.cancel(sweep)
            assert live or "cancelled" in {self.states[job] for job in jobs}
        except Conflict:
            assert jobs
            assert not live
        except NotFound:
            assert not jobs
        self.stopped_sweeps |= {sweep} if live else set()
        for job in live:
            if self.states[job] == "queued":
                self._end(job, "cancelled")
            else:
                self.asked_to_stop.add(job)

    @rule(sweep=sweep)
    def delete_a_sweep(self, sweep: str) -> None:
        jobs = self._jobs_of(sweep)
        try:
            self.store.sweeps.delete(sweep)
            assert all(self.states[job] in TERMINAL for job in jobs)
            for job in jobs:
                self._forget(job)
        except Conflict:
            assert any(self.states[job] not in TERMINAL for job in jobs)
        except NotFound:
            assert not jobs

    @rule(target=held, job=job, worker=st.sampled_from(["host:1", "host:2"]))
    def claim(self, job: str, worker: str) -> Claim | None:
        before = self.current.get(job)
        found = self.store.claim(job, worker, VERSION)
        if found is not None:
            assert self.states[job] == "queued" or before is not None
            assert found.fence > (before.fence if before else 0)
            self.states[job], self.current[job] = "running", found
        return found

    def _holds(self, held: Claim | None) -> bool:
        return held is not None and self.current.get(held.job) == held

    @rule(held=held)
    def report(self, held: Claim | None) -> None:
        if held is not None:
            answer = self.store.report(held, Entries(0, b"x" * 48), {"progress": {"cost": 1}})
            good = "cancel" if held.job in self.asked_to_stop else "go_on"
            assert answer == (good if self._holds(held) else "stale")

    @rule(held=held, state=st.sampled_from(sorted(TERMINAL)))
    def finish(self, held: Claim | None, state: str) -> None:
        if held is not None and self._holds(held):
            assert self.store.finish(held, state, Entries(), {})
            self._end(held.job, state)
        elif held is not None and self.states[held.job] != state:
            assert not self.store.finish(held, state, Entries(), {})

    @rule(held=held)
    def release(self, held: Claim | None) -> None:
        if held is None:
            return
        assert self.store.release(held) == self._holds(held)
        if self._holds(held):
            self._give_back(held.job)

    def _give_back(self, job: str) -> None:
        del self.current[job]
        if job in self.asked_to_stop:
            self._end(job, "cancelled")
        else:
            self.states[job] = "queued"

    @rule(job=job)
    def cancel(self, job: str) -> None:
        state = self.states[job]
        try:
            self.store.cancel(job)
        except Conflict:
            assert state in ("succeeded", "failed")
        except NotFound:
            assert state == "none"
        if state == "queued":
            self._end(job, "cancelled")
        elif state == "running":
            self.asked_to_stop.add(job)

    @precondition(lambda self: self.current)
    @rule()
    def lose_a_lease(self) -> None:
        job = next(iter(self.current))
        expire_lease(self.store, job)
        assert self.store.upkeep.reconcile().rescued == [job]
        self.leases_lost[job] += 1
        if self.leases_lost[job] == 3 and job not in self.asked_to_stop:
            self._end(job, "failed")
        else:
            self._give_back(job)

    @rule(job=job)
    def delete(self, job: str) -> None:
        try:
            self.store.delete(job)
            assert self.states[job] in TERMINAL
            self._forget(job)
        except Conflict:
            assert self.states[job] in ("queued", "running") or job in self.sweep_of
        except NotFound:
            assert self.states[job] == "none"

    def _forget(self, job: str) -> None:
        self.states[job] = "none"
        self.ended.remove(job)

    @rule(label=st.sampled_from(["a:1", "b:2"]))
    def delete_by_label(self, label: str) -> None:
        gone = [job for job in self.ended if label in self.labels[job] and job not in self.sweep_of]
        assert self.store.lists.delete(Selection(labels=[label])) == len(gone)
        for job in gone:
            self._forget(job)

    @precondition(lambda self: self.datasets)
    @rule()
    def delete_a_dataset(self) -> None:
        dataset = next(iter(self.datasets))
        used = any(dataset in self.uses[job] for job, state in self.states.items() if state in ("queued", "running"))
        try:
            self.store.datasets.delete(dataset)
            assert not used
            del self.datasets[dataset]
        except Conflict:
            assert used

    @invariant()
    def indexes_say_what_records_say(self) -> None:
        client, alive = self.store.client, {job for job, state in self.states.items() if state != "none"}

        def members(key: str) -> list[str]:
            return [member.decode() for member in client.zrange(key, 0, -1)]

        accepted = [job for job in self.states if job in alive]
        assert members(JOBS) == [job for job in accepted if job not in self.sweep_of]
        for state, index in INDEXES.items():
            assert members(index) == [job for job in accepted if self.states[job] == state]
        for label in ("a:1", "a:2", "b:1", "b:2"):
            assert members(LABEL + label) == [job for job in accepted if label in self.labels[job]]
        assert members(ENDINGS) == self.ended
        assert set(members(LEASES)) == set(self.current)
        assert members(DATASETS) == list(self.datasets)
        for dataset in self.datasets:
            live = {j for j in alive if self.states[j] not in TERMINAL and dataset in self.uses[j]}
            assert {member.decode() for member in client.smembers(USERS + dataset)} == live

    @invariant()
    def sweeps_are_what_their_jobs_are(self) -> None:
        client, there = self.store.client, {self.sweep_of[j] for j in self.sweep_of if self.states[j] != "none"}
        assert {key.decode() for key in client.zrange(SWEEPS, 0, -1)} == there
        ended = {job.encode() for job in self.ended if job not in self.sweep_of}
        assert set(client.zrange(JOB_EXPIRY, 0, -1)) == ended
        for sweep in there:
            jobs, record = self._jobs_of(sweep), self.store.sweeps.get(sweep).record
            live = {job.encode() for job in jobs if self.states[job] not in TERMINAL}
            assert [job.encode() for job in jobs] == client.zrange(SWEEP_JOBS + sweep, 0, -1)
            assert live == client.smembers(SWEEP_OPEN + sweep)
            assert (client.zscore(SWEEP_EXPIRY, sweep) is not None) == record.is_terminal == (not live)
            assert record.finished == len(jobs) - len(live)
            states = {self.states[job] for job in jobs}
            stopped = "cancelled" in states and (sweep in self.stopped_sweeps or states == {"cancelled"})
            if not live:
                assert record.state == ("cancelled" if stopped else max(states & {"succeeded", "failed"}))
            else:
                assert record.state == "running" or states == {"queued"}

    @invariant()
    def records_have_their_states(self) -> None:
        for job, state in self.states.items():
            assert (state == "none") == (not self.store.client.exists(f"thalweg:job:{job}"))
            if state != "none":
                assert self.store.job(job).state == state


@pytest.fixture
def machine(store: Store, monkeypatch: pytest.MonkeyPatch) -> type[Machine]:
    monkeypatch.setattr("contract.store_upkeep.UPTIME_MARGIN", -30.0)
    monkeypatch.setattr(Machine, "store", store, raising=False)
    return Machine


def test_any_sequence_of_moves(machine: type[Machine]) -> None:
    examples = settings.default.max_examples // 5
    chosen = settings(max_examples=examples, stateful_step_count=40, deadline=None, derandomize=True)
    run_state_machine_as_test(machine, settings=chosen)
