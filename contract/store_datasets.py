"""The records of datasets: what was in each CSV, and how long it is kept. The cells are files (``dataset_file.py``)."""

from collections.abc import Mapping
from typing import cast

import orjson

from contract.dataset import Dataset, from_json
from contract.errors import NotFound
from contract.job import rfc3339
from contract.redis_client import translated
from contract.store_keys import DATASET
from contract.store_moves import Moves, pairs

NO_DATASET = "There is no dataset {!r:.100}; it may have expired. Upload the file again."


class Datasets:
    """Reads and moves of dataset records."""

    def __init__(self, moves: Moves, retention: float) -> None:
        self._move = moves
        self._retention = retention

    def add(self, dataset: Dataset) -> Dataset:
        """Record an uploaded dataset; answers it with the times that Redis gave it."""
        fields = self._move("add_dataset", dataset.id, dump_dataset(dataset), self._retention)
        return _decode(pairs(fields))

    def get(self, dataset_id: str) -> Dataset:
        """One dataset; raises ``NotFound``."""
        with translated():
            fields = self._move.client.hgetall(DATASET + dataset_id)
        if not fields:
            raise NotFound(NO_DATASET.format(dataset_id))
        return _decode(cast("dict[bytes, bytes]", fields))

    def exists(self, dataset_id: str) -> bool:
        """Whether there is such a dataset."""
        with translated():
            return bool(self._move.client.exists(DATASET + dataset_id))


def dump_dataset(dataset: Dataset) -> bytes:
    """A dataset as its record holds it."""
    return orjson.dumps(dataset.to_json())


def _decode(fields: Mapping[bytes, bytes]) -> Dataset:
    dataset = from_json(orjson.loads(fields[b"document"]))
    created, expires = (rfc3339(float(fields[name])) for name in (b"created_at", b"expires_at"))
    return dataset._replace(created_at=created, expires_at=expires)
