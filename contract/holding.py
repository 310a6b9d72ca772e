"""Whether a job holds its matrix in memory, or makes blocks of it from the dataset's file when it reads its rows."""

from contract.settings import Settings
from engine.arrays import BLOCK_NUMBERS
from engine.losses import Squared
from engine.problems import moments_suffice


def holds_matrix(settings: Settings, rows: int, columns: int) -> bool:
    """Of one side of the split: true where rows are few, or read again and again, not as least squares in full batch.

    A network keeps a matrix of its own, in the type of its passes.
    """
    if settings.is_network:
        return False
    once = settings.model["name"] == "linear" and settings.loss["name"] == "squared" and settings.batch_size is None
    return not (once and moments_suffice(rows, columns, Squared())) or rows * columns <= BLOCK_NUMBERS
