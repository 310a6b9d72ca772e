"""What is shown of a job's settings: the schema that reads them, with every default filled in."""

from typing import Any

from marshmallow import fields

from contract.settings_schema import SettingsSchema
from service.shown import Shown, listed, text, whole

ASKED = SettingsSchema._declared_fields

ABOUT = {
    "name": "A label for people.",
    "labels": "Pairs of texts to find the job by.",
    "dataset": "The id of an uploaded dataset.",
    "target": "The column to predict.",
    "features": "The columns to predict it from; null is all usable others.",
    "exclude": "Columns that are no features.",
    "weight_column": "The column of the rows' weights, at least 0 each.",
    "model": "How rows become predictions.",
    "loss": "What a wrong prediction costs; by default what fits the model.",
    "penalty": "What large coefficients cost, in units of the fit (a formula's: as they are); intercepts cost nothing.",
    "optimizer": "How a gradient becomes a step.",
    "learning_rate": "The length of a step: a number, or a schedule of them.",
    "batch_size": "Rows of a batch; null is all of them, 1 is stochastic descent.",
    "sampling": "How batches are drawn.",
    "steps_per_iteration": "By default as many as there are batches; another number with replacement or subset only.",
    "max_iterations": "One is a pass over the training rows; by default 10000, smaller batches 1000, networks 50.",
    "tolerance": "When changes count as nothing; 0 is off. cost is 1e-9 by default, 1e-4 with smaller batches.",
    "early_stopping": "Stop when the validation cost has not fallen by min_delta for so many iterations.",
    "validation": "Rows that are held out; the best parameters by their cost are the answer then.",
    "scaling": "What is done to the columns before the fit, or a formula's parameters; answers are in original units.",
    "intercept": "Whether the model has one.",
    "missing": "What is done about missing cells.",
    "initial": "Where the descent starts: a word, or every parameter in original units.",
    "class_weight": "How much the rows of each class count in the cost, beside their weights.",
    "gradient_clip": "The largest L2 norm of a step's gradient in the units of the fit; null is no limit.",
    "averaging": "Whether the mean of the parameters after each step is the answer (Polyak and Ruppert).",
    "history": "Record every k-th iteration, and the parameters in original units where parameters is true.",
    "seed": "The same seed repeats a run bit for bit.",
    "time_limit": "Seconds of computing.",
}


class Filled(fields.Field[Any]):
    """A settings field as it is shown: no short names and no defaults left; without ``words`` no "auto" either."""

    def __init__(self, asked: fields.Field[Any], *, words: bool = True, **options: Any) -> None:
        self.asked, self.words = asked, words
        super().__init__(**options)


EffectiveSettingsSchema = Shown.from_dict(
    {name: Filled(asked) for name, asked in ASKED.items()}, name="EffectiveSettingsSchema"
)


class ResolvedSchema(Shown):
    """Every "auto" as a number. Posted as settings it repeats the run bit for bit."""

    optimizer = Filled(ASKED["optimizer"], words=False)
    learning_rate = Filled(ASKED["learning_rate"], words=False)
    batch_size = whole("Rows of a batch; null is all of them.", null=True, minimum=1)
    features = listed(text("A column's name."), "The columns that the model reads.")
    initial = Filled(ASKED["initial"])
