"""The records of datasets: what was in each CSV, and how long it is kept. The cells are files (``dataset_file.py``)."""

from collections.abc import Mapping
from typing import NamedTuple, cast

import orjson

from contract.dataset import Dataset, from_json
from contract.errors import Conflict, NotFound
from contract.job import rfc3339
from contract.redis_client import translated
from contract.store_keys import DATASET, DATASETS
from contract.store_moves import Moves, newest_ids, pairs
from contract.store_replays import NOT_ONCE, Once, refuse

NO_DATASET = "There is no dataset {!r:.100}; it may have expired. Upload the file again."
HEAD = ("id", "name", "rows", "bytes", "sha256", "dialect")


def no_dataset(dataset_id: str) -> NotFound:
    """That there is no such dataset."""
    return NotFound(NO_DATASET.format(dataset_id), "dataset", dataset_id)


class DatasetRow(NamedTuple):
    """A dataset as a row of a list: ``head`` is JSON, without the columns; times are Unix seconds."""

    head: bytes
    created_at: float
    expires_at: float


class Datasets:
    """Reads and moves of dataset records."""

    def __init__(self, moves: Moves, retention: float) -> None:
        self._move = moves
        self._client = moves.client
        self._retention = retention

    def add(self, dataset: Dataset, once: Once = NOT_ONCE) -> Dataset:
        """Record an uploaded dataset; answers it with the times that Redis gave it. Raises as ``refuse`` does."""
        fields = self._move("add_dataset", dataset.id, *dump_dataset(dataset), self._retention, *once.binding())
        refuse(fields)
        return _decode(pairs(fields))

    def get(self, dataset_id: str) -> Dataset:
        """One dataset; raises ``NotFound``."""
        with translated():
            fields = self._client.hgetall(DATASET + dataset_id)
        if not fields:
            raise no_dataset(dataset_id)
        return _decode(cast("dict[bytes, bytes]", fields))

    def exists(self, dataset_id: str) -> bool:
        """Whether there is such a dataset."""
        with translated():
            return bool(self._client.exists(DATASET + dataset_id))

    def newest(self, limit: int, before: int | None = None) -> tuple[list[DatasetRow], int | None]:
        """Rows, newest first, and where the next page begins, for ``before`` of the next call."""
        with translated():
            ids, following = newest_ids(self._client, DATASETS, limit, before)
            pipe = self._client.pipeline(transaction=False)
            for dataset_id in ids:
                pipe.hmget(DATASET + dataset_id, DatasetRow._fields)
            rows = [DatasetRow(head, float(at), float(end)) for head, at, end in pipe.execute() if head is not None]
        return rows, following

    def delete(self, dataset_id: str) -> None:
        """Forget a dataset, whose file may go then. Raises ``NotFound``, ``Conflict`` while a live job uses it."""
        answer = self._move("delete_dataset", dataset_id)
        if answer == b"no_dataset":
            raise no_dataset(dataset_id)
        if answer == b"in_use":
            raise Conflict("A queued or running job uses this dataset; cancel the job or wait for its end.")


def refuse_lacking(answer: object) -> None:
    """Raise ``NotFound`` where a move found that a dataset is not there."""
    if isinstance(answer, list) and answer[0] == b"no_dataset":
        raise no_dataset(answer[1].decode())


def dump_dataset(dataset: Dataset) -> tuple[bytes, bytes]:
    """A dataset as its record holds it: what lists show, and the rest."""
    document = dataset.to_json()
    head = {name: document.pop(name) for name in HEAD}
    return orjson.dumps(head), orjson.dumps(document)


def _decode(fields: Mapping[bytes, bytes]) -> Dataset:
    dataset = from_json(orjson.loads(fields[b"head"]) | orjson.loads(fields[b"body"]))
    created, expires = (rfc3339(float(fields[name])) for name in (b"created_at", b"expires_at"))
    return dataset._replace(created_at=created, expires_at=expires)
