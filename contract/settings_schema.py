"""The document of a data job's settings: which fields there are and what each may be.

Parts that come in kinds stand in ``contract/choices.py``.
"""

from typing import Final

from marshmallow import fields

from contract import choices
from contract.choices import MOST_NAMES, Strict
from contract.fields import Flag, Integer, LabelName, Number, Text
from contract.shapes import ByName, Few

LABELS: Final = 16
MOST_ITERATIONS: Final = 10_000_000


class _ToleranceSchema(Strict):
    cost = Number(least=0)
    gradient = Number(least=0, load_default=0.0)
    parameters = Number(least=0, load_default=0.0)


class _EarlyStoppingSchema(Strict):
    patience = Integer(least=1, most=MOST_ITERATIONS, load_default=5)
    min_delta = Number(least=0, load_default=0.0)


class RecordingSchema(Strict):
    """Which iterations are recorded, and whether with the parameters."""

    every = Integer(least=1, most=MOST_ITERATIONS, load_default=1)
    parameters = Flag(load_default=False)


class SettingsSchema(Strict):
    """A data job's settings document (``api.md``)."""

    name = Text(load_default=None, allow_none=True)
    labels = ByName(Text(), names=LabelName(), most=LABELS, load_default=dict)
    dataset = Text(load_default=None, allow_none=True)
    target = Text(required=True)
    features = Few(Text(), most=MOST_NAMES, load_default=None, allow_none=True)
    exclude = Few(Text(), most=MOST_NAMES, load_default=list)  # type: ignore[assignment] # Schema has an attribute of that name
    weight_column = Text(load_default=None, allow_none=True)
    model = choices.model()
    loss = choices.loss()
    penalty = choices.penalty()
    optimizer = choices.optimizer()
    learning_rate = choices.learning_rate()
    batch_size = Integer(least=1, load_default=None, allow_none=True)
    sampling = Text(choices=["shuffle", "sequential", "replacement", "subset"], what="sampling", load_default="shuffle")
    steps_per_iteration = Integer(least=1, most=MOST_ITERATIONS, load_default=None, allow_none=True)
    max_iterations = Integer(least=1, most=MOST_ITERATIONS)
    tolerance = fields.Nested(_ToleranceSchema)
    early_stopping = fields.Nested(_EarlyStoppingSchema, load_default=None, allow_none=True)
    validation = choices.validation()
    scaling = choices.scaling()
    intercept = Flag(load_default=True)
    missing = Text(choices=["error", "drop", "mean"], what="way with missing cells", load_default="error")
    initial = ByName(Number(), most=MOST_NAMES, words=("auto", "zeros", "constant", "random"), load_default="auto")
    class_weight = ByName(Number(above=0), most=MOST_NAMES, words=("balanced",), load_default=None, allow_none=True)
    gradient_clip = Number(above=0, load_default=None, allow_none=True)
    averaging = Flag(load_default=False)
    history = fields.Nested(RecordingSchema, load_default=lambda: {"every": 1, "parameters": False})
    seed = Integer(least=0, most=2**64 - 1, load_default=0)
    time_limit = Number(above=0, load_default=3600.0)
