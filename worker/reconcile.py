"""Reconciling: every few seconds one worker takes back what dead workers hold, replaces lost hints, and tidies up."""

from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread

import structlog

from contract import checkpoint_file
from contract.config import Config
from contract.dataset_file import old_datasets, remove, tidy_dead
from contract.errors import Unavailable
from contract.hint import Hint, hint_maker
from contract.redis_client import connect
from contract.store import Store

TIDY_INTERVAL = 3600.0

log = structlog.get_logger()


class Reconciler:
    """A thread in a worker's main process. All workers have one; a lock in Redis lets one of them work at a time."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._hint = hint_maker()
        self._stopped = Event()

    def start(self) -> None:
        """Start the thread; the Redis client is made here, after the fork of a detached worker."""
        client = connect(self._config.redis_url, connections=2)
        store = Store.of(self._config, client)
        Thread(target=self._run, args=(store,), name="reconciler", daemon=True).start()

    def stop(self) -> None:
        """End after the round that is under way."""
        self._stopped.set()

    def _run(self, store: Store) -> None:
        while not self._stopped.wait(self._config.reconcile_interval):
            # First, and by every worker: a Redis that is full takes no other write until something has expired.
            self._try(lambda: expire(store, self._config.datasets_dir))
            self._try(lambda: delete_checkpoints(store, self._config.checkpoints_dir))
            self._try(lambda: self._reconcile_in_turn(store))

    def _reconcile_in_turn(self, store: Store) -> None:
        if store.upkeep.take_turn("reconcile", self._config.reconcile_interval):
            reconcile(store, self._hint)
        if store.upkeep.take_turn("tidy", TIDY_INTERVAL):
            tidy_datasets(store, self._config.datasets_dir, self._config.retention)
            tidy_checkpoints(store, self._config.checkpoints_dir, self._config.retention)

    def _try(self, step: Callable[[], None]) -> None:
        try:
            step()
        except Unavailable:
            log.warning("reconcile_waits_for_redis")
        except Exception:
            # The thread is the safety net of every job: whatever a round meets, the next one is tried.
            log.exception("reconcile_failed")


def reconcile(store: Store, hint: Hint) -> None:
    """One round: move jobs whose lease ran out, then make a hint for each queued job that lacks one."""
    rescued, unhinted = store.upkeep.reconcile()
    for job_id in rescued:
        log.warning("lease_ran_out", job_id=job_id)
    store.upkeep.push_hints([hint(job_id) for job_id in unhinted])


def expire(store: Store, folder: Path) -> None:
    """Forget jobs and datasets whose time is over, and delete the datasets' files."""
    for dataset in store.upkeep.expire():
        remove(folder, dataset)
        log.info("dataset_expired", dataset=dataset)


def tidy_datasets(store: Store, folder: Path, age: float) -> None:
    """Delete what an API left that died between writing a file and recording it."""
    tidy_dead(folder)
    for dataset in old_datasets(folder, age):
        if not store.datasets.exists(dataset):
            remove(folder, dataset)
            log.info("orphan_deleted", dataset=dataset)


def delete_checkpoints(store: Store, folder: Path) -> None:
    """Delete the files of checkpoints whose jobs are gone."""
    while names := store.upkeep.dead_checkpoints():
        for name in names:
            checkpoint_file.remove(folder, name)


def tidy_checkpoints(store: Store, folder: Path, age: float) -> None:
    """Delete the files of checkpoints that no job tells of: their worker or API died before it could record them."""
    for job_id, name in checkpoint_file.old_checkpoints(folder, age):
        if not store.upkeep.has_checkpoint(job_id, name):
            checkpoint_file.remove(folder, name)
            log.info("orphan_deleted", checkpoint=name)
