"""Dataset files for tests, written without a CSV."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from contract.dataset_file import DatasetWriter, path_of
from contract.job import new_id


def write_dataset(folder: Path, columns: Mapping[str, Sequence[float] | Sequence[str]]) -> str:
    """A dataset file with these columns, texts as categories; answers its id."""
    dataset_id = new_id("ds")
    types = {name: "category" if isinstance(cells[0], str) else "number" for name, cells in columns.items()}
    levels = {name: list(dict.fromkeys(cells)) for name, cells in columns.items() if types[name] == "category"}
    with DatasetWriter(path_of(folder, dataset_id), types) as writer:  # type: ignore[arg-type] # two literals
        writer.write(
            [
                np.array([levels[name].index(cell) for cell in cells], np.int32)
                if name in levels
                else np.array(cells, np.float64)
                for name, cells in columns.items()
            ]
        )
        writer.finish(levels)  # type: ignore[arg-type] # texts only
    return dataset_id
