"""How much memory the job takes in a worker, and whether that and the number of its parameters are allowed."""

from collections.abc import Iterator

from contract.checks.case import Case
from contract.checks.network import NUMBER, network_bytes, network_parameters
from contract.dataset import Dataset
from contract.errors import FieldError
from contract.holding import holds_matrix
from contract.settings import Settings
from engine.arrays import BLOCK_NUMBERS
from engine.boxes import BOXED
from engine.duality_price import held_numbers
from engine.losses import LOSSES
from engine.problems import MOMENTS_LIMIT
from engine.split import held_out_rows

MOST_PARAMETERS = 1_000_000
PROCESS = 192 << 20
"""Bytes of a worker before it has a job, where it has compiled its code itself."""
VECTORS = 6
"""Numbers for each row beside the matrix: target, weight and its share, the split and the order of a pass."""
PER_SCORE = 3
"""Numbers for each row and score: the score, its probability, its derivative."""
RANKED = 8
"""Numbers for each row whose class is predicted: what its metrics count and rank."""
PER_BATCH = 2
"""Numbers for each cell of a batch: its rows, and those with a column of ones."""
BLOCKS = 4
"""Blocks of rows that are there at a time."""
SQUARES = 6
"""Matrices of the size of the moments that are there at a time: moments, a block's, what their eigenvalues take."""
GIB = 1 << 30


def too_large(case: Case, held_out: Dataset | None, parameters: int, memory: float) -> Iterator[FieldError]:
    """More than ``memory`` bytes, as far as they can be foreseen, or more parameters than any model may have.

    ``parameters`` are those of one score, or the inputs of a network.
    """
    count = model_parameters(case, parameters)
    if count > MOST_PARAMETERS:
        place, cure = ("/model/hidden", "units or features") if case.settings.is_network else ("/features", "features")
        detail = f"The model would have {count} parameters and may have {MOST_PARAMETERS}; take fewer {cure}."
        yield FieldError(place, detail, "out_of_range")
    sides = rows_of_sides(case, held_out)
    rows, needed = sum(sides), estimate(case.settings, sides, parameters, classes(case))
    if case.settings.is_network:
        needed += network_bytes(case, rows, parameters)
    if needed > memory:
        cure = "Take fewer features or rows" + (", a full batch" if case.settings.batch_size else "")
        detail = (
            f"{rows} rows of {parameters} matrix columns take about {needed / GIB:.1f} GiB and a worker may use "
            f"{memory / GIB:.1f} GiB. {cure}, or raise THALWEG_WORKER_MEMORY where the workers have more."
        )
        yield FieldError("/features", detail, "too_large_for_worker")


def rows_of_sides(case: Case, held_out: Dataset | None) -> tuple[int, ...]:
    """Rows to train on and rows held out, if any; halves where only the file knows how many are which."""
    validation = case.settings.validation or {}
    if held_out is not None:
        return case.rows, held_out.rows
    if not validation:
        return (case.rows,)
    aside = held_out_rows(case.rows, validation.get("fraction", 0.5))
    return case.rows - aside, aside


def estimate(settings: Settings, sides: tuple[int, ...], columns: int, scores: int) -> int:
    """Bytes of a worker that fits a matrix of so many rows on each side and columns, with so many scores a row."""
    rows = sum(sides)
    matrix = columns * sum(side for side in sides if holds_matrix(settings, side, columns))
    batches = PER_BATCH * min(settings.batch_size or 0, rows) * columns
    vectors = VECTORS + (RANKED + PER_SCORE * scores if settings.predicts_classes else 0)
    before = 0 if settings.is_network else SQUARES * min(rows, columns, MOMENTS_LIMIT) ** 2
    after = held_numbers(sides[0], columns) if scores == 1 and _is_bounded(settings) else 0
    return PROCESS + NUMBER * (matrix + batches + vectors * rows + max(before + BLOCKS * BLOCK_NUMBERS, after))


def _is_bounded(settings: Settings) -> bool:
    """Whether it is said by duality how far the answer is from the best one."""
    return not settings.is_network and not settings.is_formula and LOSSES[settings.loss["name"]] in BOXED


def model_parameters(case: Case, parameters: int) -> int:
    """All parameters of the model: ``parameters`` for each score, or those of a network with so many inputs."""
    return network_parameters(case, parameters) if case.settings.is_network else parameters * classes(case)


def classes(case: Case) -> int:
    """How many sets of coefficients the model has."""
    return case.columns[case.settings.target].levels if case.settings.model["name"] == "softmax" else 1
