"""What a formula job needs beside the others: which names are parameters, its columns as they are, its rows."""

import numpy as np

from contract.settings import Settings
from engine.arrays import Rows
from engine.encoding import Feature
from engine.expressions import parse
from engine.formula import Formula, formula_of
from engine.formula_rows import FormulaRows
from engine.preparation import Preparation
from engine.rows import RowsCost


def formula_for(settings: Settings) -> Formula:
    """The formula of checked settings."""
    initial = settings.initial if isinstance(settings.initial, dict) else {}
    expression, columns = parse(settings.model["expression"]), settings.features or []
    return formula_of(expression, columns, initial, scaled=settings.scaling != "none")


def as_they_are(preparation: Preparation) -> Preparation:
    """The same columns in original units, with what fills their missing cells, constant ones too."""
    features = tuple(Feature(one.name, (one.name,), None, one.fill) for one in preparation.features)
    names = tuple(one.name for one in features)
    return Preparation(features, names, False, np.zeros(len(names)), np.ones(len(names)), ())


def formula_rows(rows: RowsCost, formula: Formula, places: Rows) -> FormulaRows:
    """The rows as the formula takes them; `places` are theirs in the table."""
    return FormulaRows(rows.X, rows.y, formula, rows.loss, rows.weights, rows.unit, places)
