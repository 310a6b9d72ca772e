"""Dataset files for tests, written without a CSV."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from contract.dataset_file import DatasetWriter, path_of
from contract.job import new_id


def write_dataset(
    folder: Path, columns: Mapping[str, Sequence[float] | Sequence[str]], rows_a_piece: int = 1 << 30
) -> str:
    """A dataset file with these columns, texts as categories, in pieces of so many rows; answers its id."""
    dataset_id = new_id("ds")
    types = {name: "category" if isinstance(cells[0], str) else "number" for name, cells in columns.items()}
    levels = {name: list(dict.fromkeys(cells)) for name, cells in columns.items() if types[name] == "category"}
    with DatasetWriter(path_of(folder, dataset_id), types) as writer:  # type: ignore[arg-type] # two literals
        numbers = [cells for name, cells in columns.items() if name not in levels]
        codes = [[words.index(cell) for cell in columns[name]] for name, words in levels.items()]
        rows = len(next(iter(columns.values())))
        cells, words_of = np.array(numbers, np.float64).reshape(-1, rows), np.array(codes, np.int32)
        for start in range(0, rows, rows_a_piece):
            some = slice(start, start + rows_a_piece)
            writer.write(cells[:, some], [piece[some] for piece in words_of])
        writer.finish(levels)  # type: ignore[arg-type] # texts only
    return dataset_id
