"""Fitted models, ready to predict: those that were asked for lately stay decoded."""

from typing import Any, Final, NamedTuple

import orjson

from contract.dataset import ColumnType
from contract.errors import Conflict
from contract.job import Revision
from contract.model import unpack_model
from contract.predictor import predictor_of
from contract.store import Store
from engine.prediction import Predictor
from service.csv_options import dialect_of
from service.recent import Recent

MOST_BYTES: Final = 64 << 20
"""Of the JSON of the models that one process keeps: as numbers they take a half of it or less."""


class Fitted(NamedTuple):
    """The model of a job: what predicts, and what of the document is asked for beside it.

    work: about how many multiplications a row takes.
    """

    job: str
    predictor: Predictor
    target: str
    weight_column: str | None
    missing: str
    target_type: ColumnType
    missing_values: tuple[str, ...]
    work: int


def usable(store: Store, job_id: str) -> Revision:
    """The revision of a job whose model may be used. Raises ``NotFound``, and ``Conflict`` for a failed job."""
    revision = store.revision(job_id)
    if revision.state == "failed":
        raise Conflict("The job has failed: its best parameters so far are under /model as JSON, and predict nothing.")
    return revision


class FittedModels:
    """The models of one store."""

    def __init__(self, store: Store, most: int = MOST_BYTES) -> None:
        self._store = store
        self._kept = Recent[Fitted](most)

    def of(self, job_id: str) -> Fitted:
        """The model of a job. Raises ``NotFound``, and ``Conflict`` for a job that has none or has failed."""
        key = (job_id, usable(self._store, job_id).number)
        if known := self._kept.get(key):
            return known
        text = unpack_model(self._store.model(job_id))
        return self._kept.keep(key, _decoded(job_id, text), len(text))


def _decoded(job_id: str, text: bytes) -> Fitted:
    document = orjson.loads(text)
    predictor = predictor_of(document)
    return Fitted(
        job_id,
        predictor,
        document["target"],
        document.get("weight_column"),
        document.get("missing", "error"),
        document.get("target_type", "category"),
        tuple(dialect_of(document)["missing_values"]),
        max(predictor.width, _weights(document)),
    )


def _weights(document: dict[str, Any]) -> int:
    if document["model"]["name"] == "network":
        return sum(len(one["weights"]) * len(one["bias"]) for one in document["parameters"]["layers"])
    softmax = document["model"]["name"] == "softmax"
    return len(document["columns"]) * (len(document["parameters"]["classes"]) if softmax else 1)
