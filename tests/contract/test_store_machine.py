"""Any sequence of moves: the indexes, the order of endings and the users of datasets are what the records say."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from contract.dataset import Dataset
from contract.errors import Conflict, NotFound
from contract.job import TERMINAL, new_id
from contract.store import Claim, Entries, Store
from contract.store_keys import DATASETS, ENDINGS, INDEXES, JOBS, LABEL, LEASES, USERS
from contract.store_lists import Selection
from contract.store_replays import NOT_ONCE, Once
from tests.support.records import FIELDS, HINT, VERSION, a_dataset, expire_lease

LABELS = st.dictionaries(st.sampled_from("ab"), st.sampled_from(["1", "2"]))


class Machine(RuleBasedStateMachine):
    """The store and, beside it, what it should hold: each job's state and labels, and the jobs that ended, in order."""

    store: Store
    job, held = Bundle("job"), Bundle("held")

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
            assert self.states[job] in ("queued", "running")
        except NotFound:
            assert self.states[job] == "none"

    def _forget(self, job: str) -> None:
        self.states[job] = "none"
        self.ended.remove(job)

    @rule(label=st.sampled_from(["a:1", "b:2"]))
    def delete_by_label(self, label: str) -> None:
        gone = [job for job in self.ended if label in self.labels[job]]
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
        assert members(JOBS) == accepted
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
    chosen = settings(max_examples=25, stateful_step_count=40, deadline=None, derandomize=True)
    run_state_machine_as_test(machine, settings=chosen)
