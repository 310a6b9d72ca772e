"""What a network of the settings' layers comes to: its parameters, and the memory that it takes beside its rows."""

from typing import Final

from contract.checks.case import Case
from engine.network import Architecture, Network, parameter_count
from engine.network_rows import rows_at_once

NUMBER: Final = 8
"""Bytes of a float64."""
COPIES: Final = 16
"""Arrays of the size of theta: the optimizer's state, gradients, passes, the points that are kept, a step's own."""
PER_UNIT: Final = 3
"""Numbers for each row of a pass and unit: the output, its derivative, one on the way."""


def architecture(case: Case, columns: int) -> Architecture:
    """The network between so many matrix columns and the classes or the number that the target is."""
    settings, model = case.settings, case.settings.model
    outputs = case.columns[settings.target].levels if settings.predicts_classes else 1
    return Architecture(columns, Network(tuple(model["hidden"]), model["activation"], model["dtype"]), outputs)


def network_parameters(case: Case, columns: int) -> int:
    """The weights and biases of the case's network."""
    return parameter_count(architecture(case, columns).sizes)


def network_bytes(case: Case, rows: int, columns: int) -> int:
    """Bytes of the matrix, the parameters and the passes."""
    found = architecture(case, columns)
    at_once = max(rows_at_once(found), case.settings.batch_size or 0)
    matrix = rows * columns // (2 if found.network.dtype == "float32" else 1)
    return NUMBER * (matrix + COPIES * found.dimension + PER_UNIT * at_once * sum(found.sizes))
